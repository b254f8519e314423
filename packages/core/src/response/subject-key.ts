import {
  Certificate,
  decodeBase64,
  examineKey,
  type KeyObject,
  loadPublicKey,
  maxCertificateOctets,
} from "../crypto/index.js";
import type { AuthenticatedSubject, SubjectKey } from "../identity/index.js";
import type { XmlDocument } from "../xml/index.js";
import type { PathCache } from "./path-cache.js";
import { refuseData } from "./refusal.js";

/** The public key of a subject, as a certificate where there is one. */
export type FoundKey = { readonly certificate: Certificate } | { readonly publicKey: KeyObject };

/** Where a key of a document is looked for. */
export interface KeyDocument {
  readonly document: XmlDocument;
  /** The Body of a SOAP message; -1 for the document. */
  readonly from: number;
}

/**
 * Finds the public key that a response ties a token to.
 * @returns undefined where there is none and none is meant
 * @throws ERR_RESPONSE_DATA for a key that cannot be read, is no public key, or is too weak
 */
export function subjectKey(
  source: SubjectKey<string>,
  subject: AuthenticatedSubject,
  message: KeyDocument | undefined,
  paths: PathCache,
  now: number,
): FoundKey | undefined {
  switch (source.from) {
    case "none":
      return undefined;
    case "credential":
      if (subject.certificate !== undefined) return certificateOf(subject.certificate, "the credential", now);
      return subject.publicKey && publicKeyOf(subject.publicKey, "the credential");
    case "user":
      return source.value === "" ? undefined : keyOfText(source.value, "the user directory", now);
    case "document": {
      if (message === undefined) return undefined;
      const read = paths.compile(source.path, source.namespaces).read(message.document, message.from);
      if (read.found === "none") return undefined;
      if (read.found !== "value") refuseData("key", "the document holds several keys, or none that can be read");
      return keyOfText(read.text, "the document", now);
    }
  }
}

/** A certificate or public key in PEM, or base64 of their DER. */
function keyOfText(text: string, where: string, now: number): FoundKey {
  const pem = /-----BEGIN ([A-Z ]+)-----([^-]*)-----END \1-----/.exec(text);
  const label = pem?.[1];
  const octets = decodeBase64(pem?.[2] ?? text, { maxOctets: maxCertificateOctets });
  if (octets === undefined || octets.length === 0) refuseData("key", `the key from ${where} is neither PEM nor base64`);
  if (label === "CERTIFICATE") return certificateOf(octets, where, now);
  if (label === "PUBLIC KEY") return publicKeyOf(octets, where);
  if (label !== undefined) refuseData("key", `what ${where} holds is no public key`);
  const certificate = readCertificate(octets);
  return certificate === undefined ? publicKeyOf(octets, where) : usable(certificate, where, now);
}

function readCertificate(der: Uint8Array): Certificate | undefined {
  try {
    return Certificate.parse(der);
  } catch {
    return undefined;
  }
}

function certificateOf(der: Uint8Array, where: string, now: number): FoundKey {
  const certificate = readCertificate(der) ?? refuseData("key", `what ${where} holds is no certificate`);
  return usable(certificate, where, now);
}

/** Whoever issued it: that it is the subject's is what the source is trusted for. */
function usable(certificate: Certificate, where: string, now: number): FoundKey {
  const facts = examineKey(certificate.publicKey);
  if ("reason" in facts) refuseData("key", `the key from ${where} cannot be used: ${facts.reason}`);
  if (now < certificate.notBefore || now > certificate.notAfter) {
    refuseData("key", `the certificate from ${where} has expired, or is not valid yet`);
  }
  return { certificate };
}

function publicKeyOf(der: Uint8Array, where: string): FoundKey {
  let publicKey: KeyObject;
  try {
    publicKey = loadPublicKey(Buffer.from(der), "key");
  } catch {
    refuseData("key", `what ${where} holds is no public key that can be used`);
  }
  return { publicKey };
}
