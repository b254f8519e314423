import { headerVariable, httpBasic } from "@countersign/core";
import { expect, it } from "vitest";
import { agentScenario, order, send, soap } from "./agent-stage.js";

const basic = (name: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`,
});

agentScenario("R0.4 the policy server authenticates by a supported scheme", (newStage) => {
  it("accepts credentials of each scheme of the realm, and tells the policy server which it was", async () => {
    const stage = newStage();
    const decisions = stage.decisions({
      realms: [{ name: "auth", resources: ["/auth/*"], scheme: [stage.documentScheme, httpBasic()] }],
      policies: [{ realm: "auth", rules: [{ methods: ["POST", "GET"] }], users: ["alice"] }],
    });
    const service = await stage.service({ decisionPoint: decisions });
    expect((await send(service, { body: order() })).status).toBe(200);
    expect((await send(service, { method: "GET", headers: basic("alice", "wonderland") })).status).toBe(200);
    const asked = decisions.calls.filter(({ operation }) => operation === "authenticate").map((call) => call.asked);
    const credentials = { kind: "password", name: "alice", password: "wonderland" };
    expect(asked).toMatchObject([
      { scheme: "xml-document", realm: "auth", credentials },
      { scheme: "basic", realm: "auth", credentials },
    ]);
  });

  it.each([
    ["a wrong password in HTTP Basic", basic("alice", "wonderlanD"), "ERR_WSS_FAILED_AUTHENTICATION"],
    ["Basic that is no base64", { authorization: "Basic a:b" }, "ERR_TOKEN_MALFORMED"],
    ["no credentials", {}, "ERR_TOKEN_MISSING"],
  ])("rejects %s, with the challenge of the realm", async (_, headers, code) => {
    const stage = newStage();
    const realms = [{ name: "auth", resources: ["/auth/*"], scheme: httpBasic() }];
    const service = await stage.service({ decisionPoint: stage.decisions({ realms }) });
    const answer = await send(service, { method: "GET", headers });
    expect([answer.status, answer.text]).toEqual([401, "The security check failed."]);
    expect(answer.headers["www-authenticate"]).toBe('Basic realm="https://auth.example", charset="UTF-8"');
    expect(service.events).toMatchObject([{ outcome: "refused", error: { code } }]);
    expect(service.handled).toEqual([]);
  });

  it("rejects HTTP Basic that came in the open, without asking anybody", async () => {
    const stage = newStage();
    const realms = [{ name: "auth", resources: ["/auth/*"], scheme: httpBasic() }];
    const service = await stage.service({ decisionPoint: stage.decisions({ realms }) }, { encrypted: false });
    expect((await send(service, { method: "GET", headers: basic("alice", "wonderland") })).status).toBe(401);
    expect(service.events).toMatchObject([{ error: { code: "ERR_WSS_INVALID_SECURITY" } }]);
    expect(stage.directory.checked).toBe(0);
  });

  it("answers 503 while the directory is out, whatever the credentials (M, section 1.2)", async () => {
    const stage = newStage();
    const service = await stage.service({ decisionPoint: stage.decisions() });
    stage.directory.out = true;
    const answers = [await send(service, { body: order() }), await send(service, { body: order("alice", "wrong") })];
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    expect(service.handled).toEqual([]);
  });
});

agentScenario("R0.5 authorisation follows authentication", (newStage) => {
  it("accepts in this order: protected, authenticated, authorised", async () => {
    const stage = newStage();
    const decisions = stage.decisions();
    const service = await stage.service({ decisionPoint: decisions });
    expect((await send(service, { body: order() })).status).toBe(200);
    expect(decisions.operations).toEqual(["isProtected", "authenticate", "authorize"]);
  });

  it("rejects who cannot authenticate, without asking whether they may", async () => {
    const stage = newStage();
    const decisions = stage.decisions();
    const service = await stage.service({ decisionPoint: decisions });
    expect((await send(service, { body: order("alice", "wrong") })).status).toBe(401);
    expect(decisions.operations).toEqual(["isProtected", "authenticate"]);
  });
});

agentScenario("R1.14 the session cookie is added to forwarded requests", (newStage) => {
  const cookieOf = (headers: NodeJS.Dict<string | string[]> | undefined) => String(headers?.cookie ?? "").split("; ");

  it("accepts a request and gives its handler the session cookie, with the caller's other cookies", async () => {
    const stage = newStage();
    const service = await stage.service({ decisionPoint: stage.decisions() });
    const bogus = "a=1; SMSESSION=bogus; tmsamlsession=bogus; b=2";
    const answer = await send(service, { body: order(), headers: { cookie: bogus } });
    expect(answer.status).toBe(200);
    expect(cookieOf(service.handled[0]?.headers)).toEqual([
      "a=1",
      "b=2",
      expect.stringMatching(/^SMSESSION=[\w-]{80,}$/),
    ]);
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });

  it("rejects who authenticated and may not: no cookie, no handler, and the session is gone", async () => {
    const stage = newStage();
    const decisions = stage.decisions();
    const service = await stage.service({ decisionPoint: decisions });
    const answer = await send(service, { body: order("bob", "builder") });
    expect([answer.status, answer.text]).toEqual([403, "<fault>Access is denied.</fault>"]);
    expect(service.events).toMatchObject([{ outcome: "refused", error: { code: "ERR_POLICY_DENIED" } }]);
    expect([answer.headers["set-cookie"], service.handled]).toEqual([undefined, []]);
    expect(decisions.operations.at(-1)).toBe("logOut");
  });
});

agentScenario("R1.13 the session cookie is accepted where configured", (newStage) => {
  async function begun(acceptSessionCookie: boolean, idleSeconds = 600) {
    const stage = newStage();
    const decisions = stage.decisions({ sessions: { keys: stage.ring, idleSeconds } });
    const sessionCookie = { reply: true };
    const service = await stage.service({ decisionPoint: decisions, acceptSessionCookie, sessionCookie });
    const first = await send(service, { body: order() });
    const cookie = String(first.headers["set-cookie"]).split(";")[0] ?? "";
    expect(first.headers["set-cookie"]).toMatch(/^SMSESSION=[\w-]+; Path=\/; HttpOnly; SameSite=\w+; Secure$/);
    return { stage, decisions, service, cookie };
  }

  it("accepts a later document without credentials, and checks none again (R1.9)", async () => {
    const { service, decisions, cookie } = await begun(true);
    for (let call = 0; call < 3; call++) {
      const answer = await send(service, { body: soap("<Order/>"), headers: { cookie } });
      expect(answer.status).toBe(200);
    }
    expect(decisions.authentications).toBe(1);
    expect(service.events.at(-1)).toMatchObject({ outcome: "admitted", principal: "alice", proof: "session" });
    expect(service.handled.at(-1)?.headers).toMatchObject({ sm_user: "alice", sm_authtype: "Session" });
  });

  it("rejects the cookie where it is not accepted, which is the default", async () => {
    const { service, cookie } = await begun(false);
    const answer = await send(service, { body: soap("<Order/>"), headers: { cookie } });
    expect(answer.status).toBe(500);
    expect(service.events.at(-1)).toMatchObject({ outcome: "refused", error: { code: "ERR_TOKEN_MISSING" } });
    expect(service.handled).toHaveLength(1);
  });

  it.each([
    ["one with a flipped bit", (cookie: string) => flipped(cookie), 0, "ERR_SESSION_INVALID"],
    ["one that lay unused for too long", (cookie: string) => cookie, 601, "ERR_SESSION_EXPIRED"],
    ["one that is sent twice", (cookie: string) => `${cookie}; ${cookie}`, 0, "ERR_HTTP_HEADERS"],
  ])("rejects %s", async (_, changed, seconds, code) => {
    const { stage, service, cookie } = await begun(true);
    stage.clock.pass(seconds);
    const answer = await send(service, { body: "<Order/>", headers: { cookie: changed(cookie) } });
    expect(answer.status).toBe(code === "ERR_HTTP_HEADERS" ? 400 : 401);
    expect(service.events.at(-1)).toMatchObject({ outcome: "refused", error: { code } });
    expect(service.handled).toHaveLength(1);
  });

  it("rejects a cookie after log-out (M3), and one of a user who was disabled (M10)", async () => {
    const { stage, decisions, service, cookie } = await begun(true);
    const [, ticket = ""] = cookie.split("=");
    stage.directory.disabled.add("alice");
    expect((await send(service, { body: "<Order/>", headers: { cookie } })).status).toBe(401);
    stage.directory.disabled.clear();
    await decisions.logOut(ticket);
    expect((await send(service, { body: "<Order/>", headers: { cookie } })).status).toBe(401);
    const codes = service.events.map(({ error }) => error?.code);
    expect(codes).toEqual([undefined, "ERR_SESSION_REVOKED", "ERR_SESSION_REVOKED"]);
  });

  it("rejects the cookie of another domain's keys (R1.15)", async () => {
    const { cookie } = await begun(true);
    const other = newStage();
    const decisions = other.decisions({ sessions: { keys: other.otherRing } });
    const service = await other.service({ decisionPoint: decisions, acceptSessionCookie: true });
    expect((await send(service, { body: "<Order/>", headers: { cookie } })).status).toBe(401);
    expect(service.events).toMatchObject([{ error: { code: "ERR_SESSION_INVALID" } }]);
  });
});

const flipped = (cookie: string): string => cookie.slice(0, 60) + (cookie[60] === "A" ? "B" : "A") + cookie.slice(61);

agentScenario("L1 identity headers are the agent's alone", (newStage) => {
  it("accepts no spelling of one from the caller, sets its own, and those of the policy", async () => {
    const stage = newStage();
    const policies = [
      {
        realm: "auth",
        rules: [{}],
        users: ["alice"],
        responses: [headerVariable("x-dept", { attribute: "department" })],
      },
    ];
    const service = await stage.service({ decisionPoint: stage.decisions({ policies }) });
    const spoofed = {
      sm_user: "root",
      "SM-User": "root",
      X_Dept: "board",
      "x-dept": "board",
      tmsamlsessionticket: "x",
    };
    expect((await send(service, { body: order(), headers: spoofed })).status).toBe(200);
    const { headers } = service.handled[0] ?? {};
    expect(headers).toMatchObject({
      sm_user: "alice",
      sm_authtype: "XMLDCC",
      sm_authdirname: "people",
      "x-dept": "sales",
    });
    for (const name of ["sm-user", "x_dept", "tmsamlsessionticket"]) expect(headers).not.toHaveProperty(name);
  });

  it("rejects paths that can be read in two ways (L16), and what is in no realm", async () => {
    const stage = newStage();
    const service = await stage.service({ decisionPoint: stage.decisions() }, { path: "/" });
    for (const suffix of ["/auth", "auth;x=1", "%61uth", "other", "AUTH"]) {
      const answer = await send(service, { body: order("alice", "wrong"), suffix });
      expect([suffix, answer.status]).toEqual([suffix, expect.toSatisfy((status: number) => status >= 400)]);
    }
    expect(service.handled).toEqual([]);
  });

  it("accepts a request to an open resource without its spoofed headers", async () => {
    const stage = newStage();
    const service = await stage.service({ decisionPoint: stage.decisions({ open: ["/health"] }) }, { path: "/health" });
    const answer = await send(service, { method: "GET", headers: { sm_user: "root", cookie: "SMSESSION=x; a=1" } });
    expect(answer.status).toBe(200);
    expect(service.events).toMatchObject([{ outcome: "anonymous" }]);
    expect(service.handled[0]?.headers).not.toHaveProperty("sm_user");
    expect(service.handled[0]?.headers.cookie).toBe("a=1");
  });
});
