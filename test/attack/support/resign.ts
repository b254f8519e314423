import { type DigestAlgorithmName, hashOf, type SignatureAlgorithmName, signWith } from "../../support/algorithms.js";
import type { Signer } from "../../support/credentials.js";
import { libxml2Canonical } from "../../support/libxml2.js";
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
  const octets = libxml2Canonical(
    renewed,
    { method: "exclusive" },
    { xpath: `${signatureAt}/ds:SignedInfo`, namespaces },
  );
  const value = signWith(algorithm, signer.privateKey, Buffer.from(octets));
  return messageSignature(renewed, (signature) =>
    replaced(
      signature,
      /<ds:SignatureValue>[^<]*<\/ds:SignatureValue>/,
      `<ds:SignatureValue>${value.toString("base64")}</ds:SignatureValue>`,
    ),
  );
}

/** Changes the message signature in the text of a message. */
export function messageSignature(text: string, change: (signature: string) => string): string {
  return replaced(text, /<ds:Signature [^>]*Id="SIG-1"[^>]*>[\s\S]*?<\/ds:Signature>/, change);
}

function withDigests(text: string, digest: DigestAlgorithmName): string {
  return messageSignature(text, (signature) =>
    signature.replace(/<ds:Reference [^>]*URI="#([^"]*)"[\s\S]*?<\/ds:Reference>/g, (reference, id: string) => {
      const at = { xpath: `//*[@wsu:Id="${id}" or @ID="${id}"]`, namespaces };
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
