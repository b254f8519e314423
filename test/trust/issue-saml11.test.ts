import type { RelyingParty } from "@countersign/broker";
import { isCountersignError, saml2, saml11 } from "@countersign/core";
import { parseAssertion, scan, tokenTypes } from "@countersign/core/sts";
import { testKeyPair } from "@countersign/core/testing";
import { describe, expect, it } from "vitest";
import { type Answer, ask, possession, responseIn } from "./ask.js";
import { estate, issuer, noon, order, ordersUrl, testBroker } from "./estate.js";

const keys = testKeyPair("ec", "requestor");
const assertionIn = (answer: Answer) => parseAssertion(scan(Buffer.from(responseIn(answer).requestedSecurityToken)), 0);
const parties = (...kinds: ("saml2" | "saml11")[]): { readonly relyingParties: readonly RelyingParty[] } => ({
  relyingParties: [{ appliesTo: ordersUrl, claims: ["role"], tokenTypes: kinds }],
});

/** A route for tokens of SAML 1.1, and one for both versions. */
const takes11 = {
  accept: [
    saml11({ audience: ordersUrl, confirm: "holder-of-key", signed: ["body", "timestamp"] }),
    saml11({ audience: ordersUrl, confirm: "bearer", over: "transport" }),
  ],
} as const;

describe("WS-Trust 1.4 section 4, Issue: SAML 1.1 assertions", () => {
  it.each([
    ["of the SAML Token Profile", tokenTypes.saml11],
    ["that .NET and ADFS send", tokenTypes.saml11Namespace],
  ])("accepts the TokenType %s, echoes it, and issues a bearer assertion", async (_, tokenType) => {
    const { broker, clock, events } = testBroker(parties("saml2", "saml11"));
    const answer = await ask(broker, clock, { request: { tokenType } });
    expect(answer.status).toBe(200);
    const response = responseIn(answer);
    expect(response).toMatchObject({ tokenType, keyType: "bearer", appliesTo: ordersUrl });
    const assertion = assertionIn(answer);
    expect(assertion).toMatchObject({
      version: "1.1",
      issuer,
      subject: { nameId: { value: "alice@example" }, confirmations: [{ confirm: "bearer" }] },
      conditions: { notBefore: noon, notOnOrAfter: noon + 1_800_000, audienceRestrictions: [[ordersUrl]] },
      authnStatements: [{ instant: noon, contextClass: "urn:oasis:names:tc:SAML:1.0:am:password" }],
      attributes: [{ name: "role", values: ["clerk"] }],
    });
    for (const reference of [response.attachedReference, response.unattachedReference]) {
      expect(reference).toContain("oasis-wss-saml-token-profile-1.1#SAMLV1.1");
      expect(reference).toContain(`oasis-wss-saml-token-profile-1.0#SAMLAssertionID">${assertion.id}<`);
    }
    expect(events.at(-1)).toMatchObject({ outcome: "issued", token: { kind: "saml11", id: assertion.id } });
  });

  it("accepts a request that names no TokenType, and issues what the relying party takes first", async () => {
    const { broker, clock } = testBroker(parties("saml11", "saml2"));
    const answer = await ask(broker, clock);
    expect([responseIn(answer).tokenType, assertionIn(answer).version]).toEqual([tokenTypes.saml11, "1.1"]);
    const { broker: other } = testBroker();
    expect(assertionIn(await ask(other, clock)).version).toBe("2.0");
  });

  it("accepts a key that the requestor proves to hold, and ties the token to it in every statement", async () => {
    const { broker, clock } = testBroker(parties("saml11"));
    const request = { keyType: "public-key", useKey: { publicKey: keys.publicKey } } as const;
    const answer = await ask(broker, clock, { request, signatures: [possession(keys)] });
    const { subject } = assertionIn(answer);
    expect(subject?.confirmations.map(({ confirm }) => confirm)).toEqual(["holder-of-key"]);
    expect(subject?.confirmations[0]?.keys.map(({ key }) => key.equals(keys.publicKey))).toEqual([true]);
    expect((await ask(broker, clock, { request })).fault).toBe("wst:FailedAuthentication");
  });

  it("rejects a version that the relying party does not get with wst:RequestFailed", async () => {
    const { broker, clock } = testBroker(parties("saml2"));
    expect((await ask(broker, clock, { request: { tokenType: tokenTypes.saml11 } })).fault).toBe("wst:RequestFailed");
    const { broker: other } = testBroker(parties("saml11"));
    expect((await ask(other, clock, { request: { tokenType: tokenTypes.saml2 } })).fault).toBe("wst:RequestFailed");
    expect((await ask(other, clock, { request: { tokenType: tokenTypes.saml11 } })).status).toBe(200);
  });
});

