import {
  type DigestAlgorithm,
  digest,
  digestAlgorithm,
  digestUri,
  encodeBase64,
  type KeyObject,
  type SignatureAlgorithm,
  signatureAlgorithm,
  signOctets,
} from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import { type CanonicalForm, escapeAttribute, exclusive, scan, type XmlDocument } from "../xml/index.js";
import { canonicalFormUri } from "./canonical-method.js";
import { DocumentDigester } from "./digester.js";
import { dsNamespace, envelopedSignature, excC14nNamespace, exclusiveC14n, strTransform } from "./names.js";
import { isNcName } from "./nc-name.js";
import { wsseNamespace } from "./token-names.js";

/** What a Reference to be written covers. */
export type SignedContent =
  /** The canonical octets themselves, in the form that the Reference names. */
  | { readonly octets: Uint8Array }
  /** An element of a scanned document: canonicalised here. */
  | { readonly document: XmlDocument; readonly element: number };

/** A Reference to be written. */
export type ReferenceToSign = SignedContent & {
  /** The ID that the Reference names; "" for the whole document. For `token` the wsu:Id of the SecurityTokenReference. */
  readonly id: string;
  /** Default: exclusive without comments. */
  readonly form?: CanonicalForm | undefined;
  /** URI. Default: the signature's. */
  readonly digest?: string | undefined;
  /** Writes enveloped-signature first: the element will hold the signature. Default false. */
  readonly enveloped?: boolean | undefined;
  /** Writes STR-Transform: the content is the token, the ID that of the reference to it. Default false. */
  readonly token?: boolean | undefined;
};

/** How a signature is made. */
export interface SignatureToBuild {
  readonly references: readonly ReferenceToSign[];
  /** URI of the signature method: any that {@link signatureAlgorithm} knows without parameters. */
  readonly algorithm: string;
  /** The private or secret key. */
  readonly key: KeyObject;
  /** URI of the digest of References. Default SHA-256. */
  readonly digest?: string | undefined;
  /** A complete ds:KeyInfo element, see {@link writeKeyInfo}. Default: none. */
  readonly keyInfo?: string | undefined;
  /** The signature's own Id, needed where another signature endorses it. */
  readonly id?: string | undefined;
}

/** A signature as text, ready to be put into a message as it stands. */
export interface BuiltSignature {
  /** The ds:Signature element: it declares every prefix that it uses. */
  readonly xml: string;
  readonly value: Buffer;
}

/**
 * Builds a ds:Signature. SignedInfo is written in its own exclusive canonical form, so it verifies wherever the text is put.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM for unknown algorithms, or a key that does not fit.
 * @throws ERR_INTERNAL for a signature without References, or an ID that is no NCName: mistakes of the caller.
 */
export function buildSignature(build: SignatureToBuild): BuiltSignature {
  const { algorithm, key, keyInfo = "", id } = build;
  if (build.references.length === 0) refuse("ERR_INTERNAL", "a signature covers at least one part");
  const method = knownSignature(algorithm);
  const references = build.references.map((reference) => writeReference(reference, build.digest)).join("");
  const content =
    `<ds:CanonicalizationMethod Algorithm="${exclusiveC14n}"></ds:CanonicalizationMethod>` +
    `<ds:SignatureMethod Algorithm="${method.uri}"></ds:SignatureMethod>${references}</ds:SignedInfo>`;
  const value = signOctets(method, key, Buffer.from(`<ds:SignedInfo xmlns:ds="${dsNamespace}">${content}`));
  const idAttribute = id === undefined ? "" : ` Id="${requireId(id)}"`;
  const xml =
    `<ds:Signature xmlns:ds="${dsNamespace}"${idAttribute}><ds:SignedInfo>${content}` +
    `<ds:SignatureValue>${encodeBase64(value)}</ds:SignatureValue>${keyInfo}</ds:Signature>`;
  return { xml, value };
}

/** How an enveloped signature is made. */
export interface EnvelopedSignatureToBuild extends Omit<SignatureToBuild, "references"> {
  /** The root element's own ID. */
  readonly elementId: string;
  /** The canonical form; default exclusive, with the prefixes given where values hold QNames. */
  readonly form?: CanonicalForm | undefined;
  /** The name of the child, one of the first, behind which the signature goes (the assertion's Issuer). Default: it becomes the first child. */
  readonly behind?: number | undefined;
}

