import { describe, expect, it } from "vitest";
import { InMemoryReplayCache, type ReplayCache } from "../state/index.js";
import { reserve } from "./reservation.js";

const entries = [{ kind: "message-signature", parts: ["a"], until: Date.now() + 60_000 }];
const refusal = (code: string) => expect.objectContaining({ code });

describe("reserve", () => {
  it("accepts an entry once, and rejects the second time with ERR_TOKEN_REPLAYED", async () => {
    const cache = new InMemoryReplayCache();
    await reserve(cache, "a", entries, 50);
    await reserve(cache, "b", entries, 50);
    await expect(reserve(cache, "a", entries, 50)).rejects.toThrow(refusal("ERR_TOKEN_REPLAYED"));
  });

  it.each<[string, () => unknown]>([
    ["says unavailable", () => "unavailable"],
    ["answers something else", () => true],
    ["answers nothing", () => undefined],
    [
      "throws",
      () => {
        throw new TypeError("reset");
      },
    ],
    ["rejects", () => Promise.reject(new TypeError("reset"))],
    ["never answers", () => new Promise(() => undefined)],
  ])("rejects with ERR_UNAVAILABLE where the store %s", async (_, answer) => {
    const cache = { reserve: answer } as unknown as ReplayCache;
    await expect(reserve(cache, "a", entries, 20)).rejects.toThrow(refusal("ERR_UNAVAILABLE"));
  });
});
