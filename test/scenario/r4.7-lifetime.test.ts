import type { IssuedToken } from "@countersign/client";
import { secureMessage } from "@countersign/core/sts";
import { createTestCertificate } from "@countersign/core/testing";
import { expect, it } from "vitest";
import { questionMessage } from "../trust/ask.js";
import { noon, order, ordersUrl, type TestClock } from "../trust/estate.js";
import { post, scenario } from "./stage.js";
import { expectAdmitted, expectRefused, expectTrustFault } from "./views.js";

/*
 * The life of a token of this broker. That a ticket's life is cut to the realm's max_life comes with Kerberos.
 */

const day = 86_400_000;
const alice = createTestCertificate({
  subject: "CN=alice",
  keyType: "rsa",
  notBefore: noon - day,
  notAfter: noon + day,
});

/** A new message with a token, signed where the token is tied to a key: whoever has it can make one at any time. */
const messageWith = ({ xml, keyType, attachedReference = "" }: IssuedToken, clock: TestClock) => {
  const reference = { by: "reference", xml: attachedReference } as const;
  const signature = { key: alice.keyPair.privateKey, reference, parts: ["body", "timestamp"] } as const;
  return secureMessage(order(), { tokens: [xml], signatures: keyType === "bearer" ? [] : [signature], clock }).envelope;
};

const expired = { code: "ERR_TOKEN_EXPIRED", verdict: "MessageExpired" } as const;

scenario("R4.7 step 3: a token whose life the broker fixes", (newStage) => {
  it.each(["bearer", "public-key"] as const)(
    "accepts a %s token to its last second, and rejects it after that and the skew",
    async (keyType) => {
      const stage = newStage();
      const [broker, service] = await Promise.all([stage.broker(), stage.service({ clockSkewSeconds: 60 })]);
      const key = keyType === "bearer" ? undefined : { privateKey: alice.privateKey };
      const { client } = stage.requestor(broker, { keyType, key });
      const token = await client.obtainToken({ appliesTo: ordersUrl });
      expect(token.expires).toBe(noon + 1_800_000);

      stage.clock.pass(1799);
      const last = await post(service, messageWith(token, stage.clock));
      expectAdmitted(service, last, { principal: "alice@example" });

      stage.clock.pass(1 + 60 + 1);
      expectRefused(service, await post(service, messageWith(token, stage.clock)), expired, 1);
    },
  );

  it("accepts a longer life than the maximum as the maximum, and rejects the token after that", async () => {
    const stage = newStage();
    const lifetime = { defaultSeconds: 300, maxSeconds: 600 };
    const [broker, service] = await Promise.all([stage.broker({ lifetime }), stage.service()]);
    const { client } = stage.requestor(broker, { tokenLifetimeSeconds: 43_200 });
    const token = await client.obtainToken({ appliesTo: ordersUrl });
    expect(token.expires).toBe(noon + 600_000);
    expect(token.xml).toContain(`NotOnOrAfter="${new Date(noon + 600_000).toISOString()}"`);
    const issued = { outcome: "issued", token: { expires: new Date(noon + 600_000).toISOString() } };
    expect(broker.events.at(-1)).toMatchObject(issued);

    stage.clock.pass(599);
    expectAdmitted(service, await post(service, messageWith(token, stage.clock)), { principal: "alice@example" });
    stage.clock.pass(1 + 60 + 1);
    expectRefused(service, await post(service, messageWith(token, stage.clock)), expired, 1);
  });

  it("rejects a request for a life that is over with wst:InvalidTimeRange", async () => {
    const stage = newStage();
    const broker = await stage.broker();
    const request = { lifetime: { created: noon - 7_200_000, expires: noon - 3_600_000 } };
    const answer = await post(broker, questionMessage(stage.clock, { request }).body);
    expectTrustFault(broker.events, answer, { code: "ERR_TRUST_INVALID_TIME_RANGE", fault: "InvalidTimeRange" });
  });
});
