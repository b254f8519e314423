import type { AgentOptions, PolicyServerOptions } from "@countersign/core";
import { expect, it } from "vitest";
import { type AgentStage, agentScenario, documentScheme, order, send } from "./agent-stage.js";

const methods = ["GET", "POST"];
const rule = { methods, resources: ["/auth"] };

/** A service with resources of two levels, whose agent remembers decisions unless told otherwise. */
async function begin(stage: AgentStage, options: Partial<PolicyServerOptions> = {}, cache?: AgentOptions["cache"]) {
  const decisions = stage.decisions({
    realms: [
      { name: "auth", resources: ["/auth/*"], scheme: documentScheme },
      { name: "high", resources: ["/auth/high"], scheme: documentScheme, level: 10 },
    ],
    policies: [
      { realm: "auth", rules: [{ ...rule, methods: ["GET"] }], users: ["alice"] },
      { realm: "auth", rules: [{ resources: ["/auth/login"] }], users: ["alice", "bob"] },
      { realm: "high", rules: [{ methods }], users: ["alice"] },
    ],
    ...options,
  });
  const agent = { decisionPoint: decisions, acceptSessionCookie: true, sessionCookie: { reply: true }, cache };
  const login = await stage.service(agent, { path: "/auth/login" });
  const begun = async (user = "alice", password = "wonderland") =>
    String((await send(login, { body: order(user, password) })).headers["set-cookie"]).split(";")[0] ?? "";
  const asked = (operation: string) => decisions.operations.filter((one) => one === operation).length;
  const guarded = (path: string) => stage.service(agent, { path });
  return { stage, decisions, begun, asked, guarded, service: await guarded("/auth") };
}

const remembering = (stage: AgentStage, options: Partial<PolicyServerOptions> = {}, seconds = 60) =>
  begin(stage, options, { seconds });

const get = (cookie: string, headers: Readonly<Record<string, string>> = {}) =>
  ({ method: "GET", headers: { cookie, ...headers } }) as const;

