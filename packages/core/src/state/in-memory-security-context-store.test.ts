import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../errors/index.js";
import { securityContextStoreContract } from "../testing/index.js";
import { InMemorySecurityContextStore } from "./in-memory-security-context-store.js";

const time = { now: Date.UTC(2026, 10, 22) };
const clock = { now: () => time.now };

describe("the contract of security context stores", () => {
  const cases = securityContextStoreContract({
    create: () => new InMemorySecurityContextStore({ clock }),
    createLimited: (capacity) => new InMemorySecurityContextStore({ clock, capacity }),
    join: (store) => ({
      create: (context) => store.create(context),
      find: (key) => store.find(key),
      amend: (...change) => store.amend(...change),
      renew: (...change) => store.renew(...change),
      cancel: (...change) => store.cancel(...change),
    }),
    now: clock.now,
    pass: (milliseconds) => {
      time.now += milliseconds;
    },
  });
  for (const { title, run } of cases) it(title, run);
});

const context = (key: string, owner = "alice", life = 60_000) => ({
  key,
  owner,
  subject: owner,
  instances: [{ instance: "", secret: Buffer.alloc(32), expires: time.now + life }],
});

describe("InMemorySecurityContextStore", () => {
  it("rejects more contexts of one owner than one may have, and accepts another's", () => {
    const store = new InMemorySecurityContextStore({ clock, perOwner: 2 });
    expect(store.create(context("a"))).toBe("done");
    expect(store.create(context("b"))).toBe("done");
    expect(store.create(context("c"))).toBe("refused");
    expect(store.create(context("c", "bob"))).toBe("done");
    expect(store.cancel("a", "alice")).toBe("done");
    expect(store.create(context("d"))).toBe("done");
  });

  it("accepts new contexts where the old ones have expired", () => {
    const store = new InMemorySecurityContextStore({ clock, capacity: 2, perOwner: 2 });
    store.create(context("a", "alice", 1_000));
    store.create(context("b", "alice", 1_000));
    expect(store.create(context("c"))).toBe("refused");
    time.now += 1_001;
    expect(store.create(context("c"))).toBe("done");
    expect(store.size).toBe(1);
  });

  it("rejects everything as unavailable once it is closed", () => {
    const store = new InMemorySecurityContextStore({ clock });
    store.create(context("a"));
    store.close();
    expect(store.size).toBe(0);
    expect(store.find("a")).toBe("unavailable");
    expect(store.create(context("b"))).toBe("unavailable");
    expect(store.cancel("a", "alice")).toBe("unavailable");
  });

  it("rejects a subject of more than 64 KiB as unavailable", () => {
    const store = new InMemorySecurityContextStore({ clock });
    expect(store.create({ ...context("a"), subject: "x".repeat(65_537) })).toBe("unavailable");
    store.create(context("a"));
    expect(store.amend("a", "alice", "x".repeat(65_537), "alice")).toBe("unavailable");
  });

  it.each([0, -1, 1.5, Number.NaN])("rejects a capacity of %d", (value) => {
    expect(() => new InMemorySecurityContextStore({ capacity: value })).toThrow(ConfigurationError);
    expect(() => new InMemorySecurityContextStore({ perOwner: value })).toThrow(ConfigurationError);
  });
});
