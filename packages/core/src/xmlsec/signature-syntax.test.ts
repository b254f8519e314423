import { describe, expect, it } from "vitest";
import { digestUri, signatureUri, suites } from "../crypto/index.js";
import { scan } from "../xml/index.js";
import { checkAlgorithms } from "./algorithms.js";
import { defaultSignatureLimits } from "./limits.js";
import * as names from "./names.js";
import { parseSignature, type SignatureSyntax } from "./signature-syntax.js";
import { wsseNamespace } from "./token-names.js";

const { exclusiveC14n, strTransform, envelopedSignature } = names;
const sha256 = Buffer.alloc(32, 1).toString("base64");
const INVALID = "ERR_WSS_INVALID_SECURITY";
const UNSUPPORTED = "ERR_WSS_UNSUPPORTED_ALGORITHM";

interface Parts {
  method?: string;
  signatureMethod?: string;
  references?: string;
  signedInfo?: string;
  value?: string;
  tail?: string;
  content?: string;
}

const method = (uri: string, content = "") =>
  `<ds:CanonicalizationMethod Algorithm="${uri}">${content}</ds:CanonicalizationMethod>`;
const transform = (uri: string, content = "") => `<ds:Transform Algorithm="${uri}">${content}</ds:Transform>`;
const reference = ({
  uri = ' URI="#a"',
  transforms = `<ds:Transforms>${transform(exclusiveC14n)}</ds:Transforms>`,
  digest = digestUri.sha256 as string,
  value = sha256,
} = {}) =>
  `<ds:Reference${uri}>${transforms}<ds:DigestMethod Algorithm="${digest}"/><ds:DigestValue>${value}</ds:DigestValue></ds:Reference>`;

function signature(parts: Parts = {}): string {
  const signatureMethod = parts.signatureMethod ?? `<ds:SignatureMethod Algorithm="${signatureUri.rsaSha256}"/>`;
  const signedInfo =
    parts.signedInfo ??
    `<ds:SignedInfo>${parts.method ?? method(exclusiveC14n)}${signatureMethod}${parts.references ?? reference()}</ds:SignedInfo>`;
  const content =
    parts.content ?? `${signedInfo}<ds:SignatureValue>${parts.value ?? "AAAA"}</ds:SignatureValue>${parts.tail ?? ""}`;
  return `<ds:Signature xmlns:ds="${names.dsNamespace}">${content}</ds:Signature>`;
}

function parse(parts: Parts = {}): SignatureSyntax {
  return parseSignature(scan(Buffer.from(signature(parts))), 0);
}

function rejects(code: string, parts: Parts): void {
  expect(() => parse(parts)).toThrow(expect.objectContaining({ code }));
}

