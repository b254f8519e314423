import { createClient, type ServiceReply } from "@countersign/client";
import { type AuditEvent, Certificate } from "@countersign/core";
import { generateKeyPair, issueBinarySecurityToken, secureMessage } from "@countersign/core/sts";
import { type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { correlationId, expectAnswer } from "./answers.js";
import { blocksOf } from "./blocks.js";
import { order, secured, soap12 } from "./messages.js";
import { send } from "./serving.js";
import { askForPassword, ca, idpPrivateKey, partner } from "./settings.js";
import { createStage, exchangesOf } from "./stage.js";

const stage = createStage();

beforeAll(() => stage.startService("express.ts", "payments.ts", "reports.ts", "audited.ts", "conversation.ts"), 60_000);
afterAll(() => stage.close());

describe("parts (payments.ts)", () => {
  interface Payment {
    readonly subject: string;
    readonly signed: readonly ("addressing" | "mandate")[];
    readonly operation: string;
  }
  const genuine: Payment = { subject: "CN=acme,O=Partner", signed: ["addressing", "mandate"], operation: "Pay" };
  const mandate = { namespace: "urn:payments", name: "Mandate" };
  const action = "urn:payments:pay";

  const pay = async ({ subject, signed, operation }: Payment) => {
    const { certificate, keyPair } = partner(subject);
    const token = issueBinarySecurityToken([Certificate.load(certificate, "certificate")]);
    const { envelope } = secureMessage(
      '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header>' +
        '<a:Action xmlns:a="http://www.w3.org/2005/08/addressing">urn:payments:pay</a:Action>' +
        '<p:Mandate xmlns:p="urn:payments">7</p:Mandate></s:Header>' +
        `<s:Body><p:${operation} xmlns:p="urn:payments">100</p:${operation}></s:Body></s:Envelope>`,
      {
        tokens: [token.xml],
        signatures: [
          {
            key: keyPair.privateKey,
            reference: { by: "token", id: token.id },
            parts: ["body", "timestamp", ...signed.map((part) => (part === "mandate" ? mandate : part))],
          },
        ],
      },
    );
    const type = `application/soap+xml; action="${action}"`;
    return send("POST", "/payments", { "content-type": type }, envelope);
  };

  it("accepts a payment with everything signed", async () => {
    expect(await pay(genuine)).toMatchObject({ status: 200, body: "paid by CN=acme,O=Partner" });
  });

  it.each<[string, Partial<Payment>]>([
    ["an unsigned Mandate", { signed: ["addressing"] }],
    ["an unsigned Action", { signed: ["mandate"] }],
    ["another subject of the same authority", { subject: "CN=mallory,O=Partner" }],
    ["another operation than the action's", { operation: "Refund" }],
  ])("rejects %s with the neutral fault", async (_, change) => {
    const answer = await pay({ ...genuine, ...change });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("The security check failed.");
  });
});

describe("conversations (conversation.ts, conversation-client.ts)", () => {
  it("accepts two messages under one context, and prints nothing that no signature covers", async () => {
    const said = (await stage.loader.load("conversation-client.ts")) as unknown as Record<string, ServiceReply>;
    for (const { status, message } of [said.first, said.second] as ServiceReply[]) {
      expect(status).toBe(200);
      expect(message?.body.protection.by).toBe("signature");
      expect(message?.body.child("taken")?.text).toBe("username");
    }
  });

  it("rejects a password in the message itself, and a wrong one for a context", async () => {
    const url = "https://orders.example/batches";
    const once = { credentials: () => ({ name: "alice", password: "wonderland" }), tls: { ca } };
    const wrong = { ...once, credentials: () => ({ name: "alice", password: "looking-glass" }), conversation: {} };
    for (const options of [once, wrong]) {
      const client = createClient(options);
      await expect(client.fetch(url, { body: order })).rejects.toMatchObject({ code: "ERR_SERVICE_FAULT" });
      await client.close();
    }
  });
});

describe("claims (reports.ts)", () => {
  const ask = async (claims: JWTPayload, key = idpPrivateKey, audience = "urn:reports") => {
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256" })
      .setIssuer("https://idp.example")
      .setAudience(audience)
      .setSubject("carol")
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign(key);
    return send("GET", "/reports", { authorization: `Bearer ${token}` });
  };

  it("accepts an auditor who is cleared", async () => {
    expect(await ask({ role: "auditor", clearance: 3 })).toMatchObject({ status: 200, body: "reports for carol" });
  });

  it("rejects a missing claim with ERR_POLICY_CLAIM and its description", async () => {
    const uncleared = await ask({ role: "auditor", clearance: 2 });
    expect(uncleared).toMatchObject({ status: 403, body: "The claim clearance of 3 or more is required." });
    const roleless = await ask({ role: "clerk", clearance: 3 });
    expect(roleless).toMatchObject({ status: 403, body: "The claim role = auditor | manager is required." });
  });

  it("rejects another audience, another key and no token as the document says", async () => {
    const [said] = exchangesOf("reports.ts");
    if (said === undefined) throw new Error("the document shows no answer");
    const { method, target, headers } = said.request;
    const claims = { role: "auditor", clearance: 3 };
    const stranger = generateKeyPair("ec").privateKey;
    for (const answer of [
      await send(method, target, headers),
      await ask(claims, idpPrivateKey, "urn:other"),
      await ask(claims, stranger),
    ]) {
      expectAnswer(answer, said.response);
    }
  });
});

describe("the audit record (audited.ts)", () => {
  let records: AuditEvent[] = [];
  beforeAll(async () => {
    records = (await stage.loader.load("audited.ts")).records as AuditEvent[];
  });
  beforeEach(() => {
    records.length = 0;
  });

  it("accepts a right password and records who it was", async () => {
    const credentials = async () => ({ name: "alice", password: await askForPassword() });
    await send("POST", "/audited", soap12, await secured({ credentials, tls: { ca } }));
    expect(records).toMatchObject([{ outcome: "admitted", principal: "alice", proof: "password-text" }]);
    expect(JSON.stringify(records)).not.toContain(await askForPassword());
  });

  it("rejects the bare envelope with the record that the document shows", async () => {
    const block = blocksOf("README.md").find(({ attributes }) => attributes.record === "audited.ts");
    const shown = JSON.parse(block?.text ?? "") as AuditEvent;
    const [bare] = exchangesOf("express.ts");
    const { headers } = await send("POST", "/audited", soap12, bare?.request.body ?? order);
    expect(records).toEqual([
      {
        ...shown,
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        id: headers["x-correlation-id"],
        milliseconds: expect.any(Number),
      },
    ]);
    expect(shown.id).toMatch(correlationId);
  });
});
