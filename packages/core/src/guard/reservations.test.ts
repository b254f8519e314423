import { describe, expect, it } from "vitest";
import { InMemoryReplayCache, type ReplayCache } from "../state/index.js";
import { Reservations } from "./reservations.js";

const entries = [{ kind: "message-signature", parts: ["a"], until: Date.now() + 60_000 }];
const refusal = (code: string) => expect.objectContaining({ code });

/** A store that answers by script. */
const scripted = (answer: () => unknown) => ({ reserve: answer }) as unknown as ReplayCache;

describe("Reservations", () => {
  it("accepts an entry once, and rejects the second time with ERR_TOKEN_REPLAYED", async () => {
    const cache = new InMemoryReplayCache();
    await new Reservations(cache, "a").reserve(entries, 50);
    await new Reservations(cache, "b").reserve(entries, 50);
    await expect(new Reservations(cache, "a").reserve(entries, 50)).rejects.toThrow(refusal("ERR_TOKEN_REPLAYED"));
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
  ])("rejects with ERR_UNAVAILABLE where the store %s, and knows of the outage", async (_, answer) => {
    const reservations = new Reservations(scripted(answer), "a");
    expect(reservations.outage).toBe(false);
    await expect(reservations.reserve(entries, 20)).rejects.toThrow(refusal("ERR_UNAVAILABLE"));
    expect(reservations.outage).toBe(true);
    expect(() => reservations.refuseOutage()).toThrow(refusal("ERR_UNAVAILABLE"));
  });

  it("accepts again as soon as the store answers, and knows of no outage where a message was seen", async () => {
    const answers = ["unavailable", "fresh", "seen"];
    const reservations = new Reservations(
      scripted(() => answers.shift()),
      "a",
    );
    await expect(reservations.reserve(entries, 20)).rejects.toThrow(refusal("ERR_UNAVAILABLE"));
    await reservations.reserve(entries, 20);
    expect(reservations.outage).toBe(false);
    await expect(reservations.reserve(entries, 20)).rejects.toThrow(refusal("ERR_TOKEN_REPLAYED"));
    expect(reservations.outage).toBe(false);
  });
});
