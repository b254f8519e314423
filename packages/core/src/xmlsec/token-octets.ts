import { encodeBase64 } from "../crypto/index.js";
import { canonicalize, type XmlDocument } from "../xml/index.js";
import type { DigestRequest } from "./digest-request.js";
import { valueTypes, wsseNamespace } from "./token-names.js";
import type { TokenReferenceSyntax } from "./token-reference.js";

const emptyDefault = Buffer.from(' xmlns=""');

/**
 * The octets of a token that an STR-Transform put in place of its reference: SOAP Message Security 1.1 section 8.3. Since
 * the token is digested away from its place, its start tag always says what the default namespace is: the one in scope,
 * or `xmlns=""`, so that nothing around it can give unprefixed names another meaning.
 */
export function tokenOctets(doc: XmlDocument, request: DigestRequest): Uint8Array {
  const { element, form, qnames } = request;
  const prefixes = form.inclusivePrefixes ?? [];
  const withDefault = form.method === "exclusive" ? { ...form, inclusivePrefixes: [...prefixes, "#default"] } : form;
  const octets = canonicalize(doc, element, withDefault, qnames === "refuse" ? { qnames } : {});
  if (doc.namespaceOf(element, "")) return octets;
  // A default namespace declaration stands first, right behind the name.
  const behindName = 1 + Buffer.byteLength(doc.qualifiedName(element));
  return Buffer.concat([octets.subarray(0, behindName), emptyDefault, octets.subarray(behindName)]);
}

/**
 * The octets that stand for a certificate outside the message under an STR-Transform with exclusive canonicalization: a
 * BinarySecurityToken with the prefix of the reference and the certificate in base64 without line breaks.
 */
export function externalTokenOctets(
  doc: XmlDocument,
  reference: TokenReferenceSyntax,
  certificate: Uint8Array,
): Uint8Array {
  const prefix = doc.prefix(reference.element) || "wsse";
  const name = `${prefix}:BinarySecurityToken`;
  const tag = `<${name} xmlns="" xmlns:${prefix}="${wsseNamespace}" ValueType="${valueTypes.x509v3}">`;
  return Buffer.from(`${tag}${encodeBase64(certificate)}</${name}>`);
}