describe("parseSignature", () => {
  it("accepts the plain shape and says what stands in it", () => {
    const syntax = parse();
    expect(syntax.algorithm?.uri).toBe(signatureUri.rsaSha256);
    expect(syntax.canonical.uri).toBe(exclusiveC14n);
    expect(syntax.value).toEqual(Buffer.alloc(3));
    expect(syntax.keyInfo).toBeUndefined();
    expect(syntax.references).toHaveLength(1);
    expect(syntax.references[0]).toMatchObject({
      uri: "#a",
      digestUri: digestUri.sha256,
      digestValue: Buffer.alloc(32, 1),
    });
    expect(syntax.references[0]?.transforms).toMatchObject({ enveloped: false, token: false });
  });

  it("names the place of a refusal", () => {
    try {
      parse({ value: "!" });
      expect.unreachable();
    } catch (error) {
      expect((error as { detail: { place(): unknown } }).detail.place()).toMatchObject({
        line: 1,
        path: expect.stringContaining("ds:SignatureValue"),
      });
    }
  });

  it.each<[string, Parts]>([
    ["no SignedInfo", { signedInfo: "" }],
    [
      "two SignedInfo (B6)",
      {
        signedInfo:
          `<ds:SignedInfo>${method(exclusiveC14n)}<ds:SignatureMethod Algorithm="x"/>${reference()}</ds:SignedInfo>`.repeat(
            2,
          ),
      },
    ],
    ["SignedInfo behind the value", { content: `<ds:SignatureValue>AAAA</ds:SignatureValue><ds:SignedInfo/>` }],
    [
      "no SignatureValue",
      { content: signature().slice(signature().indexOf("<ds:SignedInfo"), signature().indexOf("<ds:SignatureValue")) },
    ],
    ["two SignatureValue (B6)", { tail: "<ds:SignatureValue>AAAA</ds:SignatureValue>" }],
    ["ds:Manifest (A16)", { tail: "<ds:Manifest/>" }],
    ["ds:Manifest in a ds:Object (A16)", { tail: "<ds:Object><x/><ds:Manifest/></ds:Object>" }],
    ["two KeyInfo", { tail: "<ds:KeyInfo><ds:KeyName>a</ds:KeyName></ds:KeyInfo>".repeat(2) }],
    ["an element of another namespace (B7)", { tail: '<x xmlns="urn:x"/>' }],
    ["a Reference outside SignedInfo (B7)", { tail: reference() }],
    ["no CanonicalizationMethod", { method: "" }],
    ["two CanonicalizationMethod", { method: method(exclusiveC14n).repeat(2) }],
    ["no SignatureMethod", { signatureMethod: "" }],
    [
      "two SignatureMethod (B6)",
      { signatureMethod: `<ds:SignatureMethod Algorithm="${signatureUri.rsaSha256}"/>`.repeat(2) },
    ],
    ["SignatureMethod without Algorithm", { signatureMethod: "<ds:SignatureMethod/>" }],
    [
      "an Algorithm attribute in a namespace",
      { signatureMethod: `<ds:SignatureMethod ds:Algorithm="${signatureUri.rsaSha256}"/>` },
    ],
    ["no Reference", { references: "" }],
    ["something behind the References", { references: `${reference()}<ds:Object/>` }],
    [
      "two DigestValue (B6)",
      {
        references: reference().replace("</ds:Reference>", `<ds:DigestValue>${sha256}</ds:DigestValue></ds:Reference>`),
      },
    ],
    ["no DigestMethod", { references: reference().replace(/<ds:DigestMethod[^>]*>/, "") }],
    ["a Reference to a Manifest (A16)", { references: reference({ uri: ` URI="#a" Type="${names.manifestType}"` }) }],
    ["empty Transforms", { references: reference({ transforms: "<ds:Transforms/>" }) }],
    [
      "two Transforms",
      { references: reference({ transforms: `<ds:Transforms>${transform(exclusiveC14n)}</ds:Transforms>`.repeat(2) }) },
    ],
    [
      "a stranger among the transforms",
      { references: reference({ transforms: `<ds:Transforms><x/></ds:Transforms>` }) },
    ],
  ])("rejects %s with ERR_WSS_INVALID_SECURITY", (_, parts) => rejects(INVALID, parts));

  it("accepts 30 References and rejects 31 with ERR_WSS_INVALID_SECURITY (K1)", () => {
    expect(parse({ references: reference().repeat(30) }).references).toHaveLength(30);
    rejects(INVALID, { references: reference().repeat(31) });
  });

  it("rejects 500 transforms with ERR_WSS_INVALID_SECURITY (K4)", () => {
    for (const uri of [envelopedSignature, exclusiveC14n, "http://www.w3.org/TR/1999/REC-xslt-19991116"]) {
      rejects(INVALID, {
        references: reference({ transforms: `<ds:Transforms>${transform(uri).repeat(500)}</ds:Transforms>` }),
      });
    }
    const doc = scan(
      Buffer.from(
        signature({
          references: reference({
            transforms: `<ds:Transforms>${transform(envelopedSignature)}${transform(exclusiveC14n)}</ds:Transforms>`,
          }),
        }),
      ),
    );
    expect(parseSignature(doc, 0).references[0]?.transforms.enveloped).toBe(true);
    expect(() => parseSignature(doc, 0, { ...defaultSignatureLimits, maxTransforms: 1 })).toThrow(
      expect.objectContaining({ code: INVALID }),
    );
  });

  it("accepts base64 with XML white space and carriage returns, and rejects all else with ERR_WSS_INVALID_SECURITY (B4, B5, B19, C24)", () => {
    const broken = `${sha256.slice(0, 20)}&#13;\n \t\r\n${sha256.slice(20)}`;
    expect(parse({ references: reference({ value: broken }) }).references[0]?.digestValue).toEqual(Buffer.alloc(32, 1));
    expect(parse({ value: "AA\r\nAA" }).value).toEqual(Buffer.alloc(3));
    const half = sha256.slice(20);
    const wrong = [
      "",
      `<!--x-->${sha256}`,
      `${sha256.slice(0, 20)}<!---->${half}`,
      `<![CDATA[${sha256}]]>`,
      `<x/>${sha256}`,
      sha256.replace("=", ""),
      sha256.replaceAll("/", "_").replaceAll("+", "-").replace("A", "-"),
      `${sha256}=`,
      `${sha256}!`,
      Buffer.alloc(65).toString("base64"),
      "AQ\u00A0==",
    ];
    for (const value of wrong) rejects(INVALID, { references: reference({ value }) });
    for (const value of ["", "A", "AAA", "<!--x-->AAAA", "AA<x/>AA", "AA--", Buffer.alloc(1025).toString("base64")])
      rejects(INVALID, { value });
    expect(parse({ value: Buffer.alloc(1024).toString("base64") }).value).toHaveLength(1024);
  });

  it("rejects a DigestValue of another length than its algorithm gives with ERR_WSS_FAILED_CHECK (C23)", () => {
    for (const length of [1, 20, 31, 33, 64]) {
      rejects("ERR_WSS_FAILED_CHECK", { references: reference({ value: Buffer.alloc(length).toString("base64") }) });
    }
    expect(parse({ references: reference({ value: Buffer.alloc(32).toString("base64") }) }).references).toHaveLength(1);
  });

  it("rejects ds:Object, whatever it holds, with ERR_WSS_FAILED_CHECK (A6)", () => {
    for (const content of ["", "text", '<x xmlns="urn:x"/>', "<ds:SignatureProperties/>"]) {
      rejects("ERR_WSS_FAILED_CHECK", { tail: `<ds:Object>${content}</ds:Object>` });
    }
    expect(parse({ tail: "" }).references).not.toHaveLength(0);
  });

  it("rejects HMACOutputLength and unknown parameters with ERR_WSS_UNSUPPORTED_ALGORITHM (C4)", () => {
    for (const length of ["0", "8", "40", "255", "256", "1000000000"]) {
      rejects(UNSUPPORTED, {
        signatureMethod: `<ds:SignatureMethod Algorithm="${signatureUri.hmacSha256}"><ds:HMACOutputLength>${length}</ds:HMACOutputLength></ds:SignatureMethod>`,
      });
    }
    rejects(UNSUPPORTED, {
      signatureMethod: `<ds:SignatureMethod Algorithm="${signatureUri.rsaSha256}"><x/></ds:SignatureMethod>`,
    });
    rejects(UNSUPPORTED, { references: reference().replace('sha256"/>', 'sha256"><x/></ds:DigestMethod>') });
  });

  it("keeps unknown methods apart from known ones for the suite's refusal (C5)", () => {
    const syntax = parse({
      signatureMethod: '<ds:SignatureMethod Algorithm="urn:x"/>',
      references: reference({ digest: "urn:md5", value: "AAAA" }),
    });
    expect(syntax).toMatchObject({ algorithm: undefined, algorithmUri: "urn:x" });
    expect(syntax.references[0]).toMatchObject({ digestAlgorithm: undefined, digestUri: "urn:md5" });
  });
});

