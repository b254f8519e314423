import { sha256Hex } from "@countersign/core/sts";
import { expect, it } from "vitest";
import { order, ordersUrl } from "../trust/estate.js";
import { samlVersions, scenario } from "./stage.js";
import { errorOf, expectAdmitted, expectRefused } from "./views.js";

/*
 * A token for another service is one with another audience. A ticket for another service principal comes with Kerberos.
 */

scenario("R4.8 step 4: the message carries the token", (newStage) => {
  const kinds = samlVersions.flatMap((saml) =>
    (["bearer", "public-key"] as const).map((keyType) => ({ saml, keyType })),
  );
  it.each(kinds)(
    "accepts a message to which the client adds its $saml.kind token, $keyType",
    async ({ saml, keyType }) => {
      const stage = newStage();
      const [broker, service] = await Promise.all([stage.broker(saml.broker), stage.service(saml.service)]);
      const { client, wire } = stage.requestor(broker, { ...saml.client, keyType });
      await client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
      const token = await client.obtainToken({ appliesTo: ordersUrl });
      const sent = Buffer.from(wire.sent.at(-1)?.body ?? "").toString();
      expect(sent.split("<wsse:Security")[1]?.split("</wsse:Security>")[0]).toContain(token.xml);
      expectAdmitted(service, wire.received.at(-1), {
        principal: "alice@example",
        token: { kind: saml.kind, id: token.id, digest: sha256Hex(token.xml) },
      });
    },
  );

  it.each(["bearer", "public-key"] as const)("rejects a %s token for another service", async (keyType) => {
    const stage = newStage();
    const elsewhere = "https://billing.example";
    const relyingParties = [{ appliesTo: ordersUrl }, { appliesTo: elsewhere }];
    const [broker, service] = await Promise.all([stage.broker({ relyingParties }), stage.service()]);
    const { client, wire } = stage.requestor(broker, { keyType });
    const error = await errorOf(client.fetch(service.url, { body: order(), appliesTo: elsewhere }));
    expect(error).toMatchObject({ code: "ERR_SERVICE_FAULT" });
    const refusal = { code: "ERR_TOKEN_AUDIENCE", verdict: "InvalidSecurityToken" } as const;
    expectRefused(service, wire.received.at(-1), refusal);
  });

  it("rejects a token of a version of SAML that the service does not take, and accepts the one that it takes", async () => {
    const stage = newStage();
    const [of20, of11] = samlVersions;
    for (const [ours, theirs] of [
      [of20, of11],
      [of11, of20],
    ] as const) {
      const [broker, other] = await Promise.all([stage.broker(ours.broker), stage.broker(theirs.broker)]);
      const service = await stage.service(ours.service);
      const right = stage.requestor(broker, ours.client);
      await right.client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
      const { client, wire } = stage.requestor(other, theirs.client);
      const error = await errorOf(client.fetch(service.url, { body: order(), appliesTo: ordersUrl }));
      expect(error).toMatchObject({ code: "ERR_SERVICE_FAULT" });
      const refusal = { code: "ERR_WSS_UNSUPPORTED_TOKEN", verdict: "UnsupportedSecurityToken" } as const;
      expectRefused(service, wire.received.at(-1), refusal, 1);
    }
  });
});
