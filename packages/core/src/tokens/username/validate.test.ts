import { createHash } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { isCountersignError } from "../../errors/index.js";
import { scan } from "../../xml/index.js";
import { issueUsernameToken } from "./issue.js";
import { parseUsernameToken, type UsernameTokenSyntax } from "./parse.js";
import { passwordDigest, type UsernameTokenRules, validateUsernameToken } from "./validate.js";

const now = Date.UTC(2026, 10, 22, 10);
const accounts = new Map([
  ["alice", "wonder land"],
  ["empty", ""],
]);
const verify = vi.fn((name: string, password: string) => accounts.get(name) === password);
const secret = vi.fn((name: string) => accounts.get(name));
const rules: UsernameTokenRules = { issuer: "orders", verify, secret, encrypted: true, now };

interface Change {
  readonly name?: string;
  readonly password?: string;
  readonly as?: "text" | "digest";
  readonly created?: number;
  readonly edit?: (xml: string) => string;
}

function token({
  name = "alice",
  password = "wonder land",
  as = "digest",
  created = now,
  edit = (xml) => xml,
}: Change = {}): UsernameTokenSyntax {
  const { xml } = issueUsernameToken({ name, password, as, now: created });
  return parseUsernameToken(scan(Buffer.from(edit(xml))), 0);
}

async function refusal(given: UsernameTokenSyntax, change: Partial<UsernameTokenRules> = {}): Promise<string> {
  try {
    await validateUsernameToken(given, { ...rules, ...change });
  } catch (error) {
    return isCountersignError(error) ? error.code : String(error);
  }
  return "accepted";
}

const without = (child: string) => (xml: string) => xml.replace(new RegExp(`<${child}.*</${child}>`), "");

describe("validateUsernameToken with a clear-text password", () => {
  it("accepts the right password and rejects a wrong one with ERR_WSS_FAILED_AUTHENTICATION", async () => {
    const good = token({ as: "text" });
    expect(await validateUsernameToken(good, rules)).toMatchObject({
      kind: "username",
      principal: { name: "alice", kind: "username" },
      issuer: "orders",
      proof: "password-text",
      replay: [],
    });
    expect(await refusal(token({ as: "text", password: "wonder lanD" }))).toBe("ERR_WSS_FAILED_AUTHENTICATION");
  });

  it("rejects E6 an open connection with ERR_WSS_INVALID_SECURITY, and asks nobody", async () => {
    verify.mockClear();
    expect(await refusal(token({ as: "text" }), { encrypted: false })).toBe("ERR_WSS_INVALID_SECURITY");
    expect(verify).not.toHaveBeenCalled();
    expect(await refusal(token({ as: "text" }))).toBe("accepted");
    expect(verify).toHaveBeenCalledOnce();
  });

  it("rejects E3 an empty password with ERR_WSS_FAILED_AUTHENTICATION, although the callback would take it", async () => {
    expect(accounts.get("empty")).toBe("");
    expect(await refusal(token({ as: "text", name: "empty", password: "" }))).toBe("ERR_WSS_FAILED_AUTHENTICATION");
  });

  it.each([1, "yes", {}, undefined, null, new Map()])(
    "rejects an answer of %j with ERR_WSS_FAILED_AUTHENTICATION",
    async (answer) => {
      const odd = (() => answer) as unknown as UsernameTokenRules["verify"];
      expect(await refusal(token({ as: "text" }), { verify: odd })).toBe("ERR_WSS_FAILED_AUTHENTICATION");
      expect(await refusal(token({ as: "text" }), { verify: async () => true })).toBe("accepted");
    },
  );

  it.each([
    ["white space at its end", "alice "],
    ["white space before it", "\u00a0alice"],
    ["a line break", "alice\r\nX-Role: admin"],
    ["a tab", "al\tice"],
    ["a C1 control character", "al\u0085ice"],
    ["nothing in it", ""],
  ])(
    "rejects E15 a name with %s with ERR_WSS_FAILED_AUTHENTICATION, whatever the callback says",
    async (_name, name) => {
      const always = { verify: () => true, secret: () => "wonder land" };
      expect(await refusal(token({ as: "text", name }), always)).toBe("ERR_WSS_FAILED_AUTHENTICATION");
      expect(await refusal(token({ as: "digest", name }), always)).toBe("ERR_WSS_FAILED_AUTHENTICATION");
    },
  );

  it.each(["ALICE", "al\u0131ce", "alice\u200b", "__proto__", "constructor"])(
    "rejects E15 E19 the name %j with ERR_WSS_FAILED_AUTHENTICATION",
    async (name) => {
      expect(await refusal(token({ as: "text", name }))).toBe("ERR_WSS_FAILED_AUTHENTICATION");
      expect(await refusal(token({ as: "digest", name }))).toBe("ERR_WSS_FAILED_AUTHENTICATION");
    },
  );

  it("rejects clear-text passwords with ERR_WSS_UNSUPPORTED_TOKEN on a route that has no verify", async () => {
    expect(await refusal(token({ as: "text" }), { verify: undefined })).toBe("ERR_WSS_UNSUPPORTED_TOKEN");
  });

  it("rejects with ERR_UNAVAILABLE where the callback throws, and keeps the cause for audit", async () => {
    const cause = new Error("the directory is down");
    const failing = () => Promise.reject(cause);
    for (const as of ["text", "digest"] as const) {
      const given = validateUsernameToken(token({ as }), { ...rules, verify: failing, secret: failing });
      await expect(given).rejects.toMatchObject({ code: "ERR_UNAVAILABLE", cause });
    }
  });

  it("rejects a Created that is too old with ERR_WSS_MESSAGE_EXPIRED before the password is looked at", async () => {
    verify.mockClear();
    expect(await refusal(token({ as: "text", created: now - 360_001 }))).toBe("ERR_WSS_MESSAGE_EXPIRED");
    expect(verify).not.toHaveBeenCalled();
    expect(await refusal(token({ as: "text", edit: without("wsu:Created") }))).toBe("accepted");
  });
});