describe("transforms", () => {
  const transforms = (...all: string[]) => ({
    references: reference({ transforms: `<ds:Transforms>${all.join("")}</ds:Transforms>` }),
  });
  const token = (content = method(exclusiveC14n)) =>
    transform(
      strTransform,
      `<w:TransformationParameters xmlns:w="${wsseNamespace}">${content}</w:TransformationParameters>`,
    );

  it("accepts exclusive C14N, enveloped before it, STR-Transform alone, and none", () => {
    expect(parse(transforms(transform(exclusiveC14n))).references[0]?.transforms.canonical.uri).toBe(exclusiveC14n);
    expect(
      parse(transforms(transform(envelopedSignature), transform(exclusiveC14n))).references[0]?.transforms,
    ).toMatchObject({
      enveloped: true,
      canonical: { uri: exclusiveC14n },
    });
    expect(parse(transforms(token())).references[0]?.transforms).toMatchObject({
      token: true,
      canonical: { uri: exclusiveC14n },
    });
    expect(parse({ references: reference({ transforms: "" }) }).references[0]?.transforms.canonical.uri).toBe(
      names.c14n10,
    );
    expect(parse(transforms(transform(envelopedSignature))).references[0]?.transforms.canonical.uri).toBe(names.c14n10);
  });

  it.each([
    ["XPath (A17)", "http://www.w3.org/TR/1999/REC-xpath-19991116"],
    ["XPath Filter 2 (A17, K20)", "http://www.w3.org/2002/06/xmldsig-filter2"],
    ["XSLT (C9)", "http://www.w3.org/TR/1999/REC-xslt-19991116"],
    ["base64 (C10)", "http://www.w3.org/2000/09/xmldsig#base64"],
    ["decryption (C10)", "http://www.w3.org/2002/07/decrypt#XML"],
    ["an unknown URI", "urn:x"],
    ["an empty URI", ""],
  ])("rejects %s with ERR_WSS_UNSUPPORTED_ALGORITHM", (_, uri) => {
    rejects(UNSUPPORTED, transforms(transform(uri)));
    rejects(UNSUPPORTED, transforms(transform(uri, "<ds:XPath>1</ds:XPath>"), transform(exclusiveC14n)));
  });

  it("rejects orders that would digest something else with ERR_WSS_UNSUPPORTED_ALGORITHM", () => {
    rejects(UNSUPPORTED, transforms(transform(exclusiveC14n), transform(envelopedSignature)));
    rejects(UNSUPPORTED, transforms(transform(exclusiveC14n), transform(exclusiveC14n)));
    rejects(UNSUPPORTED, transforms(transform(envelopedSignature), transform(envelopedSignature)));
    rejects(UNSUPPORTED, transforms(transform(envelopedSignature), token()));
    rejects(UNSUPPORTED, transforms(token(), transform(exclusiveC14n)));
    rejects(UNSUPPORTED, transforms(transform(exclusiveC14n), token()));
  });

  it("rejects STR-Transform without its one parameter with ERR_WSS_INVALID_SECURITY (BSP R3065)", () => {
    rejects(INVALID, transforms(transform(strTransform)));
    rejects(INVALID, transforms(token("")));
    rejects(INVALID, transforms(token(method(exclusiveC14n).repeat(2))));
    rejects(INVALID, transforms(token("<x/>")));
    rejects(UNSUPPORTED, transforms(token(method("urn:x"))));
    rejects(UNSUPPORTED, transforms(token(method(names.exclusiveC14nWithComments))));
  });

  it("rejects parameters where none belong with ERR_WSS_INVALID_SECURITY", () => {
    rejects(INVALID, transforms(transform(envelopedSignature, "<x/>")));
    rejects(INVALID, transforms(transform(exclusiveC14n, "<x/>")));
    rejects(
      INVALID,
      transforms(
        transform(names.c14n10, `<ec:InclusiveNamespaces xmlns:ec="${names.excC14nNamespace}" PrefixList="a"/>`),
      ),
    );
  });
});

