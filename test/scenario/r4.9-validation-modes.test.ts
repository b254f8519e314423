import { expect, it } from "vitest";
import { order, ordersUrl, strangerKey } from "../trust/estate.js";
import { type Service, type Stage, scenario } from "./stage.js";
import { atBroker, bearing, useToken } from "./validation.js";
import { expectAdmitted, expectRefused } from "./views.js";

const bearerOnly = "https://bearer-only.example";
const modes = ["local", "broker"] as const;

/** A service in one of the modes, with the broker whose tokens it takes. */
async function start(stage: Stage, mode: (typeof modes)[number]) {
  const broker = await stage.mountedBroker();
  const service = await stage.service(mode === "local" ? {} : { validation: { by: atBroker(stage, broker) } });
  return { broker, service };
}

scenario("R4.9 step 5: local information, or the broker", (newStage) => {
  it.each(modes)("accepts a living token of the broker: %s", async (mode) => {
    const stage = newStage();
    const { broker, service } = await start(stage, mode);
    for (const keyType of ["bearer", "public-key"] as const) {
      const { client, wire } = stage.requestor(broker, { keyType });
      await client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
      expectAdmitted(service, wire.received.at(-1), { principal: "alice@example" });
    }
    // One question for each token, about nothing but the token: the order never travels there.
    const validated = broker.events.filter((event) => "operation" in event && event.operation === "validate");
    expect(validated).toHaveLength(mode === "local" ? 0 : 2);
  });

  it.each(modes)("rejects in the same words what is altered, foreign, over or for somebody else: %s", async (mode) => {
    const stage = newStage();
    const { broker, service } = await start(stage, mode);
    const { client } = stage.requestor(broker);
    const { xml } = await client.obtainToken({ appliesTo: ordersUrl });
    const elsewhere = await stage.mountedBroker({
      signing: { key: strangerKey.privateKey, certificate: strangerKey.certificate },
    });
    const foreigner = stage.direct({ broker: { url: elsewhere.url, certificates: [strangerKey.certificate] } });
    const foreign = await foreigner.client.obtainToken({ appliesTo: ordersUrl });
    const other = await client.obtainToken({ appliesTo: bearerOnly });
    const token = { verdict: "InvalidSecurityToken" } as const;
    const refused = async (text: string, refusal: Parameters<typeof expectRefused>[2], on: Service = service) =>
      expectRefused(on, await useToken(stage, on, text), refusal);
    await refused(xml.replace("alice@example", "admin@example"), { code: "ERR_TOKEN_SIGNATURE", ...token });
    await refused(foreign.xml, { code: "ERR_TOKEN_SIGNATURE", ...token });
    await refused(other.xml, { code: "ERR_TOKEN_AUDIENCE", ...token });
    stage.clock.pass(1800 + 60);
    await refused(xml, { code: "ERR_TOKEN_EXPIRED", verdict: "MessageExpired" });
  });

  it("rejects in bounded time while the broker cannot be reached: it fails closed", async () => {
    const stage = newStage();
    const broker = await stage.broker();
    const [asking, alone] = await Promise.all([
      stage.service({ validation: { by: atBroker(stage, broker) } }),
      stage.service(),
    ]);
    const token = await bearing(stage, broker);
    expectAdmitted(asking, await useToken(stage, asking, token), { principal: "alice@example" });
    stage.clock.pass(60);
    await broker.leave();
    const started = performance.now();
    const answer = await useToken(stage, asking, token);
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(answer.status).toBe(503);
    expect(asking.events.at(-1)).toMatchObject({ outcome: "refused", error: { code: "ERR_STS_UNREACHABLE" } });
    expect(asking.handled).toHaveLength(1);
    expectAdmitted(alone, await useToken(stage, alone, token), { principal: "alice@example" });
  });
});
