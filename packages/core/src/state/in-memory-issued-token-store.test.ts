import { beforeEach, describe, expect, it } from "vitest";
import { ConfigurationError } from "../errors/index.js";
import { InMemoryIssuedTokenStore } from "./in-memory-issued-token-store.js";

const time = { now: 0 };
const clock = { now: () => time.now };
const record = (key: string, life = 60_000) => ({ key, content: "{}", until: time.now + life });

describe("InMemoryIssuedTokenStore", () => {
  beforeEach(() => {
    time.now = Date.UTC(2026, 10, 22);
  });

  it("accepts a record, finds it until it is not needed any more, and then does not", () => {
    const store = new InMemoryIssuedTokenStore({ clock });
    expect(store.add(record("a"))).toBe("done");
    time.now += 59_999;
    expect(store.find("a")).toMatchObject({ key: "a", content: "{}", revoked: false });
    time.now += 1;
    expect(store.find("a")).toBe("unknown");
    expect(store.revoke("a")).toBe("unknown");
    expect(store.size).toBe(0);
  });

  it("rejects a second record under one key", () => {
    const store = new InMemoryIssuedTokenStore({ clock });
    store.add(record("a"));
    expect(store.add({ ...record("a"), content: "other" })).toBe("refused");
    expect(store.find("a")).toMatchObject({ content: "{}" });
  });

  it("accepts revocation, more than once, and of known tokens only", () => {
    const store = new InMemoryIssuedTokenStore({ clock });
    store.add(record("a"));
    store.add(record("b"));
    expect([store.revoke("a"), store.revoke("a"), store.revoke("c")]).toEqual(["done", "done", "unknown"]);
    expect([store.find("a"), store.find("b")]).toMatchObject([{ revoked: true }, { revoked: false }]);
  });

  it("rejects records beyond its capacity, and forgets none that is needed", () => {
    const store = new InMemoryIssuedTokenStore({ clock, capacity: 2 });
    store.add(record("a", 1_000));
    store.add(record("b"));
    expect(store.add(record("c"))).toBe("unavailable");
    time.now += 1_001;
    expect(store.add(record("c"))).toBe("done");
    expect(store.find("b")).toMatchObject({ key: "b" });
  });

  it("rejects everything as unavailable once it is closed, and content of more than 64 KiB", () => {
    const store = new InMemoryIssuedTokenStore({ clock });
    expect(store.add({ ...record("a"), content: "x".repeat(65_537) })).toBe("unavailable");
    store.add(record("b"));
    store.close();
    expect([store.add(record("c")), store.find("b"), store.revoke("b")]).toEqual(Array(3).fill("unavailable"));
  });

  it.each([0, -1, 1.5, Number.NaN])("rejects a capacity of %d", (capacity) => {
    expect(() => new InMemoryIssuedTokenStore({ capacity })).toThrow(ConfigurationError);
  });
});
