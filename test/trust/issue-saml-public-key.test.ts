import { Certificate, issueBinarySecurityToken, parseAssertion, scan } from "@countersign/core/sts";
import { createTestCertificate, testKeyPair } from "@countersign/core/testing";
import { describe, expect, it } from "vitest";
import { ask, possession, type Question, responseIn } from "./ask.js";
import { estate, noon, order, ordersUrl, testBroker } from "./estate.js";

const keys = testKeyPair("ec", "requestor");
const others = testKeyPair("ec", "somebody else");
const own = createTestCertificate({
  subject: "CN=alice",
  keyType: "rsa",
  notBefore: noon - 86_400_000,
  notAfter: noon + 86_400_000,
});

const withKey: Question["request"] = { keyType: "public-key", useKey: { publicKey: keys.publicKey } };

describe("WS-Trust 1.4 section 9.2, Issue: SAML 2.0 holder-of-key assertion with a public key", () => {
  it("accepts a key that the requestor proves to hold, and ties the token to it", async () => {
    const { broker, clock, events } = testBroker();
    const answer = await ask(broker, clock, { request: withKey, signatures: [possession(keys)] });
    expect(answer.status).toBe(200);
    const response = responseIn(answer);
    expect(response.keyType).toBe("public-key");
    const assertion = parseAssertion(scan(Buffer.from(response.requestedSecurityToken)), 0);
    const [confirmation, ...more] = assertion.subject?.confirmations ?? [];
    expect(more).toEqual([]);
    expect(confirmation?.method).toBe("urn:oasis:names:tc:SAML:2.0:cm:holder-of-key");
    expect(confirmation?.keys.map(({ key }) => key.equals(keys.publicKey))).toEqual([true]);
    expect(events.at(-1)).toMatchObject({ outcome: "issued", principal: "alice@example" });
  });

  it("accepts a key named by its certificate, which nobody here trusts", async () => {
    const { broker, clock } = testBroker();
    const certificate = Certificate.parse(own.der);
    const token = issueBinarySecurityToken([certificate]);
    const request: Question["request"] = { useKey: { certificate, publicKey: certificate.publicKey } };
    const reference = { by: "token", id: token.id } as const;
    const signature = { key: own.keyPair.privateKey, reference, parts: ["body", "timestamp"] } as const;
    const answer = await ask(broker, clock, { request, signatures: [signature], tokens: [token.xml] });
    const assertion = parseAssertion(scan(Buffer.from(responseIn(answer).requestedSecurityToken)), 0);
    expect(assertion.subject?.confirmations[0]?.keys[0]?.certificate?.fingerprint256).toBe(certificate.fingerprint256);
  });

  it.each<[string, Question]>([
    ["without any signature", { request: withKey }],
    ["with a signature of another key", { request: withKey, signatures: [possession(others)] }],
    ["with a signature over the Timestamp alone", { request: withKey, signatures: [possession(keys, ["timestamp"])] }],
    [
      "for somebody else's key",
      { request: { useKey: { publicKey: others.publicKey } }, signatures: [possession(keys)] },
    ],
  ])("J17 rejects a UseKey %s with wst:FailedAuthentication", async (_, question) => {
    const { broker, clock, events } = testBroker();
    expect(await ask(broker, clock, question)).toMatchObject({ status: 400, fault: "wst:FailedAuthentication" });
    expect(events.at(-1)).toMatchObject({ error: { code: "ERR_TRUST_FAILED_AUTHENTICATION" } });
  });

  it.each<[string, Question]>([
    ["a signature that does not cover the Timestamp", { request: withKey, signatures: [possession(keys, ["body"])] }],
    [
      "a signature that does not verify",
      {
        request: withKey,
        signatures: [possession(keys)],
        tamper: (message) => message.replace("urn:uuid:context", "urn:uuid:contexu"),
      },
    ],
    ["a wrong password, whatever is signed", { password: "x", request: withKey, signatures: [possession(keys)] }],
  ])("rejects %s with the neutral fault", async (_, question) => {
    const { broker, clock } = testBroker();
    expect(await ask(broker, clock, question)).toMatchObject({ status: 400, fault: "wsse:InvalidSecurity" });
  });

  it("rejects a repeated message with the neutral fault", async () => {
    const { broker, clock } = testBroker();
    let first = "";
    const question: Question = { request: withKey, signatures: [possession(keys)] };
    const keep = (message: string) => {
      first ||= message;
      return first;
    };
    expect((await ask(broker, clock, { ...question, tamper: keep })).status).toBe(200);
    expect((await ask(broker, clock, { ...question, tamper: keep })).fault).toBe("wsse:InvalidSecurity");
  });

  it.each<[string, Question]>([
    ["a public key without UseKey", { request: { keyType: "public-key" }, signatures: [possession(keys)] }],
    ["a bearer token with UseKey", { request: { ...withKey, keyType: "bearer" }, signatures: [possession(keys)] }],
  ])("rejects %s with wst:InvalidRequest", async (_, question) => {
    const { broker, clock } = testBroker();
    expect((await ask(broker, clock, question)).fault).toBe("wst:InvalidRequest");
  });

  it("rejects a key type that the relying party does not get with wst:RequestFailed", async () => {
    const { broker, clock } = testBroker();
    const request = { ...withKey, appliesTo: "https://bearer-only.example" };
    expect((await ask(broker, clock, { request, signatures: [possession(keys)] })).fault).toBe("wst:RequestFailed");
    const bearer = await ask(broker, clock, { request: { appliesTo: "https://bearer-only.example" } });
    expect(bearer.status).toBe(200);
  });
});

describe("R4.8 the token in a message, signed with its key", () => {
  it.each([
    ["a key pair of the client's own making", undefined],
    ["an RSA key without certificate", { privateKey: own.privateKey }],
    ["a key with certificate", { privateKey: own.privateKey, certificate: own.certificate }],
  ])("accepts %s at the service", async (_, key) => {
    const { client } = estate({ keyType: "public-key", key });
    const { message } = await client.fetch(ordersUrl, { body: order(), action: "urn:order" });
    expect(message?.body.child("hello")?.text).toBe("alice@example");
  });

  it("rejects the token with another key, and a Body changed on its way", async () => {
    const { client, transport } = estate({ keyType: "public-key" });
    const stolen = await client.obtainToken({ appliesTo: ordersUrl });
    const thief = estate({
      broker: undefined,
      credentials: undefined,
      key: { privateKey: own.privateKey, certificate: own.certificate },
    });
    const { envelope, contentType } = await thief.client.secure(order());
    const mixed = Buffer.from(envelope)
      .toString()
      .replace("<wsse:BinarySecurityToken", `${stolen.xml}<wsse:BinarySecurityToken`);
    const url = new URL(ordersUrl);
    const limits = { timeoutMilliseconds: 1000, maxResponse: 1 << 20 };
    const headers = { "content-type": contentType };
    const post = (body: Buffer) => transport.send({ url, method: "POST", headers, body, ...limits });
    expect(Buffer.from((await post(Buffer.from(mixed))).body).toString()).toContain("wsse:InvalidSecurity");

    const right = Buffer.from((await client.secure(order(), { appliesTo: ordersUrl })).envelope).toString();
    const changed = await post(Buffer.from(right.replace(">1</order>", ">2</order>")));
    expect(Buffer.from(changed.body).toString()).toContain("wsse:InvalidSecurity");
    expect(Buffer.from((await post(Buffer.from(right))).body).toString()).toContain("alice@example");
  });
});
