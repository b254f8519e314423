import { hashOf, type SignatureAlgorithmName, signWith } from "../../support/algorithms.js";
import { credentials, type Signer } from "../../support/credentials.js";
import { libxml2Canonical } from "../../support/libxml2.js";
import type { SoapMessage } from "../../support/messages.js";
import { namespaces } from "../../support/namespaces.js";
import { changed, replaced } from "./edit.js";
import { resigned } from "./resign.js";
import type { Sent } from "./sent.js";

/** The signature of an assertion, in its text. */
export const ownSignature = /<ds:Signature [\s\S]*?<\/ds:Signature>/;

/** How an assertion is signed again. */
export interface Reissuing {
  /** Whose key signs; default the issuer's. */
  readonly signer?: Signer;
  readonly algorithm?: SignatureAlgorithmName;
  /** What the digest is computed over, canonical; default the assertion without its signature. */
  readonly over?: string;
}

/**
 * An assertion changed and signed again: what its issuer (or somebody with another key) could have said. The Reference
 * stays as it stands after the change.
 */
export function reissued(assertion: string, change: (text: string) => string, how: Reissuing = {}): string {
  const { signer = credentials().issuer, algorithm = "rsa-sha256" } = how;
  const said = change(assertion);
  const over = how.over ?? libxml2Canonical(replaced(said, ownSignature, ""));
  const digest = hashOf("sha256", Buffer.from(over)).toString("base64");
  const digested = replaced(said, ownSignature, (signature) =>
    signature.replace(/(?<=<ds:DigestValue>)[^<]*/g, digest),
  );
  const at = { xpath: "/*/ds:Signature/ds:SignedInfo", namespaces };
  const octets = Buffer.from(libxml2Canonical(digested, { method: "exclusive" }, at));
  const value = signWith(algorithm, signer.privateKey, octets).toString("base64");
  return replaced(digested, ownSignature, (signature) => replaced(signature, /(?<=<ds:SignatureValue>)[^<]*/, value));
}

/** A message whose assertion says something else, signed again by its issuer, and by the attester where there is one. */
export function says(message: SoapMessage, change: (assertion: string) => string, how?: Reissuing): Sent {
  const sent = changed(message, "assertion", (assertion) => reissued(assertion, change, how));
  const attested = message.signatures.find(
    ({ part, references }) => part === "signature" && references.some((reference) => reference.part === "assertion"),
  );
  if (attested === undefined) return sent;
  return { ...sent, body: resigned(sent.body.toString(), { signer: attested.signer, digests: "sha256" }) };
}
