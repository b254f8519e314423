import { describe, expect, it } from "vitest";
import { scan } from "../../xml/index.js";
import { impliedDerivation, parseDerivedKeyToken } from "./derivation.js";
import { conversation13, conversation2005, defaultLabel } from "./names.js";

const wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const nonce = Buffer.from("0123456789abcdef");
const reference = `<wsse:SecurityTokenReference xmlns:wsse="${wsse}"><wsse:Reference URI="#sct"/></wsse:SecurityTokenReference>`;
const nonceElement = `<wsc:Nonce>${nonce.toString("base64")}</wsc:Nonce>`;

const token = (content: string, attributes = "", { namespace } = conversation13) =>
  `<wsc:DerivedKeyToken xmlns:wsc="${namespace}"${attributes}>${content}</wsc:DerivedKeyToken>`;
const parse = (xml: string) => parseDerivedKeyToken(scan(Buffer.from(xml)), 0).derivation;
const codeOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return "accepted";
};

describe.each([conversation13, conversation2005])("parseDerivedKeyToken in $version", (words) => {
  it("accepts reference and nonce alone: the label of the standard, 32 octets from the start", () => {
    const { seed, offset, length } = parse(token(reference + nonceElement, "", words));
    expect(seed).toEqual(Buffer.concat([Buffer.from(defaultLabel), nonce]));
    expect({ offset, length }).toEqual({ offset: 0, length: 32 });
  });

  it("accepts Offset, Length, Label and the one Algorithm", () => {
    const content = `${reference}<wsc:Offset>8</wsc:Offset><wsc:Length>24</wsc:Length><wsc:Label>L</wsc:Label>${nonceElement}`;
    const { seed, offset, length } = parse(token(content, ` Algorithm="${words.pSha1}"`, words));
    expect(seed).toEqual(Buffer.concat([Buffer.from("L"), nonce]));
    expect({ offset, length }).toEqual({ offset: 8, length: 24 });
  });

  it("accepts Generation: as many keys of that length are passed over", () => {
    const content = `${reference}<wsc:Generation>3</wsc:Generation><wsc:Length>20</wsc:Length>${nonceElement}`;
    expect(parse(token(content, "", words))).toMatchObject({ offset: 60, length: 20 });
  });

  it("rejects the Algorithm of the other version with ERR_WSS_UNSUPPORTED_ALGORITHM", () => {
    const other = words === conversation13 ? conversation2005 : conversation13;
    const xml = token(reference + nonceElement, ` Algorithm="${other.pSha1}"`, words);
    expect(codeOf(() => parse(xml))).toBe("ERR_WSS_UNSUPPORTED_ALGORITHM");
  });
});

describe("parseDerivedKeyToken", () => {
  it.each([
    ["Offset and Generation", "<wsc:Offset>0</wsc:Offset><wsc:Generation>0</wsc:Generation>"],
    ["a Length of 2^31", "<wsc:Length>2147483648</wsc:Length>"],
    ["a Length of 65", "<wsc:Length>65</wsc:Length>"],
    ["a Length of 15", "<wsc:Length>15</wsc:Length>"],
    ["a Length below zero", "<wsc:Length>-32</wsc:Length>"],
    ["a Length in another notation", "<wsc:Length>3e1</wsc:Length>"],
    ["an empty Length", "<wsc:Length></wsc:Length>"],
    ["an Offset of 1,025", "<wsc:Offset>1025</wsc:Offset>"],
    ["an Offset of 2^64", "<wsc:Offset>18446744073709551616</wsc:Offset>"],
    ["a Generation that leads beyond the limit", "<wsc:Generation>33</wsc:Generation>"],
    ["a Generation of 2^53", "<wsc:Generation>9007199254740992</wsc:Generation>"],
    ["two Lengths", "<wsc:Length>32</wsc:Length><wsc:Length>16</wsc:Length>"],
    ["two Nonces", nonceElement],
    ["two references", reference],
    ["a Label of 257 characters", `<wsc:Label>${"L".repeat(257)}</wsc:Label>`],
    ["a Label with a comment", "<wsc:Label>L<!-- -->M</wsc:Label>"],
    ["Properties", "<wsc:Properties></wsc:Properties>"],
    ["a stranger", "<x></x>"],
  ])("rejects %s with ERR_WSS_INVALID_SECURITY", (_, content) => {
    expect(codeOf(() => parse(token(reference + nonceElement)))).toBe("accepted");
    expect(codeOf(() => parse(token(reference + nonceElement + content)))).toBe("ERR_WSS_INVALID_SECURITY");
  });

  it.each([
    ["7 octets", Buffer.alloc(7).toString("base64")],
    ["129 octets", Buffer.alloc(129).toString("base64")],
    ["no base64", "***"],
  ])("rejects a Nonce of %s with ERR_WSS_INVALID_SECURITY", (_, text) => {
    const xml = token(`${reference}<wsc:Nonce>${text}</wsc:Nonce>`);
    expect(codeOf(() => parse(xml))).toBe("ERR_WSS_INVALID_SECURITY");
  });

  it.each([
    ["a Nonce", reference],
    ["a reference", nonceElement],
  ])("rejects a token without %s with ERR_WSS_TOKEN_UNAVAILABLE", (_, content) => {
    expect(codeOf(() => parse(token(content)))).toBe("ERR_WSS_TOKEN_UNAVAILABLE");
  });

  it("accepts exactly the limits", () => {
    const content = `${reference}${nonceElement}<wsc:Offset>1024</wsc:Offset><wsc:Length>64</wsc:Length>`;
    expect(parse(token(content))).toMatchObject({ offset: 1024, length: 64 });
    const generation = `${reference}${nonceElement}<wsc:Generation>32</wsc:Generation>`;
    expect(parse(token(generation))).toMatchObject({ offset: 1024, length: 32 });
  });
});

describe("impliedDerivation", () => {
  const implied = (attributes: string) =>
    impliedDerivation(
      scan(
        Buffer.from(
          `<r xmlns:wsc="${conversation13.namespace}" xmlns:old="${conversation2005.namespace}" ${attributes}/>`,
        ),
      ),
      0,
    );
  const base64 = nonce.toString("base64");

  it("accepts a Nonce, with or without Length", () => {
    const seed = Buffer.concat([Buffer.from(defaultLabel), nonce]);
    expect(implied(`wsc:Nonce="${base64}"`)).toEqual({ seed, offset: 0, length: 32 });
    expect(implied(`old:Nonce="${base64}" old:Length="24"`)).toEqual({ seed, offset: 0, length: 24 });
    expect(implied("")).toBeUndefined();
    expect(implied(`Nonce="${base64}"`)).toBeUndefined();
  });

  it.each([
    'wsc:Length="32"',
    `wsc:Nonce="${base64}" wsc:Length="65"`,
    `wsc:Nonce="${base64}" wsc:Length="8"`,
    `wsc:Nonce="${base64}" wsc:Length="2147483648"`,
    `wsc:Nonce="${base64}" old:Nonce="${base64}"`,
    `wsc:Nonce="${base64}" old:Length="16"`,
    'wsc:Nonce="QUJD"',
    'wsc:Nonce="?"',
  ])("rejects %s with ERR_WSS_INVALID_SECURITY", (attributes) => {
    expect(codeOf(() => implied(attributes))).toBe("ERR_WSS_INVALID_SECURITY");
  });
});
