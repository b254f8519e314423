import { expect, it } from "vitest";
import { bearerMessage } from "../support/messages.js";
import { issuer, noon, order, ordersUrl, strangerKey, TestIdentityProvider } from "../trust/estate.js";
import { post, scenario } from "./stage.js";
import { expectAdmitted, expectRefused } from "./views.js";

/** An identity provider that has just taken somebody on. */
const withCarol = () =>
  Object.assign(new TestIdentityProvider(), {
    authenticate: async (name: string, password: string) =>
      name === "carol" && password === "newcomer" ? { name: "carol@partner" } : undefined,
  });

scenario("R4.13 no prior knowledge of each other", (newStage) => {
  it("accepts a requestor that the service has never heard of, by a token of the broker: the service is as it was", async () => {
    const stage = newStage();
    const service = await stage.service();
    const before = await stage.mountedBroker();
    const alice = stage.requestor(before);
    await alice.client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
    // Somebody new at the broker, and nothing new at the service.
    const broker = await stage.mountedBroker({ identityProvider: withCarol() });
    const { client, wire, user } = stage.requestor(broker);
    Object.assign(user, { name: "carol", password: "newcomer" });
    await client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
    expectAdmitted(service, wire.received.at(-1), { principal: "carol@partner", issuer });
    expect(service.handled.map(({ principal }) => principal.name)).toEqual(["alice@example", "carol@partner"]);
  });

  it("rejects a requestor with a token of its own making", async () => {
    const service = await newStage().service();
    const selfMade = bearerMessage({
      soap: "1.2",
      now: new Date(noon),
      assertion: {
        issuedBy: { ...strangerKey.keyPair, certificate: strangerKey.der },
        issuer,
        audience: ordersUrl,
        subject: "carol@partner",
      },
    });
    const answer = await post(service, selfMade.text);
    expectRefused(service, answer, { code: "ERR_TOKEN_SIGNATURE", verdict: "InvalidSecurityToken" });
  });
});
