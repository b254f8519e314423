import {
  type AgentOptions,
  headerVariable,
  type PolicyServerOptions,
  type ResponseRule,
  returnAuthenticationData,
  wsSecurityHeader,
} from "@countersign/core";
import { createTestCertificate } from "@countersign/core/testing";
import { expect, it } from "vitest";
import type { Seen } from "../adapter/site.js";
import { type AgentStage, agentScenario, documentScheme, order, send, soap, soapTypes } from "./agent-stage.js";

const byCookie: Partial<AgentOptions> = { acceptSessionCookie: true, sessionCookie: { reply: true } };

/** Two realms under one policy server: the first one's users may use the second one too. */
const estate: Partial<PolicyServerOptions> = {
  realms: [
    { name: "auth", resources: ["/auth/*"], scheme: documentScheme },
    { name: "orders", resources: ["/orders/*"], scheme: documentScheme },
    { name: "payments", resources: ["/payments/*"], scheme: documentScheme, level: 10 },
  ],
  policies: ["auth", "orders", "payments"].map((realm) => ({ realm, rules: [{}], users: ["alice", "bob"] })),
};

const cookieOf = (answer: { readonly headers: Readonly<Record<string, unknown>> }): string =>
  String(answer.headers["set-cookie"]).split(";")[0] ?? "";

/** Authenticates at the first service; the others stand beside it under the same policy server. */
async function begun(stage: AgentStage, sessions: Partial<PolicyServerOptions["sessions"]> = {}) {
  const decisions = stage.decisions({ ...estate, sessions: { keys: stage.ring, ...sessions } });
  const at = (path: string, encrypted = true) =>
    stage.service({ decisionPoint: decisions, ...byCookie }, { path, encrypted });
  const auth = await at("/auth");
  const cookie = cookieOf(await send(auth, { body: order() }));
  return { decisions, at, auth, cookie };
}

agentScenario("R1.9 access without authenticating again", (newStage) => {
  it("accepts the session at a second service and at the first, with credentials checked once", async () => {
    const stage = newStage();
    const { decisions, at, auth, cookie } = await begun(stage);
    const orders = await at("/orders");
    for (const service of [orders, auth, orders]) {
      expect((await send(service, { body: soap("<Order/>"), headers: { cookie } })).status).toBe(200);
    }
    expect([decisions.authentications, stage.directory.checked]).toEqual([1, 1]);
    expect(orders.events).toMatchObject(Array(2).fill({ outcome: "admitted", principal: "alice", proof: "session" }));
  });

  it.each([
    ["lay unused for too long", { idleSeconds: 600 }, [601]],
    ["is used, but past its end", { idleSeconds: 600, maxSeconds: 1_200 }, [500, 500, 300]],
  ])("rejects a session that %s until its user authenticates anew", async (_, sessions, pauses) => {
    const stage = newStage();
    const { decisions, auth, cookie } = await begun(stage, sessions);
    const statuses: number[] = [];
    for (const seconds of pauses) {
      stage.clock.pass(seconds);
      statuses.push((await send(auth, { body: "<Order/>", headers: { cookie } })).status);
    }
    expect(statuses).toEqual([...Array(pauses.length - 1).fill(200), 401]);
    expect(auth.events.at(-1)).toMatchObject({ outcome: "refused", error: { code: "ERR_SESSION_EXPIRED" } });
    const again = await send(auth, { body: order(), headers: { cookie } });
    expect([again.status, decisions.authentications]).toEqual([200, 2]);
    const headers = { cookie: cookieOf(again) };
    expect((await send(auth, { body: "<Order/>", headers })).status).toBe(200);
  });

  it("rejects a session of a lower level than the realm demands", async () => {
    const { at, cookie } = await begun(newStage());
    const payments = await at("/payments");
    expect((await send(payments, { body: "<Order/>", headers: { cookie } })).status).toBe(401);
    expect(payments.events).toMatchObject([{ error: { code: "ERR_TOKEN_MISSING" } }]);
    expect(payments.handled).toEqual([]);
  });

  it("rejects a session whose cookie came in the open, and accepts it over TLS", async () => {
    const { at, cookie } = await begun(newStage());
    const open = await at("/orders", false);
    expect((await send(open, { body: "<Order/>", headers: { cookie } })).status).toBe(401);
    expect(open.events).toMatchObject([{ error: { code: "ERR_WSS_INVALID_SECURITY" } }]);
    expect(open.handled).toEqual([]);
    expect((await send(await at("/orders"), { body: "<Order/>", headers: { cookie } })).status).toBe(200);
  });
});