describe("validateUsernameToken with a password digest", () => {
  it("accepts SHA-1 over nonce octets, Created text and password, as any other stack computes it", async () => {
    const given = token();
    const expected = createHash("sha1")
      .update(given.nonce ?? "")
      .update(given.created?.text ?? "")
      .update("wonder land")
      .digest("base64");
    expect(given.password?.value).toBe(expected);
    expect(await validateUsernameToken(given, rules)).toMatchObject({
      proof: "password-digest",
      principal: { name: "alice" },
    });
    expect(await refusal(token({ password: "wonder lanD" }))).toBe("ERR_WSS_FAILED_AUTHENTICATION");
  });

  it("rejects E18 a digest over the nonce's base64 text with ERR_WSS_FAILED_AUTHENTICATION", async () => {
    const wrong = token({
      edit: (xml) => {
        const text = /<wsse:Nonce[^>]*>([^<]*)/.exec(xml)?.[1] ?? "";
        const created = /<wsu:Created>([^<]*)/.exec(xml)?.[1] ?? "";
        const digest = createHash("sha1").update(text).update(created).update("wonder land").digest("base64");
        return xml.replace(/(<wsse:Password[^>]*>)[^<]*/, `$1${digest}`);
      },
    });
    expect(await refusal(wrong)).toBe("ERR_WSS_FAILED_AUTHENTICATION");
  });

  it.each([
    ["another name", (xml: string) => xml.replace(">alice<", ">empty<")],
    [
      "a nonce changed by one bit",
      (xml: string) => xml.replace(/(<wsse:Nonce[^>]*>)(.)/, (_all, tag, first) => tag + (first === "A" ? "B" : "A")),
    ],
    ["a Created changed to the same instant", (xml: string) => xml.replace(/Z<\/wsu:Created>/, "+00:00</wsu:Created>")],
    ["white space added to Created", (xml: string) => xml.replace("<wsu:Created>", "<wsu:Created> ")],
    ["a digest that is not base64", (xml: string) => xml.replace(/(<wsse:Password[^>]*>)[^<]*/, "$1!!!!")],
    [
      "a digest of 19 octets",
      (xml: string) => xml.replace(/(<wsse:Password[^>]*>)[^<]*/, `$1${Buffer.alloc(19).toString("base64")}`),
    ],
    ["an empty digest", (xml: string) => xml.replace(/(<wsse:Password[^>]*>)[^<]*/, "$1")],
    ["E2 no Password", without("wsse:Password")],
    ["E8 no Nonce", without("wsse:Nonce")],
    ["E8 no Created", without("wsu:Created")],
    ["E5 a custom Type", (xml: string) => xml.replace("#PasswordDigest", "#PasswordHash")],
  ])("rejects %s with ERR_WSS_FAILED_AUTHENTICATION", async (_name, edit) => {
    expect(await refusal(token({ edit }))).toBe("ERR_WSS_FAILED_AUTHENTICATION");
  });

  it("rejects E13 an unknown name and an empty secret like a wrong password, and never short-cuts the look-up", async () => {
    for (const [name, password] of [
      ["nobody", "wonder land"],
      ["nobody", ""],
      ["empty", ""],
      ["alice", "wrong"],
    ]) {
      secret.mockClear();
      const given = token({ name: name ?? "", password: password ?? "" });
      await expect(validateUsernameToken(given, rules)).rejects.toMatchObject({
        code: "ERR_WSS_FAILED_AUTHENTICATION",
        message: "The security token could not be authenticated or authorized.",
      });
      expect(secret).toHaveBeenCalledOnce();
    }
  });

  it("accepts both edges of freshness and rejects a millisecond more with ERR_WSS_MESSAGE_EXPIRED", async () => {
    expect(await refusal(token({ created: now - 360_000 }))).toBe("accepted");
    expect(await refusal(token({ created: now - 360_001 }))).toBe("ERR_WSS_MESSAGE_EXPIRED");
    expect(await refusal(token({ created: now + 60_000 }))).toBe("accepted");
    expect(await refusal(token({ created: now + 60_001 }))).toBe("ERR_WSS_MESSAGE_EXPIRED");
    expect(await refusal(token({ created: now - 360_001 }), { maxAge: 600_000 })).toBe("accepted");
    expect(await refusal(token({ created: now - 10_001 }), { maxAge: 10_000, skew: 0 })).toBe(
      "ERR_WSS_MESSAGE_EXPIRED",
    );
  });

  it("asks to remember decoded nonce and Created as they were hashed, for as long as the token could be accepted", async () => {
    const given = token({ created: now - 1000 });
    const { replay } = await validateUsernameToken(given, rules);
    const until = now - 1000 + 300_000 + 60_000;
    const hashed = Buffer.concat([given.nonce ?? Buffer.alloc(0), Buffer.from(given.created?.text ?? "")]);
    expect(replay).toEqual([{ kind: "username-nonce", parts: [hashed], until, since: now - 1000 }]);
    expect(await refusal(given, { now: until })).toBe("accepted");
    expect(await refusal(given, { now: until + 1 })).toBe("ERR_WSS_MESSAGE_EXPIRED");
  });

  it("accepts what the keeper of the secrets accepts, and shows it all that it needs", async () => {
    const digest: NonNullable<UsernameTokenRules["digest"]> = async (name, { digest: octets, nonce, created }) =>
      name === "alice" && passwordDigest(nonce, created, "wonder land").equals(octets);
    expect(await refusal(token(), { secret: undefined, digest })).toBe("accepted");
    expect(await refusal(token({ password: "wonderland" }), { secret: undefined, digest })).toBe(
      "ERR_WSS_FAILED_AUTHENTICATION",
    );
  });

  it.each([false, 1, undefined, "yes"])("rejects the answer %j of the keeper of the secrets", async (answer) => {
    const digest = (() => answer) as unknown as UsernameTokenRules["digest"];
    expect(await refusal(token(), { digest })).toBe("ERR_WSS_FAILED_AUTHENTICATION");
    const failing = () => Promise.reject(new Error("the vault is down"));
    expect(await refusal(token(), { digest: failing })).toBe("ERR_UNAVAILABLE");
  });

  it("rejects digests with ERR_WSS_UNSUPPORTED_TOKEN on a route that has no secret", async () => {
    expect(await refusal(token(), { secret: undefined })).toBe("ERR_WSS_UNSUPPORTED_TOKEN");
  });

  it("rejects key derivation with ERR_WSS_UNSUPPORTED_TOKEN", async () => {
    const salted = (xml: string) =>
      xml.replace(
        "</wsse:UsernameToken>",
        '<n:Salt xmlns:n="http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd">MDEyMzQ1Njc=</n:Salt></wsse:UsernameToken>',
      );
    expect(await refusal(token({ edit: salted }))).toBe("ERR_WSS_UNSUPPORTED_TOKEN");
  });
});

describe("what is recorded of a UsernameToken", () => {
  it("has a digest that does not depend on the password, and so gives nobody a way to guess it", async () => {
    const given = token({ as: "text" });
    const other = parseUsernameToken(
      scan(Buffer.from(given.document.bytes.toString().replace("wonder land", "other"))),
      0,
    );
    const one = await validateUsernameToken(given, rules);
    const two = await validateUsernameToken(other, { ...rules, verify: () => true });
    expect(one.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(two.digest).toBe(one.digest);
    expect((await validateUsernameToken(token({ as: "text" }), rules)).digest).not.toBe(one.digest);
  });

  it("has no password in any refusal", async () => {
    for (const as of ["text", "digest"] as const) {
      const failure = await validateUsernameToken(token({ as, password: "hunter2 is wrong" }), rules).catch(
        (error: unknown) => error,
      );
      const seen = isCountersignError(failure)
        ? JSON.stringify({ ...failure.detail, message: failure.message, place: failure.detail.place?.() })
        : "";
      expect(seen).not.toContain("hunter2");
      expect(seen).not.toBe("");
    }
  });
});
