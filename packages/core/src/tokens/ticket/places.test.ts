import { describe, expect, it } from "vitest";
import { writeTicketCookie } from "./places.js";

describe("writeTicketCookie", () => {
  it("accepts an assertion, always Secure, HttpOnly and SameSite (L23)", () => {
    expect(writeTicketCookie("abc")).toBe("tmsamlsession=abc; Path=/; Secure; HttpOnly; SameSite=Strict");
    expect(writeTicketCookie("abc", { path: "/auth", domain: "example.com" })).toBe(
      "tmsamlsession=abc; Path=/auth; Domain=example.com; Secure; HttpOnly; SameSite=Strict",
    );
  });

  it("accepts 4,096 octets in all, and sets no cookie above", () => {
    const room = 4_096 - Buffer.byteLength(writeTicketCookie("") as string);
    expect(writeTicketCookie("a".repeat(room))).toHaveLength(4_096);
    expect(writeTicketCookie("a".repeat(room + 1))).toBeUndefined();
  });

  it.each([
    { path: "x" },
    { path: "/a; Domain=evil" },
    { path: "/\r\nX: y" },
    { domain: "a;b" },
    { domain: ".a" },
    { domain: "" },
  ])("rejects %j with ERR_CONFIG_INVALID", (scope) => {
    expect(() => writeTicketCookie("abc", scope)).toThrow(expect.objectContaining({ code: "ERR_CONFIG_INVALID" }));
  });
});
