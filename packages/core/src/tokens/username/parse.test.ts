import { describe, expect, it } from "vitest";
import { scan } from "../../xml/index.js";
import { parseUsernameToken, type UsernameTokenSyntax } from "./parse.js";

const wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const wsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const wsse11 = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd";
const profile = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0";
const base64 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

const username = "<w:Username>alice</w:Username>";
const password = `<w:Password Type="${profile}#PasswordText">secret</w:Password>`;
const nonce = `<w:Nonce EncodingType="${base64}">MDEyMzQ1Njc4OWFiY2RlZg==</w:Nonce>`;
const created = "<u:Created>2026-11-22T10:00:00Z</u:Created>";

function parse(...children: string[]): UsernameTokenSyntax {
  const xml = `<w:UsernameToken xmlns:w="${wsse}" xmlns:u="${wsu}" xmlns:n="${wsse11}" u:Id="t1">${children.join("")}</w:UsernameToken>`;
  return parseUsernameToken(scan(Buffer.from(xml)), 0);
}

function refusal(...children: string[]): string {
  try {
    parse(...children);
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
  return "accepted";
}

describe("parseUsernameToken", () => {
  it("accepts a token with all its parts, in any order", () => {
    for (const parts of [
      [username, password, nonce, created],
      [created, nonce, password, username],
    ]) {
      const token = parse(...parts);
      expect(token).toMatchObject({ id: "t1", name: "alice", digest: false, derivation: undefined });
      expect(token.password).toMatchObject({ type: `${profile}#PasswordText`, value: "secret" });
      expect(token.nonce?.toString()).toBe("0123456789abcdef");
      expect(token.created).toEqual({ text: "2026-11-22T10:00:00Z", time: Date.UTC(2026, 10, 22, 10) });
    }
  });

  it("accepts a token with nothing but a name: whether that is enough is decided later", () => {
    expect(parse(username)).toMatchObject({ name: "alice", password: undefined, nonce: undefined, created: undefined });
  });

  it("accepts the exact name: comments do not cut it, and nothing is trimmed or folded", () => {
    expect(parse("<w:Username>admin@x<!-- -->.evil</w:Username>").name).toBe("admin@x.evil");
    expect(parse("<w:Username><![CDATA[a]]>lice </w:Username>").name).toBe("alice ");
    expect(parse("<w:Username>İſ</w:Username>").name).toBe("İſ");
    expect(parse("<w:Username>e\u0301</w:Username>").name).not.toBe("\u00e9");
  });

  it.each([
    ["E1 an empty token", []],
    ["no Username", [password]],
    ["E7 two Usernames", [username, username]],
    ["E7 two Passwords", [username, password, password]],
    ["E7 two Nonces", [username, password, nonce, nonce]],
    ["E7 two Createds", [username, password, created, created]],
    ["an unknown child", [username, password, "<x/>"]],
    ["a Username of no namespace", ["<Username>alice</Username>"]],
    ["a Created of the wrong namespace", [username, password, "<w:Created>2026-11-22T10:00:00Z</w:Created>"]],
    ["a Username with elements in it", ["<w:Username>al<w:b/>ice</w:Username>"]],
    [
      "a Password with elements in it",
      [username, `<w:Password Type="${profile}#PasswordText">se<x/>cret</w:Password>`],
    ],
    ["a name of 257 characters", [`<w:Username>${"a".repeat(257)}</w:Username>`]],
    ["a password of 1,025 octets", [username, password.replace("secret", "é".repeat(513))]],
    ["E4 R4201 a Password without Type", [username, "<w:Password>secret</w:Password>"]],
    ["two Types that differ", [username, password.replace(" Type", ` w:Type="${profile}#PasswordDigest" Type`)]],
    ["R4220 a Nonce without EncodingType", [username, "<w:Nonce>MDEyMzQ1Njc4OWFiY2RlZg==</w:Nonce>"]],
    ["E9 R4221 a Nonce in hexadecimal", [username, nonce.replace("Base64Binary", "HexBinary")]],
    ["a Nonce of 7 octets", [username, nonce.replace("MDEyMzQ1Njc4OWFiY2RlZg==", Buffer.alloc(7).toString("base64"))]],
    [
      "a Nonce of 129 octets",
      [username, nonce.replace("MDEyMzQ1Njc4OWFiY2RlZg==", Buffer.alloc(129).toString("base64"))],
    ],
    ["C24 a Nonce without padding", [username, nonce.replace("==", "")]],
    ["C24 a Nonce in the URL alphabet", [username, nonce.replace("MDEyMzQ1Njc4OWFiY2RlZg==", "-_-_-_-_-_-_")]],
    ["a Nonce with unused bits set", [username, nonce.replace("Zg==", "Zh==")]],
    ["I6 ten fraction digits", [username, created.replace("00Z", "00.1234567890Z")]],
    ["G9 no time zone", [username, created.replace("Z", "")]],
    ["I18 a leap second", [username, "<u:Created>2026-12-31T23:59:60Z</u:Created>"]],
    ["a Created that is no time", [username, "<u:Created>never</u:Created>"]],
    ["E14 R4217 an Iteration without Salt", [username, "<n:Iteration>1000</n:Iteration>"]],
    ["E14 R4218 999 rounds", [username, "<n:Salt>MDEyMzQ1Njc4OWFiY2RlZg==</n:Salt><n:Iteration>999</n:Iteration>"]],
    [
      "E14 K21 10^9 rounds",
      [username, "<n:Salt>MDEyMzQ1Njc4OWFiY2RlZg==</n:Salt><n:Iteration>1000000000</n:Iteration>"],
    ],
    ["E14 -1000 rounds", [username, "<n:Salt>MDEyMzQ1Njc4OWFiY2RlZg==</n:Salt><n:Iteration>-1000</n:Iteration>"]],
    ["a Salt of 7 octets", [username, `<n:Salt>${Buffer.alloc(7).toString("base64")}</n:Salt>`]],
    ["a Salt of 65 octets", [username, `<n:Salt>${Buffer.alloc(65).toString("base64")}</n:Salt>`]],
  ])("rejects %s with ERR_WSS_INVALID_SECURITY", (_name, children) => {
    expect(refusal(...(children as string[]))).toBe("ERR_WSS_INVALID_SECURITY");
  });

  it("accepts values at their limits", () => {
    expect(parse(`<w:Username>${"a".repeat(256)}</w:Username>`).name).toHaveLength(256);
    expect(parse(username, password.replace("secret", "é".repeat(512))).password?.value).toHaveLength(512);
    for (const octets of [8, 128]) {
      const text = Buffer.alloc(octets).toString("base64");
      expect(parse(username, nonce.replace("MDEyMzQ1Njc4OWFiY2RlZg==", text)).nonce).toHaveLength(octets);
    }
    for (const rounds of [1000, 10_000]) {
      const salted = `<n:Salt>MDEyMzQ1Njc4OWFiY2RlZg==</n:Salt><n:Iteration>${rounds}</n:Iteration>`;
      expect(parse(username, salted).derivation?.iteration).toBe(rounds);
    }
    expect(parse(username, "<n:Salt>MDEyMzQ1Njc4OWFiY2RlZg==</n:Salt>").derivation?.iteration).toBe(1000);
  });

  it("accepts E10 the same nonce octets with white space in their text", () => {
    const spaced = nonce.replace("MDEy", "MD Ey\n");
    expect(parse(username, spaced).nonce).toEqual(parse(username, nonce).nonce);
  });

  it("accepts a Type that the peer qualified, alone or beside an equal one", () => {
    const qualified = password.replace(" Type", " w:Type");
    expect(parse(username, qualified).password?.type).toBe(`${profile}#PasswordText`);
    const both = password.replace(" Type", ` w:Type="${profile}#PasswordText" Type`);
    expect(parse(username, both).password?.type).toBe(`${profile}#PasswordText`);
  });

  it("accepts 0 to 9 fraction digits and keeps the text of Created as it stands", () => {
    for (const fraction of ["", ".1", ".123456", ".123456789"]) {
      const text = `2026-11-22T10:00:00${fraction}Z`;
      expect(parse(username, `<u:Created>${text}</u:Created>`).created?.text).toBe(text);
    }
  });
});
