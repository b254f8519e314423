import { expect, it } from "vitest";
import { findText } from "../support/reachable.js";
import { brokerKey, order, ordersUrl } from "../trust/estate.js";
import { post, scenario, tls } from "./stage.js";
import { errorOf, expectAdmitted, expectRefused } from "./views.js";

/*
 * Local validation by the broker's certificate. Validation by a keytab, the row's other kind, comes with Kerberos.
 */

const call = { body: order(), appliesTo: ordersUrl };

/** The product's own functions. */
const owns = (url: string) => url.includes("/packages/");

/** Somebody at a keyboard. The password is in one piece only while it is handed over. */
function keyboard() {
  const state = { asked: 0, present: true };
  return {
    state,
    credentials: () => {
      state.asked++;
      if (!state.present) throw new TypeError("nobody is there");
      return { name: "alice", password: ["wonder", "land"].join("") };
    },
  };
}

scenario("R4.1 local validation without broker or identity provider", (newStage) => {
  it.each(["bearer", "public-key"] as const)("accepts a %s token while neither can be reached", async (keyType) => {
    const stage = newStage();
    const [broker, service] = await Promise.all([stage.broker(), stage.service()]);
    const { client, wire, user } = stage.requestor(broker, { keyType });
    await client.obtainToken({ appliesTo: ordersUrl });
    broker.identityProvider.out = true;
    await broker.leave();

    for (let times = 0; times < 2; times++) {
      await client.fetch(service.url, call);
      const proof = keyType === "bearer" ? "bearer" : "holder-of-key";
      expectAdmitted(service, wire.received.at(-1), {
        principal: "alice@example",
        issuer: "https://sts.example",
        proof,
      });
    }
    expect(user.asked).toBe(1);
    const another = client.obtainToken({ appliesTo: "https://bearer-only.example" });
    expect(await errorOf(another)).toMatchObject({ code: "ERR_STS_UNREACHABLE" });
  });

  it("rejects an altered token with ERR_TOKEN_SIGNATURE while neither can be reached", async () => {
    const stage = newStage();
    const [broker, service] = await Promise.all([stage.broker(), stage.service()]);
    const { client } = stage.requestor(broker);
    const genuine = Buffer.from((await client.secure(order(), call)).envelope).toString();
    await broker.leave();
    const altered = genuine.replace("alice@example", "admin@example");
    expect(altered).not.toBe(genuine);
    const answer = await post(service, altered);
    expectRefused(service, answer, { code: "ERR_TOKEN_SIGNATURE", verdict: "InvalidSecurityToken" });
  });

  it("accepts a second message without a password: the client holds none", async () => {
    const stage = newStage();
    const [broker, service] = await Promise.all([stage.broker(), stage.service()]);
    const { state, credentials } = keyboard();
    const own = { url: broker.url, certificates: [brokerKey.certificate], tls };
    const { client } = stage.requestor(broker, { broker: own, credentials, tls, transport: undefined });
    await client.fetch(service.url, call);
    await client.fetch(service.url, call);
    expect(state.asked).toBe(1);
    // The search sees what is private to the client: it finds the token that is kept, and nothing else of alice.
    expect(findText(client, "alice@example", owns).paths).toEqual([expect.stringContaining("#tokens")]);
    expect(findText(client, ["wonder", "land"].join(""), owns).paths).toEqual([]);
  });

  it("accepts a retry only by asking again, and rejects it where nobody answers", async () => {
    const stage = newStage();
    const [broker, service] = await Promise.all([stage.broker(), stage.service()]);
    const { state, credentials } = keyboard();
    const { client } = stage.requestor(broker, { credentials });
    await client.fetch(service.url, call);
    stage.clock.pass(1800);
    await client.fetch(service.url, call);
    expect(state.asked).toBe(2);

    stage.clock.pass(1800);
    state.present = false;
    expect(await errorOf(client.fetch(service.url, call))).toEqual(new TypeError("nobody is there"));
    expect(state.asked).toBe(3);
    expect(broker.identityProvider.calls).toBe(2);
    expect(service.handled).toHaveLength(2);
  });
});
