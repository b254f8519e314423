import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Certificate, issueBinarySecurityToken, tokenTypes } from "@countersign/core/sts";
import { createTestCertificate, testKeyPair } from "@countersign/core/testing";
import { afterAll, beforeAll, expect } from "vitest";
import { requireSharedData } from "../require/external.js";
import { ask, possession, type Question, questionMessage } from "./ask.js";
import { estate, noon, order, ordersUrl, serviceKey, testBroker } from "./estate.js";
import { SchemaValidator } from "./schema-validator.js";

const both = { appliesTo: ordersUrl, claims: ["role"], tokenTypes: ["saml2", "saml11"] } as const;
const schemas = requireSharedData("schemas");
const keys = testKeyPair("ec", "schemas");
const own = createTestCertificate({ subject: "CN=alice", notBefore: noon - 1000, notAfter: noon + 86_400_000 });

schemas.describe("messages of WS-Trust against the schemas of the standards", () => {
  let validator: SchemaValidator;
  beforeAll(() => {
    validator = new SchemaValidator(schemas.path);
  });
  afterAll(() => validator.dispose());

  const certificate = Certificate.parse(own.der);
  const token = issueBinarySecurityToken([certificate]);
  const questions: readonly [string, Question][] = [
    ["an Issue request for a bearer token", { request: { tokenType: tokenTypes.saml2, keyType: "bearer" } }],
    ["one for a bearer token of SAML 1.1", { request: { tokenType: tokenTypes.saml11, keyType: "bearer" } }],
    ["one in SOAP 1.1, with a digest", { version: "1.1", as: "digest" }],
    [
      "one with every element",
      {
        request: {
          tokenType: tokenTypes.saml2,
          keyType: "bearer",
          keySize: 256,
          lifetime: { created: noon, expires: noon + 60_000 },
          claims: [{ type: "role" }, { type: "mail", optional: true }],
          renewing: { allow: true, afterExpiry: false },
        },
      },
    ],
    ["one with claim values", { request: { claims: [{ type: "role", values: ["clerk"] }] } }],
    [
      "one for a public key",
      { request: { keyType: "public-key", useKey: { publicKey: keys.publicKey } }, signatures: [possession(keys)] },
    ],
    [
      "one for a public key in SAML 1.1",
      {
        request: { tokenType: tokenTypes.saml11, keyType: "public-key", useKey: { publicKey: keys.publicKey } },
        signatures: [possession(keys)],
      },
    ],
    [
      "one for a certificate",
      {
        request: { keyType: "public-key", useKey: { certificate, publicKey: certificate.publicKey, signatureId: "s" } },
        tokens: [token.xml],
        signatures: [
          {
            key: own.keyPair.privateKey,
            reference: { by: "token", id: token.id },
            parts: ["body", "timestamp"],
            id: "s",
          },
        ],
      },
    ],
  ];

  for (const [title, question] of questions) {
    schemas.it(`accepts ${title}, and its answer`, async () => {
      const { broker, clock } = testBroker({ relyingParties: [both] });
      expect(validator.faultsOf(questionMessage(clock, question).body.toString())).toEqual([]);
      const answer = await ask(broker, clock, question);
      expect(answer.status).toBe(200);
      expect(validator.faultsOf(answer.text)).toEqual([]);
    });
  }

  schemas.it("accepts faults before and after authentication", async () => {
    const { broker, clock } = testBroker();
    for (const version of ["1.1", "1.2"] as const) {
      for (const question of [{ password: "x" }, { request: { appliesTo: "urn:x" } }]) {
        const answer = await ask(broker, clock, { ...question, version });
        expect(answer.fault).toBeDefined();
        expect(validator.faultsOf(answer.text)).toEqual([]);
      }
    }
  });

  schemas.it("accepts what a client sends to broker and service, and what comes back", async () => {
    const reply = { sign: { key: serviceKey.privateKey, certificate: serviceKey.certificate }, confirm: true };
    const options = { keyType: "public-key", addressing: true } as const;
    const { client, transport } = estate(options, { service: { reply } });
    const { body } = await client.fetch(ordersUrl, { body: order(), action: "urn:order" });
    const messages = [...transport.sent.map((request) => request.body), body];
    expect(messages).toHaveLength(3);
    for (const message of messages) expect(validator.faultsOf(Buffer.from(message).toString())).toEqual([]);
  });

  schemas.it("rejects the sample that must be rejected, and a message with a wrong value", () => {
    const sample = readFileSync(join(schemas.path, "samples/invalid-soap12-issue-request.xml"), "utf8");
    expect(validator.faultsOf(sample)).not.toEqual([]);
    const { clock } = testBroker();
    const message = questionMessage(clock, { request: { keySize: 256 } }).body.toString();
    expect(validator.faultsOf(message)).toEqual([]);
    expect(validator.faultsOf(message.replace(">256<", ">large<"))).not.toEqual([]);
  });

  schemas.it("rejects an assertion of either version that says something else than its schema has", async () => {
    const { broker, clock } = testBroker({ relyingParties: [both] });
    for (const [tokenType, right, wrong] of [
      [tokenTypes.saml2, "<saml2:Audience>", "<saml2:Audiense>"],
      [tokenTypes.saml11, "<saml:Audience>", "<saml:Audiense>"],
      [tokenTypes.saml11, 'MajorVersion="1"', 'MajorVersion="one"'],
    ] as const) {
      const { text } = await ask(broker, clock, { request: { tokenType } });
      expect(validator.faultsOf(text)).toEqual([]);
      const changed = text.replace(right, wrong).replace(right.replace("<", "</"), wrong.replace("<", "</"));
      expect(validator.faultsOf(changed)).not.toEqual([]);
    }
  });
});
