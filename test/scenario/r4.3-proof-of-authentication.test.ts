import { saml2 } from "@countersign/core";
import { expect, it } from "vitest";
import { brokerKey, issuer, order, strangerKey } from "../trust/estate.js";
import { type Stage, scenario } from "./stage.js";
import { errorOf, expectAdmitted, expectRefused } from "./views.js";

/** What the broker's tokens are for: every service of the enterprise. */
const enterprise = "urn:example:enterprise";

const startService = (stage: Stage, host: string, name: string, certificate: string) =>
  stage.service({
    origin: `https://${host}.example`,
    trust: { issuers: [{ name, certificates: [certificate] }] },
    accept: [saml2({ audience: enterprise, confirm: "bearer", over: "transport" })],
  });

scenario("R4.3 proof of authentication for everyone who trusts the broker", (newStage) => {
  it("accepts one token at two services that share only the broker's certificate", async () => {
    const stage = newStage();
    const broker = await stage.broker({ relyingParties: [{ appliesTo: enterprise }] });
    const { client, wire, user } = stage.requestor(broker);
    const tokens: unknown[] = [];
    for (const host of ["orders", "billing"]) {
      const service = await startService(stage, host, issuer, brokerKey.certificate);
      await client.fetch(service.url, { body: order(), appliesTo: enterprise });
      expectAdmitted(service, wire.received.at(-1), { principal: "alice@example", issuer });
      tokens.push(service.events.at(-1)?.token);
    }
    expect(tokens[0]).toEqual(tokens[1]);
    expect(user.asked).toBe(1);
    expect(broker.identityProvider.calls).toBe(1);
  });

  it.each([
    ["knows another certificate for that name", issuer, "ERR_TOKEN_SIGNATURE"],
    ["does not know the name", "https://sts.elsewhere", "ERR_TOKEN_ISSUER"],
  ] as const)("rejects the token at a third service that %s", async (_, name, code) => {
    const stage = newStage();
    const broker = await stage.broker({ relyingParties: [{ appliesTo: enterprise }] });
    const { client, wire } = stage.requestor(broker);
    const service = await startService(stage, "stock", name, strangerKey.certificate);
    const error = await errorOf(client.fetch(service.url, { body: order(), appliesTo: enterprise }));
    expect(error).toMatchObject({ code: "ERR_SERVICE_FAULT" });
    expectRefused(service, wire.received.at(-1), { code, verdict: "InvalidSecurityToken" });
  });
});
