import type { ClientOptions } from "@countersign/client";
import {
  InMemorySecurityContextStore,
  type ReplyOptions,
  type SecurityContextOptions,
  saml2,
  securityContext,
  usernameToken,
} from "@countersign/core";
import { expect, it } from "vitest";
import { order, ordersUrl } from "../trust/estate.js";
import { type Stage, scenario, type Wire } from "./stage.js";
import { errorOf, expectAdmitted, expectRefusal, textOf } from "./views.js";

/*
 * A context is established at the service itself, by a token of the broker or by password; from then on messages are signed
 * under it, each with a key of its own.
 */

const names = /<wsc:Nonce>([^<]*)</;

const bootstrap = [
  saml2({ audience: ordersUrl, confirm: "bearer", over: "transport" }),
  usernameToken({ verify: (name, password) => name === "alice" && password === "wonderland", over: "transport" }),
];

/** A service that holds conversations with whoever shows a token of the broker, or a password. */
async function conversing(stage: Stage, reply?: ReplyOptions) {
  const contexts = new InMemorySecurityContextStore({ clock: stage.clock });
  const service = await stage.service({
    accept: [securityContext({ contexts, requireDerivedKeys: true })],
    conversation: { contexts, bootstrap },
    reply,
  });
  return { ...service, contexts };
}

const call = { body: order(), appliesTo: ordersUrl };
const target = { appliesTo: ordersUrl };
const cipherText = /(?<=Body.*<xenc:CipherValue>.{40})./s;
const sentBy = (wire: Wire): string => Buffer.from(wire.sent.at(-1)?.body ?? "").toString();
const sealedReply = { signed: true, confirmed: true, encrypted: true };

/** A requestor who encrypts under the context, and demands the same of replies. */
const sealed = (
  encrypt: Omit<NonNullable<ClientOptions["encrypt"]>, "for"> = {},
  more: Partial<ClientOptions> = {},
): Partial<ClientOptions> => ({
  conversation: {},
  encrypt: { for: "context", ...encrypt },
  reply: sealedReply,
  ...more,
});

/** A service that takes what is encrypted under contexts, and answers so. */
async function sealing(
  stage: Stage,
  demands: Partial<Omit<SecurityContextOptions, "contexts">> = {},
  reply: Partial<ReplyOptions> = {},
) {
  const contexts = new InMemorySecurityContextStore({ clock: stage.clock });
  const service = await stage.service({
    accept: [securityContext({ contexts, requireDerivedKeys: true, encrypted: ["body"], ...demands })],
    conversation: { contexts, bootstrap },
    reply: { sign: "context", confirm: true, encrypt: { for: "context", order: demands.order }, ...reply },
  });
  return { ...service, contexts };
}

const badContext = { code: "ERR_CONTEXT_INVALID", verdict: "BadContextToken" } as const;