/**
 * Signs an element by a signature inside it: a SAML assertion.
 * @param xml The element as a whole document: all prefixes that it uses are declared in it.
 * @returns The element with its signature.
 * @throws As {@link buildSignature}; ERR_XML_MALFORMED where `xml` is no document, ERR_INTERNAL where the child is missing.
 */
export function signEnveloped(xml: string, build: EnvelopedSignatureToBuild): string {
  const { elementId, form, behind, ...rest } = build;
  const octets = Buffer.from(xml);
  const document = scan(octets);
  let offset = document.contentStart(0);
  if (behind !== undefined) {
    const child = document.child(0, behind);
    if (child < 0) refuse("ERR_INTERNAL", "the element that the signature follows is missing");
    offset = document.end(child);
  } else if (document.contentEnd(0) === document.end(0)) {
    refuse("ERR_INTERNAL", "an empty element has no place for a signature");
  }
  const signature = buildSignature({
    ...rest,
    references: [{ document, element: 0, id: elementId, form, enveloped: true }],
  });
  return octets.toString("utf8", 0, offset) + signature.xml + octets.toString("utf8", offset);
}

function writeReference(reference: ReferenceToSign, defaultDigest: string = digestUri.sha256): string {
  const { id, form = exclusive, enveloped = false, token = false } = reference;
  const method = knownDigest(reference.digest ?? defaultDigest);
  const value = "octets" in reference ? digest(method, reference.octets) : digestElement(reference, form, method);
  const canonical = writeCanonicalization(token ? "ds:CanonicalizationMethod" : "ds:Transform", form);
  const transforms = token
    ? `<ds:Transform Algorithm="${strTransform}"><wsse:TransformationParameters xmlns:wsse="${wsseNamespace}">` +
      `${canonical}</wsse:TransformationParameters></ds:Transform>`
    : (enveloped ? `<ds:Transform Algorithm="${envelopedSignature}"></ds:Transform>` : "") + canonical;
  const uri = id === "" ? "" : `#${requireId(id)}`;
  return (
    `<ds:Reference URI="${uri}"><ds:Transforms>${transforms}</ds:Transforms>` +
    `<ds:DigestMethod Algorithm="${method.uri}"></ds:DigestMethod>` +
    `<ds:DigestValue>${encodeBase64(value)}</ds:DigestValue></ds:Reference>`
  );
}

function digestElement(
  { document, element, token = false }: ReferenceToSign & { document: XmlDocument; element: number },
  form: CanonicalForm,
  method: DigestAlgorithm,
): Buffer {
  const digester = new DocumentDigester(document);
  const request = { element, form: { ...form, comments: false }, without: -1, token, qnames: "ignore" } as const;
  return digester.digest(request, method) ?? refuse("ERR_INTERNAL", "the signed element has no octets");
}

function writeCanonicalization(name: string, form: CanonicalForm): string {
  const prefixes = form.inclusivePrefixes ?? [];
  const parameters =
    prefixes.length === 0
      ? ""
      : `<ec:InclusiveNamespaces xmlns:ec="${excC14nNamespace}" PrefixList="${escapeAttribute(prefixes.join(" "))}">` +
        "</ec:InclusiveNamespaces>";
  return `<${name} Algorithm="${canonicalFormUri(form)}">${parameters}</${name}>`;
}

function requireId(id: string): string {
  return isNcName(id) ? id : refuse("ERR_INTERNAL", "an ID to be written is no NCName");
}

function knownSignature(uri: string): SignatureAlgorithm {
  return signatureAlgorithm(uri) ?? refuse("ERR_WSS_UNSUPPORTED_ALGORITHM", `the signature method ${uri} is not known`);
}

function knownDigest(uri: string): DigestAlgorithm {
  return digestAlgorithm(uri) ?? refuse("ERR_WSS_UNSUPPORTED_ALGORITHM", `the digest method ${uri} is not known`);
}
