import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { keyRing, seal } from "../../crypto/index.js";
import { openTicket, type SessionTicket, sealTicket, type TicketRules } from "./session-ticket.js";

const now = Date.UTC(2026, 10, 22, 10);
const ring = keyRing([randomBytes(32)]);
const ticket: SessionTicket = {
  session: "s-1",
  lifetime: { created: now, expires: now + 3_600_000 },
  level: 5,
  audience: undefined,
  boundTo: undefined,
};
const rules: TicketRules = { now, skew: 60_000 };
const invalid = expect.objectContaining({ code: "ERR_SESSION_INVALID" });
const expired = expect.objectContaining({ code: "ERR_SESSION_EXPIRED" });

describe("openTicket", () => {
  const text = sealTicket(ticket, ring, "orders");

  it("accepts what was sealed, and the text shows nothing of it", () => {
    expect(openTicket(text, ring, "orders", rules)).toEqual(ticket);
    expect(text).toMatch(/^[A-Za-z0-9_-]{100,400}$/);
    expect(Buffer.from(text, "base64url").toString("latin1")).not.toContain("s-1");
    expect(sealTicket(ticket, ring, "orders")).not.toBe(text);
  });

  it("rejects every flipped bit of it with ERR_SESSION_INVALID (M1)", () => {
    const octets = Buffer.from(text, "base64url");
    for (let bit = 0; bit < octets.length * 8; bit++) {
      const flipped = Buffer.from(octets);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(() => openTicket(flipped.toString("base64url"), ring, "orders", rules)).toThrow(invalid);
    }
  });

  it.each([
    ["truncated", text.slice(0, -1)],
    ["empty", ""],
    ["with padding", `${text}==`],
    ["with white space", `${text}\n`],
    ["of two values", `${text},${text}`],
    ["in the other alphabet", `${text.slice(0, -4)}+/+/`],
    ["too long", "A".repeat(1_000_000)],
  ])("rejects text %s with ERR_SESSION_INVALID (M1)", (_, other) => {
    expect(() => openTicket(other, ring, "orders", rules)).toThrow(invalid);
  });

  it("rejects every other spelling of the same octets with ERR_SESSION_INVALID (M9)", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // A session id of a length that leaves unused bits in the last character.
    const texts = [0, 1, 2].map((more) => sealTicket({ ...ticket, session: "s".repeat(3 + more) }, ring, "orders"));
    const loose = texts.find((one) => one.length % 4 !== 0) as string;
    const twins = [...alphabet]
      .map((last) => loose.slice(0, -1) + last)
      .filter((twin) => Buffer.from(twin, "base64url").equals(Buffer.from(loose, "base64url")));
    expect(twins.length).toBeGreaterThan(1);
    for (const twin of twins.filter((one) => one !== loose)) {
      expect(() => openTicket(twin, ring, "orders", rules)).toThrow(invalid);
    }
    expect(openTicket(loose, ring, "orders", rules)).toMatchObject({ level: 5 });
  });

  it("rejects a ticket of another tenant, and one under another ring, with ERR_SESSION_INVALID (M2)", () => {
    expect(() => openTicket(text, ring, "invoices", rules)).toThrow(invalid);
    expect(() => openTicket(text, keyRing([randomBytes(32)]), "orders", rules)).toThrow(invalid);
  });

  it("rejects what was sealed for another purpose, and members of another version, with ERR_SESSION_INVALID (FM18)", () => {
    const members = { v: 1, sid: "s-1", iat: now, exp: now + 3_600_000, lvl: 5 };
    const as = (value: unknown, purpose: string) =>
      seal(ring, Buffer.from(JSON.stringify(value)), { purpose, tenant: "orders" }).toString("base64url");
    expect(openTicket(as(members, "session-ticket"), ring, "orders", rules)).toEqual(ticket);
    const others = [
      as(members, "session-ticket-assertion"),
      as({ ...members, v: 2 }, "session-ticket"),
      as({ ...members, sid: 5 }, "session-ticket"),
      as({ ...members, exp: "never" }, "session-ticket"),
      as({ ...members, aud: ["urn:a"] }, "session-ticket"),
      as([members], "session-ticket"),
      as(null, "session-ticket"),
    ];
    for (const other of others) expect(() => openTicket(other, ring, "orders", rules)).toThrow(invalid);
  });

  it("accepts it up to its end and the skew, and rejects it there with ERR_SESSION_EXPIRED (M4)", () => {
    const { expires } = ticket.lifetime;
    expect(openTicket(text, ring, "orders", { ...rules, now: expires + 59_999 })).toEqual(ticket);
    expect(() => openTicket(text, ring, "orders", { ...rules, now: expires + 60_000 })).toThrow(expired);
    expect(() => openTicket(text, ring, "orders", { ...rules, now: now - 60_001 })).toThrow(expired);
    expect(() => openTicket(text, ring, "orders", { ...rules, now: Number.NaN })).toThrow(expired);
  });

  it("accepts a ticket at its audience, and rejects it elsewhere with ERR_SESSION_INVALID (M2)", () => {
    const one = sealTicket({ ...ticket, audience: "urn:orders" }, ring, "t");
    expect(openTicket(one, ring, "t", { ...rules, audience: "urn:orders" })).toMatchObject({ session: "s-1" });
    expect(() => openTicket(one, ring, "t", { ...rules, audience: "urn:stock" })).toThrow(invalid);
    expect(() => openTicket(one, ring, "t", rules)).toThrow(invalid);
  });

  it("accepts a bound ticket from its client, and rejects it from another with ERR_SESSION_INVALID (M6)", () => {
    const boundTo = "ab".repeat(32);
    const one = sealTicket({ ...ticket, boundTo }, ring, "t");
    expect(openTicket(one, ring, "t", { ...rules, boundTo })).toMatchObject({ session: "s-1" });
    expect(() => openTicket(one, ring, "t", { ...rules, boundTo: "cd".repeat(32) })).toThrow(invalid);
    expect(() => openTicket(one, ring, "t", rules)).toThrow(invalid);
  });

  it("accepts a ticket through one rotation, and rejects it after two with ERR_SESSION_INVALID (M8, FM17)", () => {
    const turning = keyRing([randomBytes(32)]);
    const held = sealTicket(ticket, turning, "t");
    turning.rotate(randomBytes(32));
    expect(openTicket(held, turning, "t", rules)).toEqual(ticket);
    turning.rotate(randomBytes(32));
    expect(() => openTicket(held, turning, "t", rules)).toThrow(invalid);
  });
});

describe("sealTicket", () => {
  it("rejects content that would not fit", () => {
    expect(() => sealTicket({ ...ticket, audience: "x".repeat(2_000) }, ring, "t")).toThrow(
      expect.objectContaining({ code: "ERR_INTERNAL" }),
    );
  });
});
