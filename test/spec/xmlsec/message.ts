import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { crypto, xml, xmlsec } from "@countersign/core/testing";

/** One spelling of the same document each: what canonicalization must see through. */
export interface Layout {
  readonly title: string;
  readonly body: string;
}

const soap = "http://schemas.xmlsoap.org/soap/envelope/";

export const layouts: readonly Layout[] = [
  {
    title: "canonical",
    body: '<s:Body wsu:Id="body"><o:Order xmlns:o="urn:orders" a="1" b="2">text</o:Order></s:Body>',
  },
  {
    title: "attributes unordered, single quotes, empty tags",
    body: `<s:Body   wsu:Id='body'\n><o:Order b='2' a="1" xmlns:o="urn:orders"/></s:Body >`,
  },
  {
    title: "references, CDATA, comments, line ends",
    body: '<s:Body wsu:Id="body">&#x41;&amp;&lt;&gt;<![CDATA[<x>&]]><!-- c -->\r\n&#13;<o:o xmlns:o="urn:o" v="&#9;&#10;&quot;&apos;"/></s:Body>',
  },
  {
    title: "namespaces declared outside, re-declared inside, undeclared",
    body: '<s:Body wsu:Id="body" xmlns="urn:d"><a xmlns=""><b xmlns="urn:d"><p:c xmlns:p="urn:p"><p:d xmlns:p="urn:q" p:x="1"/></p:c></b></a><unused/></s:Body>',
  },
  { title: "other scripts", body: '<s:Body wsu:Id="body"><é日本 Ω="ß">𝒳 — “q” \u00a0</é日本></s:Body>' },
];

export interface Parts {
  readonly body: string;
  readonly security?: string;
}

/** A SOAP 1.1 message; what the Security header holds besides its Timestamp is given. */
export function envelope({ body, security = "" }: Parts): string {
  return (
    `<s:Envelope xmlns:s="${soap}" xmlns:wsu="${xmlsec.wsuNamespace}" xmlns:extra="urn:extra">\n<s:Header>` +
    `<wsse:Security xmlns:wsse="${xmlsec.wsseNamespace}"><wsu:Timestamp wsu:Id="ts"><wsu:Created>2026-11-22T10:00:00Z</wsu:Created>` +
    `</wsu:Timestamp>${security}</wsse:Security></s:Header>${body}</s:Envelope>`
  );
}

export interface Signing {
  readonly algorithm: string;
  readonly digest: string;
  readonly key: KeyObject;
  readonly form?: xml.CanonicalForm;
}

/** A message whose Body and Timestamp we signed. */
export function signedByUs(body: string, { form, ...signing }: Signing): string {
  const document = xml.scan(Buffer.from(envelope({ body })));
  const references = ["body", "ts"].map((id) => ({ id, document, element: elementById(document, id), form }));
  return envelope({ body, security: xmlsec.buildSignature({ ...signing, references }).xml });
}

export function elementById(document: xml.XmlDocument, id: string): number {
  return document.ids.find(({ value }) => value === id)?.element ?? -1;
}

const allForms: ReadonlySet<string> = new Set([
  xmlsec.exclusiveC14n,
  xmlsec.exclusiveC14nWithComments,
  xmlsec.c14n10,
  xmlsec.c14n10WithComments,
  xmlsec.c14n11,
]);

const more = "http://www.w3.org/2001/04/xmldsig-more#";

/** Digest URIs by their name in xmlsec1. */
export const digests: Readonly<Record<string, string>> = {
  sha1: "http://www.w3.org/2000/09/xmldsig#sha1",
  sha256: "http://www.w3.org/2001/04/xmlenc#sha256",
  sha384: `${more}sha384`,
  sha512: "http://www.w3.org/2001/04/xmlenc#sha512",
};

/** Signature URIs by their name in xmlsec1. */
export const signatures: Readonly<Record<string, string>> = {
  "rsa-sha1": "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
  "rsa-sha256": `${more}rsa-sha256`,
  "rsa-sha384": `${more}rsa-sha384`,
  "rsa-sha512": `${more}rsa-sha512`,
  "ecdsa-sha1": `${more}ecdsa-sha1`,
  "ecdsa-sha256": `${more}ecdsa-sha256`,
  "ecdsa-sha384": `${more}ecdsa-sha384`,
  "ecdsa-sha512": `${more}ecdsa-sha512`,
  "hmac-sha1": "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
  "hmac-sha256": `${more}hmac-sha256`,
  "hmac-sha384": `${more}hmac-sha384`,
  "hmac-sha512": `${more}hmac-sha512`,
};

/** A signature method that xmlsec1 1.2 does not know. */
export const rsaPssSha256 = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1";

const everything: Parameters<typeof xmlsec.checkAlgorithms>[2] = {
  name: "legacy everything",
  signatures: new Set([...Object.values(signatures), rsaPssSha256]),
  digests: new Set(Object.values(digests)),
  minimumRsaBits: 2048,
  encryption: crypto.defaultSuite.encryption,
};

/** Verifies the first Signature of the message. */
export function verifyFirst(message: Uint8Array, key: KeyObject) {
  const document = xml.scan(message);
  let element = 0;
  while (element < document.elementCount && document.name(element) !== xmlsec.dsNames.signature) element++;
  const signature = xmlsec.parseSignature(document, Math.min(element, document.elementCount - 1));
  xmlsec.checkAlgorithms(document, signature, everything, allForms);
  const index = xmlsec.IdIndex.of(document, document.parent(element));
  const targets = xmlsec.resolveReferences(document, signature, index, { wholeDocument: true });
  return { document, ...xmlsec.verifySignature(document, signature, key, targets) };
}

/** The local names of what the first Signature covers. */
export function coveredByUs(text: string, key: KeyObject): readonly string[] {
  const { document, references } = verifyFirst(Buffer.from(text), key);
  return references.map(({ element }) => document.localName(element));
}

export interface Keys {
  readonly title: string;
  readonly signing: KeyObject;
  readonly verifying: KeyObject;
}

const pair = (title: string, { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }): Keys => ({
  title,
  signing: privateKey,
  verifying: publicKey,
});
const secret = createSecretKey(randomBytes(32));

export const rsaKeys: Keys = pair("RSA-2048", generateKeyPairSync("rsa", { modulusLength: 2048 }));
export const ecKeys: readonly Keys[] = ["P-256", "P-384", "P-521"].map((namedCurve) =>
  pair(namedCurve, generateKeyPairSync("ec", { namedCurve })),
);
export const secretKeys: Keys = { title: "secret", signing: secret, verifying: secret };

/** The keys that an algorithm of {@link signatures} takes. */
export function keysFor(name: string): readonly Keys[] {
  if (name.startsWith("hmac")) return [secretKeys];
  return name.startsWith("ecdsa") ? ecKeys : [rsaKeys];
}
