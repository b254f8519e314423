import { describe, expect, it } from "vitest";
import { randomId, randomOctets } from "./random.js";
import { reservationKey } from "./reservation-key.js";

describe("reservationKey (I14)", () => {
  const key = reservationKey("tenant", "kind", ["a", "bc"]);

  it("is SHA-256 in hex and depends on content alone", () => {
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(reservationKey("tenant", "kind", ["a", Buffer.from("bc")])).toBe(key);
  });

  it.each([
    ["another tenant", "other", "kind", ["a", "bc"]],
    ["another kind", "tenant", "other", ["a", "bc"]],
    ["parts cut elsewhere", "tenant", "kind", ["ab", "c"]],
    ["an empty part more", "tenant", "kind", ["a", "bc", ""]],
    ["tenant and kind cut elsewhere", "tenantk", "ind", ["a", "bc"]],
    ["parts in another order", "tenant", "kind", ["bc", "a"]],
  ])("differs for %s", (_name, tenant, kind, parts) => {
    expect(reservationKey(tenant, kind, parts)).not.toBe(key);
  });
});

describe("random values", () => {
  it("make NCNames that do not repeat", () => {
    const ids = new Set(Array.from({ length: 1000 }, () => randomId()));
    expect(ids.size).toBe(1000);
    for (const id of ids) expect(id).toMatch(/^_[0-9a-f]{32}$/);
    expect(randomId("SIG-")).toMatch(/^SIG-[0-9a-f]{32}$/);
    expect(randomOctets(16)).toHaveLength(16);
  });
});
