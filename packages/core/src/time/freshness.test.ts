import { describe, expect, it } from "vitest";
import { freshness } from "./freshness.js";

const now = Date.UTC(2026, 10, 22);
const rules = { maxAge: 300_000, future: 60_000, skew: 0 };

describe("freshness", () => {
  it("accepts both edges of created, and rejects one millisecond more (I2, I3)", () => {
    expect(freshness({ created: now + 60_000 }, now, rules)).toEqual({ fresh: true, until: now + 360_000 });
    expect(freshness({ created: now + 60_001 }, now, rules)).toEqual({ fresh: false, fault: "future", by: 1 });
    expect(freshness({ created: now - 300_000 }, now, rules)).toEqual({ fresh: true, until: now });
    expect(freshness({ created: now - 300_001 }, now, rules)).toEqual({ fresh: false, fault: "too-old", by: 1 });
  });

  it("accepts the edge of expires, and rejects one millisecond more", () => {
    expect(freshness({ created: now - 1000, expires: now }, now, rules)).toEqual({ fresh: true, until: now });
    expect(freshness({ created: now - 1000, expires: now - 1 }, now, rules)).toEqual({
      fresh: false,
      fault: "expired",
      by: 1,
    });
  });

  it("adds the skew to age and expires, not to the future", () => {
    expect(freshness({ created: now - 360_000 }, now)).toMatchObject({ fresh: true });
    expect(freshness({ created: now - 360_001 }, now)).toMatchObject({ fault: "too-old" });
    expect(freshness({ created: now - 100_000, expires: now - 60_000 }, now)).toMatchObject({ fresh: true });
    expect(freshness({ created: now - 100_000, expires: now - 60_001 }, now)).toMatchObject({ fault: "expired" });
    expect(freshness({ created: now + 60_001 }, now)).toMatchObject({ fault: "future" });
  });

  it("caps an expires in ten years by the age (I5)", () => {
    const expires = now + 10 * 365 * 86_400_000;
    expect(freshness({ created: now, expires }, now, rules)).toEqual({ fresh: true, until: now + 300_000 });
    expect(freshness({ created: now, expires }, now + 300_001, rules)).toMatchObject({ fault: "too-old" });
  });

  it("rejects an expires before created", () => {
    expect(freshness({ created: now, expires: now - 1 }, now)).toMatchObject({ fault: "expires-before-created" });
    expect(freshness({ created: now, expires: now }, now)).toMatchObject({ fresh: true });
  });

  it.each([
    ["created", { created: Number.NaN }, now],
    ["expires", { created: now, expires: Number.NaN }, now],
    ["now", { created: now }, Number.NaN],
  ])("rejects NaN as %s (G8)", (_name, times, at) => {
    expect(freshness(times, at)).toMatchObject({ fresh: false, fault: "not-a-time" });
  });

  it("gives the last fresh moment as until, for every combination", () => {
    for (const age of [0, 1000, 200_000, -30_000]) {
      for (const life of [undefined, 0, 1000, 299_999, 400_000]) {
        const created = now - age;
        const expires = life === undefined ? undefined : created + life;
        const verdict = freshness({ created, expires }, created);
        if (!verdict.fresh) throw new TypeError("created itself is always fresh");
        expect(freshness({ created, expires }, verdict.until)).toMatchObject({ fresh: true });
        expect(freshness({ created, expires }, verdict.until + 1)).toMatchObject({ fresh: false });
      }
    }
  });
});