describe("PrefixList", () => {
  const list = (prefixes: string) =>
    `<ec:InclusiveNamespaces xmlns:ec="${names.excC14nNamespace}" PrefixList="${prefixes}"/>`;
  const prefixes = (value: string) =>
    parse({ method: method(exclusiveC14n, list(value)) }).canonical.form.inclusivePrefixes;

  it("accepts any order, white space, repetition and #default (B21)", () => {
    expect(prefixes("b a")).toEqual(["b", "a"]);
    expect(prefixes(" \t#default&#10;  b\r\na a ")).toEqual(["#default", "b", "a", "a"]);
    expect(prefixes("")).toBeUndefined();
  });

  it("accepts 100 prefixes and 4,096 characters, and rejects more with ERR_WSS_INVALID_SECURITY", () => {
    expect(prefixes("p ".repeat(100))).toHaveLength(100);
    rejects(INVALID, { method: method(exclusiveC14n, list("p ".repeat(101))) });
    expect(prefixes("p".repeat(4096))).toHaveLength(1);
    rejects(INVALID, { method: method(exclusiveC14n, list("p".repeat(4097))) });
  });

  it("rejects what is no prefix, two lists and content with ERR_WSS_INVALID_SECURITY", () => {
    for (const wrong of ["a:b", "1a", "#Default", "a,b"])
      rejects(INVALID, { method: method(exclusiveC14n, list(wrong)) });
    rejects(INVALID, { method: method(exclusiveC14n, list("a") + list("b")) });
    rejects(INVALID, { method: method(exclusiveC14n, list("a").replace("/>", "><x/></ec:InclusiveNamespaces>")) });
    rejects(INVALID, {
      method: method(exclusiveC14n, `<ec:InclusiveNamespaces xmlns:ec="${names.excC14nNamespace}"/>`),
    });
  });
});

