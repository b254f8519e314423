import {
  InMemorySecurityContextStore,
  type ReplyOptions,
  saml2,
  securityContext,
  usernameToken,
} from "@countersign/core";
import { expect, it } from "vitest";
import { order, ordersUrl } from "../trust/estate.js";
import { type Stage, scenario } from "./stage.js";
import { errorOf, expectAdmitted, expectRefusal, textOf } from "./views.js";

/*
 * A context is established at the service itself, by a token of the broker or by password; from then on messages are signed
 * under it, each with a key of its own.
 */

const names = /<wsc:Nonce>([^<]*)</;

/** A service that holds conversations with whoever shows a token of the broker, or a password. */
async function conversing(stage: Stage, reply?: ReplyOptions) {
  const contexts = new InMemorySecurityContextStore({ clock: stage.clock });
  const bootstrap = [
    saml2({ audience: ordersUrl, confirm: "bearer", over: "transport" }),
    usernameToken({ verify: (name, password) => name === "alice" && password === "wonderland", over: "transport" }),
  ];
  const service = await stage.service({
    accept: [securityContext({ contexts, requireDerivedKeys: true })],
    conversation: { contexts, bootstrap },
    reply,
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
});
