import { describe, expect, it } from "vitest";
import { Certificate, generateKeyPair, selfSigned } from "../crypto/index.js";
import { isCountersignError } from "../errors/index.js";
import { canonicalize, exclusive, scan } from "../xml/index.js";
import {
  parseRequestSecurityToken,
  type RequestSecurityToken,
  tokenTypes,
  trust13,
  trust2005,
  trustOperations,
  writeRequestSecurityToken,
} from "./index.js";

const parse = (xml: string) => parseRequestSecurityToken(scan(Buffer.from(xml)), 0);
const codeOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (isCountersignError(error)) return error.code;
    throw error;
  }
  return "accepted";
};

const wst = 'xmlns:wst="http://docs.oasis-open.org/ws-sx/ws-trust/200512"';
const requestType = "<wst:RequestType>http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue</wst:RequestType>";
const rst = (content: string, attributes = "") =>
  `<wst:RequestSecurityToken ${wst}${attributes}>${requestType}${content}</wst:RequestSecurityToken>`;
const appliesTo = (
  address = "<wsa:Address>urn:orders</wsa:Address>",
  wsp = "http://schemas.xmlsoap.org/ws/2004/09/policy",
  wsa = "http://www.w3.org/2005/08/addressing",
) =>
  `<wsp:AppliesTo xmlns:wsp="${wsp}"><wsa:EndpointReference xmlns:wsa="${wsa}">${address}</wsa:EndpointReference></wsp:AppliesTo>`;
const wsu = 'xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"';
const created = "<wsu:Created>2026-01-31T10:00:00Z</wsu:Created>";
const expires = "<wsu:Expires>2026-01-31T11:00:00Z</wsu:Expires>";
const lifetime = (content: string) => `<wst:Lifetime ${wsu}>${content}</wst:Lifetime>`;
const claims = (content: string, dialect = "http://schemas.xmlsoap.org/ws/2005/05/identity") =>
  `<wst:Claims Dialect="${dialect}" xmlns:ic="http://schemas.xmlsoap.org/ws/2005/05/identity">${content}</wst:Claims>`;

const entropy = (octets: number) =>
  `<wst:Entropy><wst:BinarySecret Type="${trust13.secretTypes.nonce}">${Buffer.alloc(octets).toString("base64")}</wst:BinarySecret></wst:Entropy>`;

