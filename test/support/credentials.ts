import type { KeyObject } from "node:crypto";
import { createTestAuthority, type IssuedCertificate, testKeyPair } from "@countersign/core/testing";

/** A private key with its certificate. */
export interface Signer {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** DER. */
  readonly certificate: Buffer;
}

/** The keys of the messages in this folder; all but the authority's own certificate are issued by that authority. */
export interface Credentials {
  /** DER of the authority's certificate. */
  readonly authority: Buffer;
  /** The requestor: RSA 2,048, subject `CN=alice,O=Example`. */
  readonly signer: Signer;
  /** P-256. */
  readonly elliptic: Signer;
  /** Ed25519. */
  readonly edwards: Signer;
  /** The issuer of SAML assertions: RSA 2,048. */
  readonly issuer: Signer;
  /** The service that messages are encrypted for: RSA 2,048. */
  readonly service: Signer;
  /** Another certificate and key under the same authority: RSA 2,048, subject `CN=mallory,O=Example`. */
  readonly other: Signer;
  /** Trusted by nobody: RSA 2,048, by an authority of its own, with the requestor's subject. */
  readonly stranger: Signer;
}

let made: Credentials | undefined;

/** Key material, made once per process. */
export function credentials(): Credentials {
  made ??= make();
  return made;
}

function make(): Credentials {
  const authority = createTestAuthority({ subject: "CN=Example CA,O=Example" });
  const unknown = createTestAuthority({ subject: "CN=Unknown CA,O=Elsewhere" });
  const issue = (subject: string, keyType: "rsa" | "ec" | "ed25519" = "rsa"): Signer =>
    signerOf(authority.issue({ subject, keyType }));
  return {
    authority: authority.der,
    signer: issue("CN=alice,O=Example"),
    elliptic: issue("CN=alice-ec,O=Example", "ec"),
    edwards: issue("CN=alice-ed,O=Example", "ed25519"),
    issuer: issue("CN=sts,O=Example"),
    service: issue("CN=orders,O=Example"),
    other: issue("CN=mallory,O=Example"),
    // A key of its own: test keys are shared by subject.
    stranger: signerOf(unknown.issue({ subject: "CN=alice,O=Example", keyPair: testKeyPair("rsa", "stranger") })),
  };
}

function signerOf({ keyPair, der }: IssuedCertificate): Signer {
  return { ...keyPair, certificate: der };
}
