import { describe, expect, it } from "vitest";
import { canonicalize, exclusive, scan } from "../../xml/index.js";
import { issueUsernameToken } from "./issue.js";
import { parseUsernameToken } from "./parse.js";

const content = { name: "alice", password: "wonder land", now: Date.UTC(2026, 10, 22, 10) };

describe("issueUsernameToken", () => {
  it.each(["text", "digest"] as const)("writes a %s token in canonical form that reads back", (as) => {
    const { xml, id } = issueUsernameToken({ ...content, as });
    const document = scan(Buffer.from(xml));
    expect(Buffer.from(canonicalize(document, 0, exclusive)).toString()).toBe(xml);
    const token = parseUsernameToken(document, 0);
    expect(token).toMatchObject({ id, name: "alice", digest: as === "digest" });
    expect(token.created).toEqual({ text: "2026-11-22T10:00:00.000Z", time: content.now });
    expect(token.password?.value === "wonder land").toBe(as === "text");
  });

  it("makes a nonce of 16 octets and an id anew each time", () => {
    const tokens = [0, 1].map(() => issueUsernameToken({ ...content, as: "digest" }));
    const nonces = tokens.map(({ xml }) => parseUsernameToken(scan(Buffer.from(xml)), 0).nonce);
    expect(nonces.map((nonce) => nonce?.length)).toEqual([16, 16]);
    expect(nonces[0]).not.toEqual(nonces[1]);
    expect(tokens[0]?.id).not.toBe(tokens[1]?.id);
  });

  it("accepts J18 any name and password as text, and rejects characters that XML does not have with ERR_CONFIG_INVALID", () => {
    const hostile = "x</wsse:Username><wsse:Username>&amp;\"'>]]>";
    const { xml } = issueUsernameToken({ ...content, name: hostile, password: hostile, as: "text" });
    const token = parseUsernameToken(scan(Buffer.from(xml)), 0);
    expect([token.name, token.password?.value]).toEqual([hostile, hostile]);
    expect(() => issueUsernameToken({ ...content, name: "a\u0000", as: "text" })).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_INVALID" }),
    );
  });
});