describe("RSAPSSParams", () => {
  const pss = (content: string) =>
    `<ds:SignatureMethod Algorithm="${signatureUri.rsaPss}"><p:RSAPSSParams xmlns:p="${names.xmldsigMore2007Namespace}">${content}</p:RSAPSSParams></ds:SignatureMethod>`;
  const hash = (uri: string) => `<ds:DigestMethod Algorithm="${uri}"/>`;
  const mask = (uri: string, algorithm = "") =>
    `<p:MaskGenerationFunction${algorithm}>${hash(uri)}</p:MaskGenerationFunction>`;

  it("accepts defaults and matching parameters", () => {
    expect(parse({ signatureMethod: `<ds:SignatureMethod Algorithm="${signatureUri.rsaPss}"/>` }).algorithm?.hash).toBe(
      "sha256",
    );
    expect(parse({ signatureMethod: pss("") }).algorithm?.hash).toBe("sha256");
    const full = `${hash(digestUri.sha512)}${mask(digestUri.sha512, ` Algorithm="${names.xmldsigMore2007Namespace}MGF1"`)}<p:SaltLength>64</p:SaltLength><p:TrailerField>1</p:TrailerField>`;
    expect(parse({ signatureMethod: pss(full) }).algorithm).toMatchObject({ family: "rsa-pss", hash: "sha512" });
  });

  it.each([
    ["another salt length", `${hash(digestUri.sha256)}<p:SaltLength>20</p:SaltLength>`],
    ["another digest in MGF1", `${hash(digestUri.sha512)}${mask(digestUri.sha256)}`],
    ["another mask function", mask(digestUri.sha256, ' Algorithm="urn:x"')],
    ["another trailer", "<p:TrailerField>2</p:TrailerField>"],
    ["SHA-1", hash(digestUri.sha1)],
  ])("rejects %s as unknown, so that the suite refuses with ERR_WSS_UNSUPPORTED_ALGORITHM", (_, content) => {
    const doc = scan(Buffer.from(signature({ signatureMethod: pss(content) })));
    const syntax = parseSignature(doc, 0);
    expect(syntax.algorithm).toBeUndefined();
    expect(() => checkAlgorithms(doc, syntax, suites.legacySha1)).toThrow(
      expect.objectContaining({ code: UNSUPPORTED }),
    );
  });

  it("rejects a wrong structure with ERR_WSS_INVALID_SECURITY", () => {
    for (const wrong of [
      "<x/>",
      "<p:SaltLength>x</p:SaltLength>",
      "<p:SaltLength>-1</p:SaltLength>",
      `<p:SaltLength>32</p:SaltLength>${hash(digestUri.sha256)}`,
    ]) {
      rejects(INVALID, { signatureMethod: pss(wrong) });
    }
  });
});

