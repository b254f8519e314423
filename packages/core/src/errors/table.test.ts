import { describe, expect, it } from "vitest";
import { type ErrorRow, errorTable } from "./table.js";

const rows: [string, ErrorRow][] = Object.entries(errorTable);

describe("errorTable", () => {
  it("is frozen in every row", () => {
    expect(Object.isFrozen(errorTable)).toBe(true);
    expect(rows.filter(([, row]) => !Object.isFrozen(row))).toEqual([]);
  });

  it.each(rows)("has for %s a code of its family, a status, a publishable sentence", (code, row) => {
    expect(code).toMatch(/^ERR_[A-Z]+(_[A-Z]+)*$/);
    expect(row.status).toBeGreaterThanOrEqual(400);
    expect(row.status).toBeLessThan(600);
    expect(row.sentence).toMatch(/^[A-Z][A-Za-z0-9 ,'()-]*\.$/);
    expect(row.soap).toBe(row.status >= 500 ? "Receiver" : row.soap);
  });

  it("gives a verdict to every refusal of a credential, and to nothing else", () => {
    const credentials = ["wss", "token", "policy", "session"];
    for (const [code, { family, verdict }] of rows) {
      expect([code, verdict !== undefined]).toEqual([code, credentials.includes(family)]);
    }
  });

  it("has each of the eight verdicts of WS-Security 1.1 section 12, and that of WS-SecureConversation", () => {
    const verdicts = new Set(rows.filter(([, { family }]) => family === "wss").map(([, { verdict }]) => verdict));
    expect([...verdicts].sort()).toEqual([
      "BadContextToken",
      "FailedAuthentication",
      "FailedCheck",
      "InvalidSecurity",
      "InvalidSecurityToken",
      "MessageExpired",
      "SecurityTokenUnavailable",
      "UnsupportedAlgorithm",
      "UnsupportedSecurityToken",
    ]);
  });
});