describe("WS-Trust 1.4 section 3.1: RequestSecurityToken", () => {
  it("accepts everything that it writes", () => {
    const keys = generateKeyPair("ec");
    const request: RequestSecurityToken = {
      context: "urn:uuid:1",
      requestType: trust13.requestTypes.issue,
      tokenType: tokenTypes.saml2,
      appliesTo: "https://orders.example/orders?a=1&b=<2>",
      keyType: "public-key",
      keySize: 256,
      lifetime: { created: Date.UTC(2026, 0, 31, 10), expires: Date.UTC(2026, 0, 31, 11) },
      claims: [
        { type: "urn:role", optional: false },
        { type: "urn:mail", optional: true },
      ],
      renewing: { allow: false, afterExpiry: false },
      useKey: { publicKey: keys.publicKey, signatureId: "sig-1" },
    };
    const { useKey, vocabulary, ...rest } = parse(writeRequestSecurityToken(request));
    expect(vocabulary).toBe(trust13);
    expect(rest).toEqual(Object.fromEntries(Object.entries(request).filter(([name]) => name !== "useKey")));
    expect(useKey?.publicKey.equals(keys.publicKey)).toBe(true);
    expect(useKey?.signatureId).toBe("sig-1");
    expect(useKey?.certificate).toBeUndefined();
  });

  it("accepts what it writes as canonical already", () => {
    const xml = writeRequestSecurityToken({
      requestType: trust13.requestTypes.issue,
      appliesTo: "urn:orders?a&b",
      lifetime: { created: 0, expires: 1 },
      claims: [{ type: "urn:role" }],
    });
    expect(Buffer.from(canonicalize(scan(Buffer.from(xml)), 0, exclusive)).toString()).toBe(xml);
  });

  it.each(["ec", "rsa", "ed25519"] as const)("accepts a UseKey with a bare %s key and with a certificate", (type) => {
    const { keyPair, der } = selfSigned({ subject: "CN=requestor", keyType: type });
    const bare = parse(writeRequestSecurityToken({ requestType: "urn:x", useKey: { publicKey: keyPair.publicKey } }));
    expect(bare.useKey?.publicKey.equals(keyPair.publicKey)).toBe(true);
    const certificate = Certificate.parse(der);
    const named = parse(
      writeRequestSecurityToken({ requestType: "urn:x", useKey: { certificate, publicKey: certificate.publicKey } }),
    );
    expect(named.useKey?.certificate?.fingerprint256).toBe(certificate.fingerprint256);
    expect(named.useKey?.publicKey.equals(keyPair.publicKey)).toBe(true);
  });

  it.each([trust13, trust2005])("accepts every operation of WS-Trust $version", (vocabulary) => {
    for (const operation of trustOperations) {
      const target = operation === "issue" ? {} : { target: "<a></a>" };
      const request = { vocabulary, requestType: vocabulary.requestTypes[operation], ...target };
      const { target: read, ...rest } = parse(writeRequestSecurityToken(request));
      expect(rest).toEqual({ vocabulary, requestType: request.requestType });
      expect(read !== undefined).toBe(operation !== "issue");
    }
  });

  it("accepts tokens of others, delegation and a share of a key", () => {
    const request: RequestSecurityToken = {
      vocabulary: trust13,
      requestType: trust13.requestTypes.issue,
      onBehalfOf: '<a xmlns="urn:a"></a>',
      actAs: '<b xmlns="urn:b"></b>',
      forwardable: false,
      delegatable: true,
      keyType: "symmetric-key",
      entropy: Buffer.alloc(32, 7),
      computedKeyAlgorithm: trust13.pSha1,
    };
    const { onBehalfOf, actAs, ...rest } = parse(writeRequestSecurityToken(request));
    expect({ ...rest, onBehalfOf: request.onBehalfOf, actAs: request.actAs }).toEqual(request);
    // Whatever is in scope around a token is kept with it.
    expect([onBehalfOf, actAs]).toEqual([
      expect.stringContaining('<a xmlns="urn:a"'),
      expect.stringContaining('<b xmlns="urn:b"'),
    ]);
  });

  it("accepts SecondaryParameters: they fill in what the request leaves open", () => {
    const secondary = (content: string) => `<wst:SecondaryParameters>${content}</wst:SecondaryParameters>`;
    const keyType = `<wst:KeyType>${trust13.keyTypes.bearer}</wst:KeyType>`;
    const claim = (uri: string) => claims(`<ic:ClaimType Uri="${uri}"></ic:ClaimType>`);
    const encryption = "<wst:EncryptionAlgorithm>urn:aes</wst:EncryptionAlgorithm>";
    const read = parse(rst(claim("urn:a") + secondary(keyType + claim("urn:b") + encryption)));
    expect(read).toMatchObject({ keyType: "bearer", algorithms: { encryption: "urn:aes" } });
    expect(read.claims?.map(({ type }) => type)).toEqual(["urn:a", "urn:b"]);
    expect(parse(rst(keyType + secondary(keyType))).keyType).toBe("bearer");
  });

  it("accepts values of claims in the dialect of WS-Federation", () => {
    const asked = [{ type: "urn:role", optional: false, values: ["clerk", "a&b"] }];
    expect(parse(writeRequestSecurityToken({ requestType: "urn:x", claims: asked })).claims).toEqual(asked);
  });

  it("accepts AppliesTo of WS-Policy 1.5 and WS-Addressing of 2004", () => {
    expect(parse(rst(appliesTo(undefined, "http://www.w3.org/ns/ws-policy"))).appliesTo).toBe("urn:orders");
    const old = appliesTo(undefined, undefined, "http://schemas.xmlsoap.org/ws/2004/08/addressing");
    expect(parse(rst(old)).appliesTo).toBe("urn:orders");
  });

  it("accepts both spellings of the bearer key type", () => {
    const keyType = (uri: string) => parse(rst(`<wst:KeyType>${uri}</wst:KeyType>`)).keyType;
    expect(keyType("http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer")).toBe("bearer");
    expect(keyType("http://docs.oasis-open.org/wssx/wstrust/200512/Bearer")).toBe("bearer");
  });

  it("accepts Lifetime with Created, Expires or both", () => {
    expect(parse(rst(lifetime(created + expires))).lifetime).toEqual({
      created: Date.UTC(2026, 0, 31, 10),
      expires: Date.UTC(2026, 0, 31, 11),
    });
    expect(parse(rst(lifetime(expires))).lifetime).toEqual({ expires: Date.UTC(2026, 0, 31, 11) });
    expect(parse(rst(lifetime(""))).lifetime).toEqual({});
  });

  it.each([
    ["no RequestType", `<wst:RequestSecurityToken ${wst}></wst:RequestSecurityToken>`],
    ["another root", `<wst:RequestSecurityTokenResponse ${wst}></wst:RequestSecurityTokenResponse>`],
    [
      "the namespace of April 2004",
      rst("").replaceAll(
        "http://docs.oasis-open.org/ws-sx/ws-trust/200512",
        "http://schemas.xmlsoap.org/ws/2004/04/trust",
      ),
    ],
    ["RequestType twice", rst(requestType)],
    [
      "AppliesTo twice, in two versions of WS-Policy",
      rst(appliesTo() + appliesTo(undefined, "http://www.w3.org/ns/ws-policy")),
    ],
    ["an empty TokenType", rst("<wst:TokenType> </wst:TokenType>")],
    [
      "AppliesTo without endpoint reference",
      rst('<wsp:AppliesTo xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy"></wsp:AppliesTo>'),
    ],
    ["AppliesTo without address", rst(appliesTo(""))],
    ["Expires before Created in order", rst(lifetime(expires + created))],
    ["two Expires", rst(lifetime(expires + expires))],
    ["a time without zone", rst(lifetime("<wsu:Created>2026-01-31T10:00:00</wsu:Created>"))],
    ["the 30th of February", rst(lifetime("<wsu:Created>2026-02-30T10:00:00Z</wsu:Created>"))],
    ["a ClaimType without Uri", rst(claims("<ic:ClaimType></ic:ClaimType>"))],
    ["an empty UseKey", rst("<wst:UseKey></wst:UseKey>")],
    [
      "a UseKey with a broken certificate",
      rst(
        '<wst:UseKey><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>MIIB</ds:X509Certificate></ds:X509Data></ds:KeyInfo></wst:UseKey>',
      ),
    ],
    ["a Context of 2,000 characters", rst("", ` Context="${"x".repeat(2000)}"`)],
    ["two tokens on behalf of whom", rst("<wst:OnBehalfOf><a/><b/></wst:OnBehalfOf>")],
    ["nobody on behalf of whom", rst("<wst:OnBehalfOf></wst:OnBehalfOf>")],
    ["the target of another operation", rst("<wst:CancelTarget><a/></wst:CancelTarget>")],
    ["a Delegatable that is no boolean", rst("<wst:Delegatable>maybe</wst:Delegatable>")],
    [
      "SecondaryParameters with another key type (J22)",
      rst(
        `<wst:KeyType>${trust13.keyTypes.bearer}</wst:KeyType>` +
          `<wst:SecondaryParameters><wst:KeyType>${trust13.keyTypes["public-key"]}</wst:KeyType></wst:SecondaryParameters>`,
      ),
    ],
    ["51 claims", rst(claims('<ic:ClaimType Uri="urn:c"></ic:ClaimType>'.repeat(51)))],
  ])("rejects %s with ERR_TRUST_INVALID_REQUEST", (_, xml) => {
    expect(codeOf(() => parse(xml))).toBe("ERR_TRUST_INVALID_REQUEST");
  });

  it.each([
    ["an element that is not read", rst("<wst:DelegateTo></wst:DelegateTo>")],
    [
      "an element of WS-Trust 1.4 that is not read",
      rst(
        '<a:InteractiveChallenge xmlns:a="http://docs.oasis-open.org/ws-sx/ws-trust/200802"></a:InteractiveChallenge>',
      ),
    ],
    ["a foreign element", rst('<x:y xmlns:x="urn:x"></x:y>')],
    ["an unknown attribute", rst("", ' Kontext="x"')],
    ["an unknown key type", rst("<wst:KeyType>urn:key</wst:KeyType>")],
    ["KeySize 0 (J16)", rst("<wst:KeySize>0</wst:KeySize>")],
    ["KeySize 2^31 (J16)", rst("<wst:KeySize>2147483648</wst:KeySize>")],
    ["an entropy of 15 octets (J16)", rst(entropy(15))],
    ["an entropy of 65 octets (J16)", rst(entropy(65))],
    [
      "SecondaryParameters with what a policy does not say",
      rst(`<wst:SecondaryParameters>${requestType}</wst:SecondaryParameters>`),
    ],
    ["an unknown claims dialect", rst(claims("", "urn:dialect"))],
    ["claims without dialect", rst("<wst:Claims></wst:Claims>")],
    [
      "another endpoint reference property",
      rst(appliesTo("<wsa:Address>urn:orders</wsa:Address><wsa:Metadata></wsa:Metadata>")),
    ],
    ["a UseKey that is not a KeyInfo", rst("<wst:UseKey><wst:X></wst:X></wst:UseKey>")],
    [
      "a UseKey that names a key by name",
      rst(
        '<wst:UseKey><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:KeyName>k</ds:KeyName></ds:KeyInfo></wst:UseKey>',
      ),
    ],
  ])("rejects %s with ERR_TRUST_BAD_REQUEST", (_, xml) => {
    expect(codeOf(() => parse(xml))).toBe("ERR_TRUST_BAD_REQUEST");
  });
});