agentScenario("decisions that an agent remembers", (newStage) => {
  it("accepts a session again and asks nobody; without a cache it asks each time", async () => {
    for (const [cache, times] of [
      [{ seconds: 60 }, 1],
      [undefined, 3],
    ] as const) {
      const { asked, begun, service } = await begin(newStage(), {}, cache);
      const cookie = await begun();
      for (let call = 0; call < 3; call++) expect((await send(service, get(cookie))).status).toBe(200);
      expect([asked("validateSession"), asked("authorize")]).toEqual([times, times + 1]);
    }
  });

  it("rejects another user, who may not, right after one who may", async () => {
    const { begun, service } = await remembering(newStage());
    const [alice, bob] = [await begun(), await begun("bob", "builder")];
    const statuses: number[] = [];
    for (const cookie of [alice, bob, alice, bob]) statuses.push((await send(service, get(cookie))).status);
    expect(statuses).toEqual([200, 403, 200, 403]);
  });

  it("rejects another method, and another resource, than those that were permitted", async () => {
    const { begun, service, guarded } = await remembering(newStage());
    const cookie = await begun();
    expect((await send(service, get(cookie))).status).toBe(200);
    expect((await send(service, { body: "<Order/>", headers: { cookie } })).status).toBe(403);
    expect((await send(await guarded("/auth/other"), get(cookie))).status).toBe(403);
    expect((await send(service, get(cookie))).status).toBe(200);
  });

  it("rejects a remembered session where a higher level is demanded", async () => {
    const { begun, service, guarded } = await remembering(newStage());
    const [cookie, high] = [await begun(), await guarded("/auth/high")];
    expect((await send(service, get(cookie))).status).toBe(200);
    expect((await send(high, get(cookie))).status).toBe(401);
    expect(high.events).toMatchObject([{ error: { code: "ERR_TOKEN_MISSING" } }]);
    const answer = await send(high, { body: order() });
    const strong = String(answer.headers["set-cookie"]).split(";")[0] ?? "";
    expect((await send(high, get(strong))).status).toBe(200);
    expect((await send(high, get(cookie))).status).toBe(401);
  });

  it("rejects other values of a variable than those that were permitted, infinite ones too", async () => {
    const { begun, service } = await remembering(newStage(), {
      variables: [{ name: "amount", of: "transport", header: "x-amount", as: "number" }],
      policies: [
        { realm: "auth", rules: [{ resources: ["/auth/login"] }], users: ["alice"] },
        { realm: "auth", rules: [rule], users: ["alice"], when: ({ variables }) => Number(variables.amount) < 100 },
      ],
    });
    const cookie = await begun();
    const huge = "9".repeat(400);
    const statuses: number[] = [];
    for (const amount of ["99", "100", "99", `-${huge}`, huge]) {
      statuses.push((await send(service, get(cookie, { "x-amount": amount }))).status);
    }
    expect(statuses).toEqual([200, 403, 200, 403, 403]);
  });

  it("rejects a session that was ended, once it is no longer remembered, and at once without a cache", async () => {
    for (const [cache, statuses] of [
      [{ seconds: 60 }, [200, 401]],
      [undefined, [401, 401]],
    ] as const) {
      const { stage, decisions, begun, service } = await begin(newStage(), {}, cache);
      const cookie = await begun();
      expect((await send(service, get(cookie))).status).toBe(200);
      await decisions.logOut(cookie.slice("SMSESSION=".length));
      stage.clock.pass(59);
      const before = (await send(service, get(cookie))).status;
      stage.clock.pass(1);
      expect([before, (await send(service, get(cookie))).status]).toEqual(statuses);
      expect(service.events.at(-1)).toMatchObject({ error: { code: "ERR_SESSION_REVOKED" } });
    }
  });

  it("rejects a user who was disabled, once the decision is no longer remembered", async () => {
    const { stage, begun, service } = await remembering(newStage());
    const cookie = await begun();
    expect((await send(service, get(cookie))).status).toBe(200);
    stage.directory.disabled.add("alice");
    stage.clock.pass(60);
    expect((await send(service, get(cookie))).status).toBe(401);
    expect(service.events.at(-1)).toMatchObject({ error: { code: "ERR_SESSION_REVOKED" } });
  });

  it("rejects a remembered session at its end, however long decisions are remembered", async () => {
    for (const sessions of [{ idleSeconds: 300 }, { idleSeconds: 300, maxSeconds: 300 }]) {
      const stage = newStage();
      const { begun, service } = await remembering(stage, { sessions: { keys: stage.ring, ...sessions } }, 3_600);
      const cookie = await begun();
      expect((await send(service, get(cookie))).status).toBe(200);
      stage.clock.pass(300);
      expect((await send(service, get(cookie))).status).toBe(401);
      expect(service.events.at(-1)).toMatchObject({ error: { code: "ERR_SESSION_EXPIRED" } });
    }
  });

  it("accepts a session in use past its idle time, although the decision is remembered for longer", async () => {
    const stage = newStage();
    const sessions = { keys: stage.ring, idleSeconds: 300 };
    const { begun, service } = await remembering(stage, { sessions }, 3_600);
    const cookie = await begun();
    for (let call = 0; call < 6; call++) {
      expect((await send(service, get(cookie))).status).toBe(200);
      stage.clock.pass(100);
    }
  });

  it("rejects what was denied only as long as it is: a denial is not remembered, and never becomes a permission", async () => {
    let open = false;
    const { begun, service, asked } = await remembering(newStage(), {
      policies: [
        { realm: "auth", rules: [{ resources: ["/auth/login"] }], users: ["alice"] },
        { realm: "auth", rules: [rule], users: ["alice"], when: () => open },
      ],
    });
    const cookie = await begun();
    for (let call = 0; call < 2; call++) expect((await send(service, get(cookie))).status).toBe(403);
    expect([asked("authorize"), service.handled]).toEqual([3, []]);
    open = true;
    expect((await send(service, get(cookie))).status).toBe(200);
  });

  it("rejects wrong credentials although the user's session is remembered", async () => {
    const { begun, service } = await remembering(newStage());
    const cookie = await begun();
    expect((await send(service, get(cookie))).status).toBe(200);
    expect((await send(service, { body: order("alice", "wrong"), headers: { cookie } })).status).toBe(401);
  });

  it("rejects a session that fell out of a full cache and was ended meanwhile", async () => {
    const { decisions, begun, service } = await begin(newStage(), {}, { seconds: 60, entries: 1 });
    const [first, second] = [await begun(), await begun()];
    for (const cookie of [first, second]) expect((await send(service, get(cookie))).status).toBe(200);
    await decisions.logOut(first.slice("SMSESSION=".length));
    expect((await send(service, get(first))).status).toBe(401);
  });
});
