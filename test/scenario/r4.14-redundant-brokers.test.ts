import type { ClientOptions } from "@countersign/client";
import { expect, it } from "vitest";
import { brokerKey, order, ordersUrl, strangerKey } from "../trust/estate.js";
import { type Stage, scenario } from "./stage.js";
import { errorOf, expectAdmitted } from "./views.js";

type Address = { readonly url: string };

/** A requestor whose tokens come from several brokers with one signing key. */
const requestorOf = (stage: Stage, brokers: readonly Address[], options: Partial<ClientOptions> = {}) =>
  stage.direct({
    broker: brokers.map(({ url }) => ({ url, certificates: [brokerKey.certificate], signedReplies: true })),
    ...options,
  });

scenario("R4.14 redundant brokers", (newStage) => {
  it("accepts a token of the second broker while the first is down, asking the user once", async () => {
    const stage = newStage();
    const [first, second, service] = await Promise.all([stage.broker(), stage.mountedBroker(), stage.service()]);
    await first.leave();
    const { client, wire, user } = requestorOf(stage, [first, second]);
    await client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
    expectAdmitted(service, wire.received.at(-1), { principal: "alice@example" });
    expect(user.asked).toBe(1);
    expect(first.identityProvider.calls).toBe(0);
    expect(second.identityProvider.calls).toBe(1);
  });

  it("accepts a token of the second broker while the first says that it is not available", async () => {
    const stage = newStage();
    const [first, second] = await Promise.all([stage.mountedBroker(), stage.mountedBroker()]);
    first.identityProvider.out = true;
    const { client } = requestorOf(stage, [first, second]);
    expect((await client.obtainToken({ appliesTo: ordersUrl })).xml).toContain("alice@example");
    expect([first.identityProvider.calls, second.identityProvider.calls]).toEqual([1, 1]);
  });

  it("accepts without a further call of a broker that could not be reached three times", async () => {
    const stage = newStage();
    const [first, second] = await Promise.all([stage.mountedBroker(), stage.mountedBroker()]);
    first.identityProvider.out = true;
    const { client, wire } = requestorOf(stage, [first, second], { tokenLifetimeSeconds: 1, marginSeconds: 1 });
    for (let times = 0; times < 6; times++) await client.obtainToken({ appliesTo: ordersUrl });
    expect(wire.sent.filter(({ url }) => url.href === first.url)).toHaveLength(3);
    expect(wire.sent.filter(({ url }) => url.href === second.url)).toHaveLength(6);
  });

  it("rejects issuance with ERR_STS_UNREACHABLE while all are down, with tokens issued before still good", async () => {
    const stage = newStage();
    const [first, second, service] = await Promise.all([stage.broker(), stage.broker(), stage.service()]);
    const { client, wire } = requestorOf(stage, [first, second]);
    await client.obtainToken({ appliesTo: ordersUrl });
    await Promise.all([first.leave(), second.leave()]);
    await client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
    expectAdmitted(service, wire.received.at(-1), { principal: "alice@example" });
    const error = await errorOf(client.obtainToken({ appliesTo: "https://bearer-only.example" }));
    expect(error).toMatchObject({ code: "ERR_STS_UNREACHABLE" });
    stage.clock.pass(1800);
    const over = await errorOf(client.fetch(service.url, { body: order(), appliesTo: ordersUrl }));
    expect(over).toMatchObject({ code: "ERR_STS_UNREACHABLE" });
    expect(service.handled).toHaveLength(1);
  });

  it("rejects what the first broker refuses, without asking the second", async () => {
    const stage = newStage();
    const [first, second] = await Promise.all([stage.mountedBroker(), stage.mountedBroker()]);
    const { client, user } = requestorOf(stage, [first, second]);
    user.password = "looking-glass";
    const error = await errorOf(client.obtainToken({ appliesTo: ordersUrl }));
    expect(error).toMatchObject({ code: "ERR_STS_FAULT" });
    expect(second.identityProvider.calls).toBe(0);
  });

  it("rejects the answer of a broker that is not the one it should be, without asking another", async () => {
    const stage = newStage();
    const signing = { key: strangerKey.privateKey, certificate: strangerKey.certificate };
    const [first, second] = await Promise.all([stage.mountedBroker({ signing }), stage.mountedBroker()]);
    const { client } = requestorOf(stage, [first, second]);
    const error = await errorOf(client.obtainToken({ appliesTo: ordersUrl }));
    expect(error).toMatchObject({ code: "ERR_STS_RESPONSE_INVALID" });
    expect(second.identityProvider.calls).toBe(0);
  });
});