describe("checkAlgorithms", () => {
  const check = (parts: Parts, forms?: ReadonlySet<string>, suite = suites.default) => {
    const doc = scan(Buffer.from(signature(parts)));
    return checkAlgorithms(doc, parseSignature(doc, 0), suite, forms);
  };
  const refused = (parts: Parts, forms?: ReadonlySet<string>) =>
    expect(() => check(parts, forms)).toThrow(expect.objectContaining({ code: UNSUPPORTED }));

  it("accepts the default suite and exclusive C14N", () => {
    expect(check({}).uri).toBe(signatureUri.rsaSha256);
  });

  it("rejects SHA-1, MD5, DSA and unknown methods with ERR_WSS_UNSUPPORTED_ALGORITHM, and accepts SHA-1 in a legacy suite (C5)", () => {
    const dsaSha1 = `${names.dsNamespace}dsa-sha1`;
    const rsaMd5 = `${names.xmldsigMore2001Namespace}rsa-md5`;
    for (const uri of [signatureUri.rsaSha1, signatureUri.hmacSha1, dsaSha1, rsaMd5, "urn:x", ""]) {
      refused({ signatureMethod: `<ds:SignatureMethod Algorithm="${uri}"/>` });
    }
    refused({ references: reference({ digest: digestUri.sha1, value: Buffer.alloc(20).toString("base64") }) });
    refused({
      references: reference({
        digest: `${names.xmldsigMore2001Namespace}md5`,
        value: Buffer.alloc(16).toString("base64"),
      }),
    });
    refused({
      references: reference() + reference({ digest: digestUri.sha1, value: Buffer.alloc(20).toString("base64") }),
    });
    expect(
      check(
        { signatureMethod: `<ds:SignatureMethod Algorithm="${signatureUri.rsaSha1}"/>` },
        undefined,
        suites.legacySha1,
      ).legacy,
    ).toBe(true);
  });

  it("rejects other canonical forms with ERR_WSS_UNSUPPORTED_ALGORITHM unless the route names them (B20)", () => {
    const others = [
      names.exclusiveC14nWithComments,
      names.c14n10,
      names.c14n10WithComments,
      names.c14n11,
      names.c14n11WithComments,
    ];
    for (const uri of others) {
      const inReference = { references: reference({ transforms: `<ds:Transforms>${transform(uri)}</ds:Transforms>` }) };
      refused({ method: method(uri) });
      refused(inReference);
      const forms = new Set([exclusiveC14n, uri]);
      expect(check({ method: method(uri) }, forms).uri).toBe(signatureUri.rsaSha256);
      expect(check(inReference, forms).uri).toBe(signatureUri.rsaSha256);
    }
    rejects(UNSUPPORTED, { method: method("urn:x") });
  });

  it("rejects an implied Canonical XML 1.0 with ERR_WSS_UNSUPPORTED_ALGORITHM", () => {
    refused({ references: reference({ transforms: "" }) });
    refused({
      references: reference({ transforms: `<ds:Transforms>${transform(envelopedSignature)}</ds:Transforms>` }),
    });
  });
});
