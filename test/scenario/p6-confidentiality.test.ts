import { saml2, x509 } from "@countersign/core";
import { createTestCertificate } from "@countersign/core/testing";
import { expect, it } from "vitest";
import { brokerKey, issuer, noon, order, ordersUrl, serviceKey, strangerKey } from "../trust/estate.js";
import { type Requestor, type Service, type Stage, scenario } from "./stage.js";
import { errorOf, expectRefused, textOf } from "./views.js";

const validity = { notBefore: noon - 86_400_000, notAfter: noon + 86_400_000 };
const aliceKey = createTestCertificate({ subject: "CN=alice", keyType: "rsa", ...validity });

const pair = ({ keyPair, certificate }: typeof aliceKey) => ({ key: keyPair.privateKey, certificate });
const trust = { certificates: [aliceKey.certificate], decryption: [pair(serviceKey)] };
const orders = ["sign-then-encrypt", "encrypt-then-sign"] as const;
const call = { body: order(), appliesTo: ordersUrl };
const reply = { signed: true, certificates: [serviceKey.certificate], confirmed: true, encrypted: true };
/** What a requestor who signs with a certificate is made of. */
const byCertificate = {
  credentials: undefined,
  key: { privateKey: aliceKey.keyPair.privateKey, certificate: aliceKey.certificate },
  decryption: [pair(aliceKey)],
  reply,
};

const startService = (stage: Stage, protection: (typeof orders)[number]): Promise<Service> =>
  stage.service({
    trust,
    accept: [x509({ encrypted: ["body"], order: protection })],
    reply: { sign: pair(serviceKey), confirm: true, encrypt: { order: protection, parts: ["body", "signature"] } },
  });

/** What went over the wire last, each way. */
const seen = ({ wire }: Requestor) => ({
  request: Buffer.from(wire.sent.at(-1)?.body ?? "").toString(),
  response: textOf(wire.received.at(-1)),
});

scenario("P6 messages are confidential beyond the transport", (newStage) => {
  it.each(orders)("accepts requests and replies made by %s: only the two ends read them", async (protection) => {
    const stage = newStage();
    const service = await startService(stage, protection);
    const requestor = stage.direct({ ...byCertificate, encrypt: { for: serviceKey.certificate, order: protection } });
    const { status, message } = await requestor.client.fetch(service.url, call);
    expect(status).toBe(200);
    expect(message?.body.child("hello")?.text).toBe("CN=alice");
    expect(message?.body.protection).toMatchObject({ by: "signature" });
    expect(service.events.at(-1)).toMatchObject({ outcome: "admitted", encrypted: ["body"] });
    expect(Buffer.from(service.handled.at(-1)?.message?.envelope ?? "").toString()).not.toContain("EncryptedData");
    const { request, response } = seen(requestor);
    for (const text of [request, response]) expect(text).toContain("<xenc:EncryptedData");
    expect(request).not.toContain("<order");
    expect(response).not.toContain("<hello>");
    expect(response).not.toContain("<ds:Signature");
  });

  it.each(orders)("rejects a request in clear, for another service or in another order than %s", async (protection) => {
    const stage = newStage();
    const service = await startService(stage, protection);
    const other = orders[1 - orders.indexOf(protection)];
    for (const [encrypt, code, verdict] of [
      [undefined, "ERR_POLICY_PART_UNPROTECTED", "FailedCheck"],
      [{ for: strangerKey.certificate, order: protection }, "ERR_WSS_TOKEN_UNAVAILABLE", "SecurityTokenUnavailable"],
      [{ for: serviceKey.certificate, order: other }, "ERR_WSS_INVALID_SECURITY", "InvalidSecurity"],
    ] as const) {
      const { client, wire } = stage.direct({ ...byCertificate, encrypt });
      await errorOf(client.fetch(service.url, call));
      expectRefused(service, wire.received.at(-1), { code, verdict });
    }
  });

  it.each(orders)("rejects a reply made by %s that was changed on its way, or came in clear", async (protection) => {
    const stage = newStage();
    const service = await startService(stage, protection);
    const encrypt = { for: serviceKey.certificate, order: protection };
    const { client, wire } = stage.direct({ ...byCertificate, encrypt });
    await client.fetch(service.url, call);
    wire.tamper = (body) =>
      body.replace(/(?<=Body.*<xenc:CipherValue>.{40})./s, (octet) => (octet === "A" ? "B" : "A"));
    expect(await errorOf(client.fetch(service.url, call))).toMatchObject({ code: "ERR_SERVICE_RESPONSE_INVALID" });
    const open = await stage.service({
      trust,
      accept: [x509()],
      reply: { sign: pair(serviceKey), confirm: true },
    });
    wire.tamper = (body) => body;
    expect(await errorOf(client.fetch(open.url, call))).toMatchObject({ code: "ERR_SERVICE_RESPONSE_INVALID" });
    const relaxed = stage.direct({ ...byCertificate, encrypt, reply: { ...reply, encrypted: false } });
    expect((await relaxed.client.fetch(open.url, call)).status).toBe(200);
  });

  it("accepts a token and a signature that only the service reads, and rejects the token in clear", async () => {
    const stage = newStage();
    const broker = await stage.broker();
    const service = await stage.service({
      trust: { issuers: [{ name: issuer, certificates: [brokerKey.certificate] }], decryption: [pair(serviceKey)] },
      accept: [saml2({ audience: ordersUrl, confirm: "holder-of-key", encrypted: ["body", "token", "signature"] })],
    });
    const options = { keyType: "public-key", reply: {} } as const;
    const parts = ["body", "signature", "token"] as const;
    const requestor = stage.requestor(broker, { ...options, encrypt: { for: serviceKey.certificate, parts } });
    expect((await requestor.client.fetch(service.url, call)).status).toBe(200);
    expect(service.events.at(-1)).toMatchObject({
      outcome: "admitted",
      principal: "alice@example",
      encrypted: ["body", "signature", "token"],
    });
    const { request } = seen(requestor);
    for (const secret of ["alice@example", "<ds:Signature ", "<order"]) expect(request).not.toContain(secret);
    const inClear = stage.requestor(broker, { ...options, encrypt: { for: serviceKey.certificate } });
    await errorOf(inClear.client.fetch(service.url, call));
    expectRefused(
      service,
      inClear.wire.received.at(-1),
      { code: "ERR_POLICY_PART_UNPROTECTED", verdict: "FailedCheck" },
      1,
    );
  });
});
