import { describe, expect, it } from "vitest";
import { type JwtSyntax, parseAuthorization, parseJwt } from "./parse.js";

const encode = (text: string | Uint8Array) => Buffer.from(text).toString("base64url");
const header = '{"alg":"ES256","typ":"JWT","kid":"k1"}';
const claims = '{"iss":"https://as.example","sub":"alice"}';
const signature = encode(Buffer.alloc(64, 7));
const token = (head: string | Uint8Array = header, body: string | Uint8Array = claims) =>
  `${encode(head)}.${encode(body)}.${signature}`;

function refusal(parse: () => JwtSyntax): string {
  try {
    parse();
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
  return "accepted";
}

const nested = (levels: number) => `{"a":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;
const many = (count: number) => `{${Array.from({ length: count }, (_, index) => `"c${index}":1`).join(",")}}`;

describe("parseJwt", () => {
  it("accepts a signed JWT and reads header and claims", () => {
    const text = token();
    expect(parseJwt(text)).toMatchObject({
      text,
      algorithm: "ES256",
      keyId: "k1",
      type: "JWT",
      claimedIssuer: "https://as.example",
    });
    expect([...parseJwt(text).claims]).toEqual([
      ["iss", "https://as.example"],
      ["sub", "alice"],
    ]);
    expect(parseJwt(token('{"alg":"ES256"}'))).toMatchObject({ keyId: undefined, type: undefined });
    expect(parseJwt(token(header, '{"iss":7}')).claimedIssuer).toBeUndefined();
  });

  it.each([
    ["nothing", ""],
    ["one part", "abc"],
    ["two parts", `${encode(header)}.${encode(claims)}`],
    ["four parts", `${token()}.${signature}`],
    ["five parts: an encrypted token", `${token()}.a.b`],
    ["six parts", `${token()}.a.b.c`],
    ["no header", `.${encode(claims)}.${signature}`],
    ["no claims", `${encode(header)}..${signature}`],
    ["C24 padding", `${encode(header)}.${encode(claims)}=.${signature}`],
    ["C24 the standard alphabet", `${encode(header)}.${encode(claims)}.${"+/".repeat(43)}`],
    ["C24 white space", `${encode(header)}. ${encode(claims)}.${signature}`],
    ["M9 unused bits set in the signature", token().replace(/.$/, "x")],
    ["a signature of an impossible length", `${token()}AAA`],
    ["a header that is not JSON", token("{")],
    ["a header that is no object", token('["ES256"]')],
    ["claims that are no object", token(header, '"alice"')],
    ["claims that are null", token(header, "null")],
    ["nested JWT", token(header, token())],
    ["claims in Latin-1", token(header, Buffer.from('{"sub":"\u00e9"}', "latin1"))],
    ["claims behind a byte order mark", token(header, `\ufeff${claims}`)],
    ["text behind the claims", token(header, `${claims}{}`)],
    ["no alg", token('{"typ":"JWT"}')],
    ["an alg that is no text", token('{"alg":["ES256"]}')],
    ["a kid that is no text", token('{"alg":"ES256","kid":1}')],
    ["a typ that is no text", token('{"alg":"ES256","typ":null}')],
    ["a crit that is unknown", token('{"alg":"ES256","crit":["x"],"x":1}')],
    ["an empty crit", token('{"alg":"ES256","crit":[]}')],
    ["b64=false", token('{"alg":"ES256","crit":["b64"],"b64":false}')],
    ["b64=false without crit", token('{"alg":"ES256","b64":false}')],
    ["two alg", token('{"alg":"none","alg":"ES256"}')],
    ["two alg, one written with escapes", token('{"alg":"none","\\u0061lg":"ES256"}')],
    ["two sub", token(header, '{"sub":"alice","sub":"admin"}')],
    ["a member twice further down", token(header, '{"a":[{"b":{"c":1,"c":2}}]}')],
    ["11 levels", token(header, nested(11))],
    ["11 levels of objects", token(header, `${'{"a":'.repeat(10)}{}${"}".repeat(10)}`)],
    ["201 claims", token(header, many(201))],
    ["a header of more than 4 KiB", token(`{"alg":"ES256","x":"${"a".repeat(3072)}"}`)],
    ["K10 a token of more than 16 KiB", token(header, `{"a":"${"a".repeat(12_300)}"}`)],
  ])("rejects %s with ERR_TOKEN_MALFORMED", (_name, text) => {
    expect(refusal(() => parseJwt(text))).toBe("ERR_TOKEN_MALFORMED");
  });

  it("accepts what is at the limits", () => {
    expect(parseJwt(token(header, nested(10))).claims.size).toBe(1);
    expect(parseJwt(token(header, many(200))).claims.size).toBe(200);
    expect(parseJwt(token(header, `{"a":"${"a".repeat(12_000)}"}`)).claims.size).toBe(1);
  });

  it("accepts one name at several places, and names in values", () => {
    const { claims: read } = parseJwt(
      token(header, '{"a":{"a":[{"a":1},{"a":2}]},"b":"a\\":{\\"a\\":","c":"\\\\","d" : ["a","a"]}'),
    );
    expect([...read.keys()]).toEqual(["a", "b", "c", "d"]);
  });

  it("accepts E19 __proto__ and constructor as members like any other, which change nothing", () => {
    const { claims: read } = parseJwt(token(header, '{"__proto__":{"sub":"admin","admin":true},"constructor":1}'));
    expect(read.get("sub")).toBeUndefined();
    expect(read.get("__proto__")).toEqual({ sub: "admin", admin: true });
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
    expect(refusal(() => parseJwt(token('{"__proto__":{"alg":"ES256"}}')))).toBe("ERR_TOKEN_MALFORMED");
  });
});

describe("parseAuthorization", () => {
  it("accepts the scheme in any case and one or more blanks behind it", () => {
    for (const scheme of ["Bearer", "bearer", "BEARER", "Bearer  "]) {
      expect(parseAuthorization([`${scheme} ${token()}`]).text).toBe(token());
    }
  });

  it.each([
    ["another scheme", [`Basic ${token()}`]],
    ["a longer scheme", [`Bearer2 ${token()}`]],
    ["no token", ["Bearer"]],
    ["an empty token", ["Bearer "]],
    ["a tab", [`Bearer\t${token()}`]],
    ["two tokens", [`Bearer ${token()} ${token()}`]],
    ["two credentials in one line", [`Bearer ${token()}, Bearer ${token()}`]],
    ["a quoted token", [`Bearer "${token()}"`]],
    ["a character outside ASCII", [`Bearer ${token()}\u00e9`]],
    ["two header lines", [`Bearer ${token()}`, `Bearer ${token()}`]],
    ["a second line of another scheme", [`Bearer ${token()}`, "Basic YTpi"]],
    ["more than 16 KiB", [`Bearer ${"a".repeat(16_385)}`]],
    ["an empty line", [""]],
  ])("rejects %s with ERR_TOKEN_MALFORMED", (_name, values) => {
    expect(refusal(() => parseAuthorization(values))).toBe("ERR_TOKEN_MALFORMED");
  });

  it("rejects a request without the header with ERR_TOKEN_MISSING", () => {
    expect(refusal(() => parseAuthorization([]))).toBe("ERR_TOKEN_MISSING");
  });
});