describe("a client that asks for SAML 1.1", () => {
  it.each(["bearer", "public-key"] as const)("R4.8 accepts a %s token, keeps it and uses it", async (keyType) => {
    const options = { tokenType: "saml11", keyType } as const;
    const { client, transport } = estate(options, { broker: parties("saml11"), service: takes11 });
    for (let call = 0; call < 2; call++) {
      const { message } = await client.fetch(ordersUrl, { body: order(), action: "urn:order" });
      expect(message?.body.child("hello")?.text).toBe("alice@example");
    }
    // One to the broker, two to the service.
    expect(transport.sent).toHaveLength(3);
  });

  it("rejects at a service that takes SAML 2.0 only, and the reverse", async () => {
    const options = { tokenType: "saml11", keyType: "public-key" } as const;
    const calls = [
      estate(options, { broker: parties("saml11") }),
      estate({ keyType: "public-key" }, { service: takes11 }),
    ];
    for (const { client } of calls) {
      const call = client.fetch(ordersUrl, { body: order(), action: "urn:order" });
      await expect(call).rejects.toMatchObject({ code: "ERR_SERVICE_FAULT" });
    }
    const both = [...takes11.accept, saml2({ audience: ordersUrl, confirm: "holder-of-key" })];
    const { client } = estate(options, { broker: parties("saml11"), service: { accept: both } });
    const { status } = await client.fetch(ordersUrl, { body: order(), action: "urn:order" });
    expect(status).toBe(200);
  });

  it("rejects its token with another key, and a Body changed on its way", async () => {
    const options = { tokenType: "saml11", keyType: "public-key" } as const;
    const { client, transport } = estate(options, { broker: parties("saml11"), service: takes11 });
    const envelope = Buffer.from((await client.secure(order(), { appliesTo: ordersUrl })).envelope).toString();
    const post = async (body: string) => {
      const headers = { "content-type": "application/soap+xml; charset=utf-8" };
      const limits = { timeoutMilliseconds: 1000, maxResponse: 1 << 20 };
      const sent = { url: new URL(ordersUrl), method: "POST", headers, body: Buffer.from(body), ...limits };
      return (await transport.send(sent)).status;
    };
    expect(await post(envelope.replace(">1</order>", ">2</order>"))).toBe(400);
    const stolen = await estate(options, { broker: parties("saml11") }).client.obtainToken({ appliesTo: ordersUrl });
    expect(await post(envelope.replace(/<saml:Assertion .*<\/saml:Assertion>/, stolen.xml))).toBe(400);
    expect(await post(envelope)).toBe(200);
  });

  it("rejects a token of the other version in the answer with ERR_STS_RESPONSE_INVALID, whatever it is called", async () => {
    const target = { appliesTo: ordersUrl };
    const of20 = await estate().client.obtainToken(target);
    const of11 = await estate({ tokenType: "saml11" }, { broker: parties("saml11") }).client.obtainToken(target);
    for (const [tokenType, other, type] of [
      ["saml11", of20, tokenTypes.saml2],
      ["saml2", of11, tokenTypes.saml11],
    ] as const) {
      // Without signature and certificates, so that nothing but the check in question stands between.
      const { client, transport } = estate(
        { tokenType, broker: { url: "https://sts.example/sts" } },
        { broker: { ...parties("saml2", "saml11"), signReplies: false } },
      );
      const exchanged = (body: string) =>
        body.replace(/(<wst:RequestedSecurityToken>).*(?=<\/wst:RequestedSecurityToken>)/s, `$1${other.xml}`);
      const named = (body: string) => body.replace(/(<wst:TokenType>)[^<]*/, `$1${type}`);
      for (const tamper of [exchanged, named, (body: string) => named(exchanged(body))]) {
        transport.tamper = tamper;
        const error: unknown = await client.obtainToken(target).catch((thrown: unknown) => thrown);
        expect(isCountersignError(error) && error.code).toBe("ERR_STS_RESPONSE_INVALID");
      }
      transport.tamper = undefined;
      await expect(client.obtainToken(target)).resolves.toBeDefined();
    }
  });
});
