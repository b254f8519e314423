import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../errors/index.js";
import { sessionStoreContract } from "../testing/index.js";
import { InMemorySessionStore } from "./in-memory-session-store.js";
import type { NewSession } from "./session-store.js";

const time = { now: Date.UTC(2026, 10, 22) };
const clock = { now: () => time.now };

describe("the contract of session stores", () => {
  const cases = sessionStoreContract({
    create: () => new InMemorySessionStore({ clock }),
    createLimited: (limits) => new InMemorySessionStore({ clock, ...limits }),
    join: (store) => ({
      create: (session) => store.create(session),
      touch: (id) => store.touch(id),
      revoke: (id) => store.revoke(id),
      revokeUser: (user) => store.revokeUser(user),
    }),
    pass: (milliseconds) => {
      time.now += milliseconds;
    },
  });
  for (const { title, run } of cases) it(title, run);
});

const session = (id: string, more?: Partial<NewSession>): NewSession => ({
  id: id.padEnd(16, "-"),
  user: "alice",
  idleSeconds: 60,
  maxSeconds: 600,
  level: 5,
  ...more,
});

describe("InMemorySessionStore", () => {
  it("accepts a session up to the last moment of its idle time, and rejects it at its end (M4)", () => {
    const store = new InMemorySessionStore({ clock });
    const { id } = session("a");
    store.create(session("a"));
    time.now += 59_999;
    expect(store.touch(id)).toMatchObject({ lastAccess: time.now });
    time.now += 60_000;
    expect(store.touch(id)).toBe("expired");
  });

  it("rejects a session at its absolute end, however often it was used (M4)", () => {
    const store = new InMemorySessionStore({ clock });
    const { id } = session("a");
    const created = time.now;
    store.create(session("a"));
    while (time.now + 30_000 < created + 600_000) {
      time.now += 30_000;
      expect(store.touch(id)).toMatchObject({ created, lastAccess: time.now });
    }
    time.now = created + 600_000;
    expect(store.touch(id)).toBe("expired");
  });

  it("makes no use older than it is where the clock is set back", () => {
    const store = new InMemorySessionStore({ clock });
    const { id } = session("a");
    store.create(session("a"));
    const latest = time.now;
    time.now -= 50_000;
    expect(store.touch(id)).toMatchObject({ lastAccess: latest });
    time.now = latest;
  });

  it("keeps its memory bounded under a million sessions, and refuses at the cap (M12)", () => {
    const store = new InMemorySessionStore({ clock, capacity: 1_000 });
    let refused = 0;
    for (let index = 0; index < 1_000_000; index++) {
      if (store.create(session(`s${index}`, { user: `u${index % 997}` })) === "unavailable") refused++;
    }
    expect(store.size).toBe(1_000);
    expect(refused).toBe(999_000);
    expect(store.touch(session("s0").id)).toMatchObject({ user: "u0" });
    store.close();
  });

  it("gives room back when sessions have ended", () => {
    const store = new InMemorySessionStore({ clock, capacity: 2, perUser: 2 });
    store.create(session("a"));
    store.create(session("b"));
    expect(store.create(session("c"))).toBe("refused");
    expect(store.revoke(session("a").id)).toBe("done");
    time.now += 1_001;
    expect(store.create(session("c"))).toMatchObject({ user: "alice" });
    expect(store.touch(session("a").id)).toBe("unknown");
    time.now += 600_000;
    expect(store.create(session("d"))).toMatchObject({ user: "alice" });
    expect(store.size).toBe(1);
  });

  it("rejects everything as unavailable once it is closed", () => {
    const store = new InMemorySessionStore({ clock });
    store.create(session("a"));
    store.close();
    expect(store.create(session("b"))).toBe("unavailable");
    expect(store.touch(session("a").id)).toBe("unavailable");
    expect(store.revoke(session("a").id)).toBe("unavailable");
    expect(store.revokeUser("alice")).toBe("unavailable");
    expect(store.size).toBe(0);
  });

  it.each([0, -1, 1.5, Number.NaN])("rejects a capacity of %d", (value) => {
    expect(() => new InMemorySessionStore({ capacity: value })).toThrow(ConfigurationError);
    expect(() => new InMemorySessionStore({ perUser: value })).toThrow(ConfigurationError);
  });

  it("leaves nothing alive where the clock tells no time", () => {
    const store = new InMemorySessionStore({ clock: { now: () => Number.NaN } });
    store.create(session("a"));
    expect(store.touch(session("a").id)).toBe("expired");
  });
});