scenario("S5 conversations: a context, and a key derived for each message", (newStage) => {
  it("accepts orders under one context, established by one token of the broker", async () => {
    const stage = newStage();
    const [broker, service] = [await stage.broker(), await conversing(stage)];
    const { client, wire, user } = stage.requestor(broker, { conversation: {} });
    for (let count = 0; count < 3; count++) {
      await client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
      expectAdmitted(service, wire.received.at(-1), { principal: "alice@example", proof: "signature" });
    }
    expect(service.contexts.size).toBe(1);
    expect(user.asked).toBe(1);
    const sent = wire.sent.slice(-3).map(({ body }) => Buffer.from(body).toString());
    expect(new Set(sent.map((text) => names.exec(text)?.[1])).size).toBe(3);
    expect(sent.some((text) => text.includes("Assertion"))).toBe(false);
  });

  it("accepts replies under the context of the request, and rejects one that was changed", async () => {
    const stage = newStage();
    const service = await conversing(stage, { sign: "context", confirm: true });
    const { client, wire } = stage.direct({ conversation: {}, reply: { signed: true, confirmed: true } });
    const { message } = await client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
    expect(message?.body.protection).toMatchObject({
      by: "signature",
      algorithm: expect.stringContaining("hmac-sha256"),
    });
    wire.tamper = (body) => body.replace("<hello>alice<", "<hello>mallory<");
    const error = await errorOf(client.fetch(service.url, { body: order(), appliesTo: ordersUrl }));
    expect(error).toMatchObject({ code: "ERR_SERVICE_RESPONSE_INVALID" });
  });

  it("accepts the words of 2005/02, and the context's own key only where no derived one is demanded", async () => {
    const stage = newStage();
    const service = await conversing(stage);
    const { client } = stage.direct({ conversation: { version: "2005/02" } });
    await client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
    const bare = stage.direct({ conversation: { derivedKeys: false } });
    const error = await errorOf(bare.client.fetch(service.url, { body: order(), appliesTo: ordersUrl }));
    expect(error).toMatchObject({ code: "ERR_SERVICE_FAULT" });
    expectRefusal(service.events, bare.wire.received.at(-1), { code: "ERR_WSS_FAILED_CHECK", verdict: "FailedCheck" });
  });

  it("renews a context ahead of its end, with a new key", async () => {
    const stage = newStage();
    const service = await conversing(stage);
    const { client, user } = stage.direct({ conversation: { renewalSeconds: 100 } });
    await client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
    stage.clock.pass(1_750);
    await client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
    const operations = service.events.flatMap(({ conversation }) => conversation?.operation ?? []);
    expect(operations).toEqual(["issue", "renew"]);
    expect([service.contexts.size, user.asked, service.handled.length]).toEqual([1, 1, 2]);
  });

  it("rejects a message under a context that was cancelled, or has expired, with wsc:BadContextToken", async () => {
    for (const end of ["cancel", "expiry"] as const) {
      const stage = newStage();
      const service = await conversing(stage);
      const { client, wire } = stage.direct({ conversation: { lifetimeSeconds: 60, renewalSeconds: 1 } });
      await client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
      const { envelope, contentType } = await client.secure(order(), { appliesTo: ordersUrl, to: service.url });
      if (end === "cancel") await client.close();
      else stage.clock.pass(60);
      const headers = { "content-type": contentType };
      const request = { url: new URL(service.url), method: "POST", headers, body: envelope };
      const answer = await wire.send({ ...request, timeoutMilliseconds: 5_000, maxResponse: 1 << 20 });
      expect(service.events.at(-1)).toMatchObject({ outcome: "refused", error: badContext });
      expect(textOf(answer)).toContain(">wsc:BadContextToken<");
      expect(service.handled).toHaveLength(1);
    }
  });

  it("accepts an order after the service forgot the context: once more, under a new one", async () => {
    const stage = newStage();
    const service = await conversing(stage);
    const { client, user } = stage.direct({ conversation: {} });
    await client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
    const forgetful = service.contexts.find.bind(service.contexts);
    let asked = 0;
    service.contexts.find = (key) => (asked++ === 0 ? "unknown" : forgetful(key));
    await client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
    expect([service.handled.length, user.asked]).toEqual([2, 2]);
    service.contexts.find = () => "unknown";
    const error = await errorOf(client.fetch(service.url, { body: order(), appliesTo: ordersUrl }));
    expect(error).toMatchObject({ code: "ERR_SERVICE_FAULT", fault: { subcode: { localName: "BadContextToken" } } });
    expect(user.asked).toBe(3);
  });

  it("rejects to establish a context with a wrong password", async () => {
    const stage = newStage();
    const service = await conversing(stage);
    const { client, wire, user } = stage.direct({ conversation: {} });
    user.password = "looking-glass";
    const error = await errorOf(client.fetch(service.url, { body: order(), appliesTo: ordersUrl }));
    expect(error).toMatchObject({ code: "ERR_SERVICE_FAULT" });
    const refusal = { code: "ERR_WSS_FAILED_AUTHENTICATION", verdict: "FailedAuthentication" } as const;
    expectRefusal(service.events, wire.received.at(-1), refusal);
    expect([service.contexts.size, service.handled.length]).toEqual([0, 0]);
  });

  const protections = ["sign-then-encrypt", "encrypt-then-sign"] as const;

  it.each(protections)(
    "accepts orders and replies by %s, encrypted and signed under one context",
    async (protection) => {
      const stage = newStage();
      const service = await sealing(stage, { order: protection });
      const { client, wire } = stage.direct(sealed({ order: protection }));
      const { message } = await client.fetch(service.url, call);
      expect(message?.body.child("hello")?.text).toBe("alice");
      expect(service.events.at(-1)).toMatchObject({ outcome: "admitted", encrypted: ["body"] });
      const [request, response] = [sentBy(wire), textOf(wire.received.at(-1))];
      for (const text of [request, response]) {
        expect(text).toContain("<xenc:EncryptedData");
        expect(text).not.toMatch(/<order|<hello>|EncryptedKey/);
      }
      // Keys of their own for the signature and for what is encrypted.
      expect(request.match(/<wsc:DerivedKeyToken /g)).toHaveLength(2);
      wire.tamper = (body) => body.replace(cipherText, (octet) => (octet === "A" ? "B" : "A"));
      expect(await errorOf(client.fetch(service.url, call))).toMatchObject({ code: "ERR_SERVICE_RESPONSE_INVALID" });
    },
  );

  it.each(protections)(
    "rejects an order that was changed, in clear or in another order than %s",
    async (protection) => {
      const stage = newStage();
      const service = await sealing(stage, { order: protection });
      const other = protections[1 - protections.indexOf(protection)];
      const clear = stage.direct({ conversation: {}, reply: sealedReply });
      await errorOf(clear.client.fetch(service.url, call));
      expectRefusal(service.events, clear.wire.received.at(-1), {
        code: "ERR_POLICY_PART_UNPROTECTED",
        verdict: "FailedCheck",
      });
      const otherwise = stage.direct(sealed({ order: other }));
      await errorOf(otherwise.client.fetch(service.url, call));
      const invalid = { code: "ERR_WSS_INVALID_SECURITY", verdict: "InvalidSecurity" } as const;
      expectRefusal(service.events, otherwise.wire.received.at(-1), invalid);
      expect(service.handled).toHaveLength(0);
    },
  );

  it("accepts both versions, WS-Addressing and every part encrypted, and confirms the signature", async () => {
    for (const version of ["1.3", "2005/02"] as const) {
      const stage = newStage();
      const service = await sealing(stage, {
        signed: ["body", "timestamp", "addressing"],
        encrypted: ["body", "signature"],
      });
      const parts = ["body", "signature"] as const;
      const { client, wire } = stage.direct(sealed({ parts }, { conversation: { version }, addressing: true }));
      await client.fetch(service.url, call);
      expect(service.events.at(-1)).toMatchObject({ outcome: "admitted", encrypted: ["body", "signature"] });
      expect(sentBy(wire)).not.toContain("<ds:Signature ");
      wire.tamper = (body) => body.replace(/<wsa:RelatesTo>/, "<wsa:RelatesTo> ");
      const unconfirmed = await sealing(stage, {}, { confirm: false });
      expect(await errorOf(client.fetch(unconfirmed.url, call))).toMatchObject({
        code: "ERR_SERVICE_RESPONSE_INVALID",
      });
    }
  });

  it("accepts a renewal, an amendment and a cancellation on demand, and rejects what is asked where nothing is held", async () => {
    const stage = newStage();
    const service = await sealing(stage);
    const { client } = stage.direct(sealed());
    const nothing = { code: "ERR_CONFIG_INVALID", option: "url" };
    for (const early of [client.renewContext(service.url, target), client.amendContext(service.url, target)]) {
      expect(await errorOf(early)).toMatchObject(nothing);
    }
    await client.cancelContext(service.url, target);
    await client.fetch(service.url, call);
    await client.renewContext(service.url, target);
    await client.fetch(service.url, call);
    await client.amendContext(service.url, target);
    await client.fetch(service.url, call);
    await client.cancelContext(service.url, target);
    expect(service.contexts.size).toBe(0);
    await client.fetch(service.url, call);
    const operations = service.events.flatMap(({ conversation }) => conversation?.operation ?? []);
    expect(operations).toEqual(["issue", "renew", "amend", "cancel", "issue"]);
    expect(service.handled).toHaveLength(4);
    const single = stage.direct();
    expect(await errorOf(single.client.renewContext(service.url))).toMatchObject({
      code: "ERR_CONFIG_INVALID",
      option: "conversation",
    });
  });

  it("accepts the claims of a further token from the broker, and rejects to show a token of somebody else", async () => {
    const stage = newStage();
    const broker = await stage.broker({ relyingParties: [{ appliesTo: ordersUrl, claims: ["role", "mail"] }] });
    const service = await sealing(stage);
    const { client, user } = stage.requestor(broker, { ...sealed(), claims: ["mail"] });
    const roles = () => service.handled.at(-1)?.claims.values("role");
    await client.fetch(service.url, call);
    expect(roles()).toEqual([]);
    await client.amendContext(service.url, { ...target, claims: ["role"] });
    await client.fetch(service.url, call);
    expect(roles()).toEqual(["clerk"]);
    expect(user.asked).toBe(2);
    Object.assign(user, { name: "bob", password: "builder" });
    const stolen = await errorOf(client.amendContext(service.url, { ...target, claims: [] }));
    expect(stolen).toMatchObject({ code: "ERR_SERVICE_FAULT" });
    expect(service.events.at(-1)).toMatchObject({ outcome: "refused", error: { code: "ERR_TRUST_REQUEST_FAILED" } });
  });
});
