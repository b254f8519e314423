import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../errors/index.js";
import { replayCacheContract } from "../testing/index.js";
import { InMemoryReplayCache, type InMemoryReplayCacheOptions } from "./in-memory-replay-cache.js";

/** A cache between two clocks that only the test moves. */
function clocked(options: InMemoryReplayCacheOptions = {}) {
  const time = { wall: Date.UTC(2026, 10, 22), ticks: 5_000_000 };
  const cache = new InMemoryReplayCache({
    ...options,
    clock: { now: () => time.wall },
    monotonic: () => time.ticks,
  });
  const pass = (milliseconds: number) => {
    time.wall += milliseconds;
    time.ticks += milliseconds;
  };
  const entry = (key: string, life = 300_000) => ({ key, until: time.wall + life });
  return { cache, time, pass, entry };
}

describe("the contract of replay caches", () => {
  const cases = replayCacheContract({
    create: () => new InMemoryReplayCache(),
    join: (cache) => ({ reserve: (entries) => cache.reserve(entries) }),
    createLimited: (capacity) => new InMemoryReplayCache({ capacity }),
  });
  for (const { title, run } of cases) it(title, run);
});

describe("retention", () => {
  it("rejects a replay up to the last acceptable moment (I11)", () => {
    const { cache, pass, entry } = clocked({ clockStepSeconds: 0 });
    const one = entry("one");
    expect(cache.reserve([one])).toBe("fresh");
    for (let second = 0; second < 300; second++) {
      pass(1000);
      expect(cache.reserve([one])).toBe("seen");
    }
  });

  it("forgets entries after their time, so that memory is bounded by what is live (I15)", () => {
    const { cache, pass, entry } = clocked();
    for (let round = 0; round < 500; round++) {
      for (let index = 0; index < 20; index++) expect(cache.reserve([entry(`${round}-${index}`)])).toBe("fresh");
      pass(10_000);
    }
    expect(cache.size).toBeLessThanOrEqual(20 * (90 + 3));
  });

  it("gives its room back when entries have run out, and not before", () => {
    const { cache, pass, entry } = clocked({ capacity: 2 });
    expect(cache.reserve([entry("a"), entry("b")])).toBe("fresh");
    pass(890_000);
    expect(cache.reserve([entry("c")])).toBe("unavailable");
    pass(20_000);
    expect(cache.reserve([entry("c")])).toBe("fresh");
    expect(cache.size).toBe(1);
  });

  it("clears at once after a long rest", () => {
    const { cache, pass, entry } = clocked();
    for (let index = 0; index < 100; index++) cache.reserve([entry(`a${index}`, index * 60_000)]);
    pass(365 * 86_400_000);
    const before = performance.now();
    expect(cache.reserve([entry("b")])).toBe("fresh");
    expect(performance.now() - before).toBeLessThan(50);
    expect(cache.size).toBe(1);
  });

  it("costs the same per entry whether few or many are held", () => {
    const { cache, pass, entry } = clocked();
    const before = performance.now();
    for (let index = 0; index < 100_000; index++) {
      expect(cache.reserve([entry(String(index))])).toBe("fresh");
      if (index % 100 === 0) pass(100);
    }
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(cache.reserve([entry("one more")])).toBe("unavailable");
  });
});

describe("clocks that step (I17)", () => {
  it("rejects a replay after the wall clock was set ahead, then back", () => {
    const { cache, time, pass, entry } = clocked();
    const one = entry("one");
    expect(cache.reserve([one])).toBe("fresh");
    time.wall += 3_600_000;
    pass(10_000);
    expect(cache.reserve([entry("two")])).toBe("fresh");
    time.wall -= 3_600_000;
    pass(10_000);
    expect(cache.reserve([one])).toBe("seen");
  });

  it("rejects a replay after the wall clock was set back for an hour", () => {
    const { cache, time, pass, entry } = clocked();
    const one = entry("one");
    expect(cache.reserve([one])).toBe("fresh");
    time.wall -= 3_600_000;
    for (let minute = 0; minute < 60; minute++) {
      pass(60_000);
      expect(cache.reserve([entry(`m${minute}`)])).toBe("fresh");
      expect(cache.reserve([one])).toBe("seen");
    }
  });

  it("rejects a replay after a step back within the margin, though its time had passed", () => {
    const { cache, time, pass, entry } = clocked();
    const one = entry("one");
    expect(cache.reserve([one])).toBe("fresh");
    pass(800_000);
    expect(cache.reserve([entry("two")])).toBe("fresh");
    time.wall -= 600_000;
    expect(cache.reserve([one])).toBe("seen");
  });

  it("answers unavailable, never fresh, for a time that it has forgotten", () => {
    const { cache, time, pass, entry } = clocked();
    const one = entry("one");
    expect(cache.reserve([one])).toBe("fresh");
    pass(2_000_000);
    expect(cache.reserve([entry("two")])).toBe("fresh");
    expect(cache.size).toBe(1);
    time.wall -= 2_000_000;
    expect(cache.reserve([one])).toBe("unavailable");
    pass(400_000);
    expect(cache.reserve([entry("three")])).toBe("fresh");
  });
});

describe("a closed cache", () => {
  it("answers unavailable", () => {
    const { cache, entry } = clocked();
    expect(cache.reserve([entry("a")])).toBe("fresh");
    cache.close();
    expect(cache.reserve([entry("a")])).toBe("unavailable");
    expect(cache.reserve([])).toBe("unavailable");
  });
});

describe("options (K18)", () => {
  it.each([
    { capacity: 0 },
    { capacity: Number.NaN },
    { capacity: 1.5 },
    { capacity: Number.POSITIVE_INFINITY },
    { clockStepSeconds: -1 },
  ])("rejects %j with ERR_CONFIG_INVALID", (options) => {
    expect(() => new InMemoryReplayCache(options)).toThrow(ConfigurationError);
  });
});
