import { createSecretKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { KeyRing, keyRing } from "./key-ring.js";

const fresh = () => randomBytes(32);
const invalid = expect.objectContaining({ code: "ERR_CONFIG_INVALID" });

describe("keyRing", () => {
  it("accepts one key in all its forms as the same", () => {
    const key = fresh();
    const ids = [key, key.toString("base64"), createSecretKey(key)].map((given) => keyRing([given]).current.id);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(key.toString("hex")).not.toContain(ids[0]);
  });

  it("seals with the first key and accepts all", () => {
    const [first, second] = [fresh(), fresh()];
    const ring = keyRing([first, second]);
    expect(ring.current.id).toBe(keyRing([first]).current.id);
    expect(ring.ids).toEqual([first, second].map((key) => keyRing([key]).current.id));
    expect(ring.ids.every((id) => ring.find(id) !== undefined)).toBe(true);
    expect(ring.find("0000000000000000")).toBeUndefined();
  });

  it.each([
    ["no key", []],
    ["four keys", [fresh(), fresh(), fresh(), fresh()]],
    ["31 octets", [fresh().subarray(1)]],
    ["33 octets", [Buffer.concat([fresh(), Buffer.alloc(1)])]],
    ["no octets", [""]],
    ["text that is not base64", ["§".repeat(32)]],
    ["base64url text", [Buffer.alloc(32, "\xff\xfe~?", "latin1").toString("base64url")]],
    ["a public key", [generateKeyPairSync("ed25519").publicKey]],
    ["undefined", [undefined as never]],
  ])("rejects %s with ERR_CONFIG_INVALID", (_, keys) => {
    expect(() => keyRing(keys)).toThrow(invalid);
  });

  it("rejects a key that stands there twice with ERR_CONFIG_INVALID, naming its place", () => {
    const key = fresh();
    expect(() => new KeyRing([fresh(), key, key.toString("base64")], "sessions.keys")).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_INVALID", option: "sessions.keys[2]" }),
    );
  });

  it.each([
    ["zeros", Buffer.alloc(32)],
    ["a repeated word", Buffer.from("changemechangemechangemechangeme")],
    ["two values", Buffer.alloc(32, "ab")],
  ])("rejects %s with ERR_CONFIG_INSECURE", (_, key) => {
    expect(() => keyRing([key])).toThrow(expect.objectContaining({ code: "ERR_CONFIG_INSECURE" }));
  });

  it("does not change with octets that its giver overwrites", () => {
    const key = fresh();
    const ring = keyRing([key]);
    const before = ring.current.key.export().toString("hex");
    key.fill(0);
    expect(ring.current.key.export().toString("hex")).toBe(before);
  });
});

describe("rotation", () => {
  it("keeps the key that was current, and drops the one before it (M8)", () => {
    const ring = keyRing([fresh()]);
    const first = ring.current.id;
    ring.rotate(fresh());
    const second = ring.current.id;
    expect(ring.ids).toEqual([second, first]);
    ring.rotate(fresh());
    expect(ring.ids).toEqual([ring.current.id, second]);
    expect(ring.find(first)).toBeUndefined();
  });

  it("accepts a key that was handed out ahead as the current one", () => {
    const [old, next] = [fresh(), fresh()];
    const ring = keyRing([old, next]);
    ring.rotate(next);
    expect(ring.ids).toEqual(keyRing([next, old]).ids);
  });

  it("rejects bad keys and stays as it was (FM19)", () => {
    const key = fresh();
    const ring = keyRing([key]);
    const before = ring.ids;
    expect(() => ring.rotate(key)).toThrow(invalid);
    expect(() => ring.rotate(Buffer.alloc(5))).toThrow(invalid);
    expect(() => ring.replace([])).toThrow(invalid);
    expect(() => ring.replace([fresh(), Buffer.alloc(5)])).toThrow(invalid);
    expect(ring.ids).toEqual(before);
    const other = fresh();
    ring.replace([other]);
    expect(ring.ids).toEqual(keyRing([other]).ids);
  });
});
