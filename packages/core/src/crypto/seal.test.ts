import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { keyRing } from "./key-ring.js";
import { openSealed, seal, sealOverheadOctets } from "./seal.js";

const ring = keyRing([randomBytes(32)]);
const binding = { purpose: "session-ticket", tenant: "orders" };
const plaintext = Buffer.from("who is asking");
const sealed = seal(ring, plaintext, binding);

describe("seal", () => {
  it("accepts what it sealed, of any length", () => {
    for (const length of [0, 1, 15, 16, 17, 5_000]) {
      const octets = randomBytes(length);
      const one = seal(ring, octets, binding);
      expect(one.length).toBe(length + sealOverheadOctets);
      expect(openSealed(ring, one, binding)).toEqual(octets);
    }
  });

  it("says version and key id in clear, and nothing else that repeats", () => {
    expect(sealed[0]).toBe(1);
    expect(sealed.toString("hex", 1, 9)).toBe(ring.current.id);
    const parts = Array.from({ length: 1_000 }, () => seal(ring, plaintext, binding).toString("hex", 9, 37));
    expect(new Set(parts).size).toBe(1_000);
    expect(sealed.includes(plaintext)).toBe(false);
  });

  it("rejects every flipped bit", () => {
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = Buffer.from(sealed);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(openSealed(ring, flipped, binding)).toBeUndefined();
    }
  });

  it("rejects every truncation, and an octet more", () => {
    for (let length = 0; length < sealed.length; length++) {
      expect(openSealed(ring, sealed.subarray(0, length), binding)).toBeUndefined();
    }
    expect(openSealed(ring, Buffer.concat([sealed, Buffer.alloc(1)]), binding)).toBeUndefined();
  });

  it.each([
    ["another purpose", { ...binding, purpose: "session-ticket-assertion" }],
    ["another tenant", { ...binding, tenant: "invoices" }],
    ["no tenant", { ...binding, tenant: "" }],
    ["a border moved between them", { purpose: "session-ticketo", tenant: "rders" }],
  ])("rejects it for %s", (_, other) => {
    expect(openSealed(ring, sealed, other)).toBeUndefined();
  });

  it("rejects it under another ring", () => {
    expect(openSealed(keyRing([randomBytes(32)]), sealed, binding)).toBeUndefined();
  });

  it("accepts it through one rotation, and rejects it after two (M8, FM17)", () => {
    const turning = keyRing([randomBytes(32)]);
    const held = seal(turning, plaintext, binding);
    turning.rotate(randomBytes(32));
    expect(openSealed(turning, held, binding)).toEqual(plaintext);
    const newer = seal(turning, plaintext, binding);
    turning.rotate(randomBytes(32));
    expect(openSealed(turning, held, binding)).toBeUndefined();
    expect(openSealed(turning, newer, binding)).toEqual(plaintext);
  });
});
