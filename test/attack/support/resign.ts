import { type DigestAlgorithmName, hashOf, type SignatureAlgorithmName, signWith } from "../../support/algorithms.js";
import type { Signer } from "../../support/credentials.js";
import { libxml2Canonical } from "../../support/libxml2.js";
import type { CanonicalForm } from "../../support/markup.js";
import { namespaces } from "../../support/namespaces.js";
import { replaced } from "./edit.js";

/** How a changed message is signed again. */
export interface Resigning {
  readonly signer: Pick<Signer, "privateKey">;
  readonly algorithm?: SignatureAlgorithmName;
  /** Computes the digests of References with exclusive canonicalisation anew. Default false: they stand as they are. */
  readonly digests?: DigestAlgorithmName;
}

const signatureAt = '//wsse:Security/ds:Signature[@Id="SIG-1"]';

/**
 * The message with its message signature made again, over whatever SignedInfo now says: what somebody with that key could
 * have sent. Canonical forms are libxml2's.
 */
export function resigned(text: string, { signer, algorithm = "rsa-sha256", digests }: Resigning): string {
  const renewed = digests === undefined ? text : withDigests(text, digests);
  const at = { xpath: `${signatureAt}/ds:SignedInfo`, namespaces };
  const value = signWith(algorithm, signer.privateKey, Buffer.from(libxml2Canonical(renewed, formOf(renewed), at)));
  return withSignatureValue(renewed, value);
}

/** The message with another SignatureValue. */
export function withSignatureValue(text: string, value: Buffer | string): string {
  const written = typeof value === "string" ? value : value.toString("base64");
  return messageSignature(text, (signature) =>
    replaced(signature, /<ds:SignatureValue>[^<]*</, () => `<ds:SignatureValue>${written}<`),
  );
}

/** Changes the message signature in the text of a message. */
export function messageSignature(text: string, change: (signature: string) => string): string {
  return replaced(text, /<ds:Signature [^>]*Id="SIG-1"[^>]*>[\s\S]*?<\/ds:Signature>/, change);
}

function withDigests(text: string, digest: DigestAlgorithmName): string {
  return messageSignature(text, (signature) =>
    signature.replace(/<ds:Reference [^>]*URI="#([^"]*)"[\s\S]*?<\/ds:Reference>/g, (reference, id: string) => {
      const at = { xpath: `//*[@wsu:Id="${id}" or @ID="${id}" or @AssertionID="${id}"]`, namespaces };
      const octets = libxml2Canonical(text, { method: "exclusive" }, at);
      const value = hashOf(digest, Buffer.from(octets)).toString("base64");
      return replaced(
        reference,
        /<ds:DigestValue>[^<]*<\/ds:DigestValue>/,
        `<ds:DigestValue>${value}</ds:DigestValue>`,
      );
    }),
  );
}

/** The form that the CanonicalizationMethod names, as far as the tests go. */
function formOf(text: string): CanonicalForm {
  const method = /<ds:CanonicalizationMethod [\s\S]*?<\/ds:CanonicalizationMethod>/.exec(text)?.[0] ?? "";
  if (!method.includes(namespaces.ec ?? "")) return { method: "inclusive" };
  const list = /PrefixList="([^"]*)"/.exec(method)?.[1] ?? "";
  return { method: "exclusive", inclusivePrefixes: list.replace(/&#10;/g, " ").split(/\s+/).filter(Boolean) };
}