agentScenario("R1.15 multistep authentication by the cookie alone", (newStage) => {
  /** A first service that calls a second one with the cookie that its agent added. */
  async function chain(keys: (stage: AgentStage) => AgentStage["ring"], tenant?: string) {
    const stage = newStage();
    const decisions = stage.decisions(estate);
    const same = keys(stage) === stage.ring && tenant === undefined;
    const others = same ? decisions : stage.decisions({ ...estate, sessions: { keys: keys(stage) }, tenant });
    const second = await stage.service({ decisionPoint: others, acceptSessionCookie: true }, { path: "/orders" });
    const handler = async ({ request }: Seen) => {
      const headers = { cookie: String(request.headers.cookie) };
      const { status } = await send(second, { body: "<Order/>", headers });
      return { status, headers: { "content-type": "text/xml" }, body: "<forwarded/>" };
    };
    const first = await stage.service({ decisionPoint: decisions }, { handler });
    return { stage, first, second };
  }

  it("accepts a chain of services, each of which sees the user, with credentials checked once", async () => {
    const { stage, first, second } = await chain(({ ring }) => ring);
    expect((await send(first, { body: order() })).status).toBe(200);
    expect(second.handled).toMatchObject([{ headers: { sm_user: "alice", sm_authtype: "Session" } }]);
    expect(stage.directory.checked).toBe(1);
  });

  it.each([
    ["under another key", ({ otherRing }: AgentStage) => otherRing, undefined],
    ["under the same key for another tenant", ({ ring }: AgentStage) => ring, "elsewhere"],
  ])("rejects the cookie at a service %s", async (_, keys, tenant) => {
    const { first, second } = await chain(keys, tenant);
    expect((await send(first, { body: order() })).status).toBe(401);
    expect(second.events).toMatchObject([{ outcome: "refused", error: { code: "ERR_SESSION_INVALID" } }]);
    expect(second.handled).toEqual([]);
  });
});

const agentKey = createTestCertificate({ subject: "CN=agent", notBefore: 0, notAfter: Date.UTC(2090, 0) });
const sign = { key: agentKey.keyPair.privateKey, certificate: agentKey.certificate, issuer: "urn:agent" };
const vouched = wsSecurityHeader({ token: "saml2", audience: "urn:orders", confirm: "sender-vouches" });

/** An authentication service: it returns what the agent put into the request. */
async function returning(stage: AgentStage, policies: PolicyServerOptions["policies"]) {
  const handler = ({ body, request: { headers } }: Seen) => {
    const reply = returnAuthenticationData({ body, headers });
    return { headers: reply.headers, body: Buffer.from(reply.body) };
  };
  return stage.service({ decisionPoint: stage.decisions({ policies }), sign }, { handler });
}

agentScenario("R1.3 authentication data comes back in an XML message", (newStage) => {
  const policies = [{ realm: "auth", rules: [{}], users: ["alice"], responses: [vouched] }];

  it.each(["1.1", "1.2"] as const)(
    "accepts a SOAP %s request, and answers in kind with an assertion",
    async (version) => {
      const service = await returning(newStage(), policies);
      const answer = await send(service, { body: soap(order(), { version }), type: soapTypes[version] });
      expect([answer.status, answer.headers["content-type"]]).toEqual([200, soapTypes[version]]);
      expect(answer.text).toMatch(/<[\w:]*Security[\s\S]*<[\w:]*Assertion/);
    },
  );

  it.each(["1.1", "1.2"] as const)(
    "rejects a wrong password in SOAP %s by a fault without any of it",
    async (version) => {
      const service = await returning(newStage(), policies);
      const answer = await send(service, {
        body: soap(order("alice", "wrong"), { version }),
        type: soapTypes[version],
      });
      expect([answer.status, answer.headers["content-type"]]).toEqual([
        version === "1.1" ? 500 : 400,
        soapTypes[version],
      ]);
      expect(answer.text).toContain("Fault>");
      expect(answer.text).not.toMatch(/Assertion|alice|urn:agent/);
    },
  );
});

agentScenario("R1.6 a response attribute makes the agent return authentication data", (newStage) => {
  const forEach = (first: readonly ResponseRule[], second: readonly ResponseRule[]) => [
    { realm: "auth", rules: [{}], users: ["alice"], responses: first },
    { realm: "auth", rules: [{}], users: ["bob", "alice"], responses: second },
  ];

  it("accepts the attribute of the policy that authorises, and returns an assertion", async () => {
    const service = await returning(newStage(), forEach([vouched], [headerVariable("x-a", "b")]));
    expect((await send(service, { body: soap(order()) })).text).toContain("Assertion");
  });

  it.each([
    ["another user's", forEach([vouched], []), "bob", "builder"],
    ["a later", forEach([], [vouched]), "alice", "wonderland"],
  ])("rejects the attribute of %s policy: nothing is made", async (_, policies, user, password) => {
    const service = await returning(newStage(), policies);
    const answer = await send(service, { body: soap(order(user, password)) });
    expect(answer.text).not.toContain("Assertion");
    expect(service.handled.map(({ body }) => body.includes("Assertion"))).toEqual([false]);
  });
});
