import { createHash } from "node:crypto";
import { type Element, element, text } from "./markup.js";
import { profile } from "./namespaces.js";
import type { SamlVersion } from "./saml-options.js";

/** `xs:dateTime` in UTC with milliseconds. */
export function dateTime(date: Date): string {
  return date.toISOString();
}

/** A wsu:Timestamp (WSS 1.1.1 section 10). */
export function timestamp(id: string, created: Date, lifetimeSeconds: number): Element {
  return element("wsu:Timestamp", { "wsu:Id": id }, [
    element("wsu:Created", {}, [dateTime(created)]),
    element("wsu:Expires", {}, [dateTime(new Date(created.getTime() + lifetimeSeconds * 1000))]),
  ]);
}

/** A wsse:BinarySecurityToken that carries one X.509 certificate. */
export function binarySecurityToken(id: string, certificate: Uint8Array): Element {
  const attributes = { EncodingType: profile.base64Binary, ValueType: profile.x509v3, "wsu:Id": id };
  return element("wsse:BinarySecurityToken", attributes, [base64(certificate)]);
}

/** A ds:X509Data with one certificate. */
export function certificateData(certificate: Uint8Array): Element {
  return element("ds:X509Data", {}, [element("ds:X509Certificate", {}, [base64(certificate)])]);
}

/** A reference to a BinarySecurityToken of the same message. */
export function directReference(tokenId: string, id?: string): Element {
  return securityTokenReference(
    [element("wsse:Reference", { URI: `#${tokenId}`, ValueType: profile.x509v3 })],
    id === undefined ? {} : { "wsu:Id": id },
  );
}

/** A reference to a certificate the receiver holds, by the SHA-1 of its DER (X.509 token profile 1.1 section 3.2.1). */
export function thumbprintReference(certificate: Uint8Array): Element {
  const attributes = { EncodingType: profile.base64Binary, ValueType: profile.thumbprintSha1 };
  const thumbprint = createHash("sha1").update(certificate).digest("base64");
  return securityTokenReference([element("wsse:KeyIdentifier", attributes, [thumbprint])], {});
}

/** A reference to a SAML assertion by its id (SAML token profile 1.1 section 3.4). */
export function assertionReference(version: SamlVersion, assertionId: string, id?: string): Element {
  const [ValueType, tokenType] =
    version === "2.0" ? [profile.samlId, profile.saml2Token] : [profile.samlAssertionId, profile.saml11Token];
  return securityTokenReference([element("wsse:KeyIdentifier", { ValueType }, [text(assertionId)])], {
    "wsse11:TokenType": tokenType,
    ...(id === undefined ? {} : { "wsu:Id": id }),
  });
}

/** What a wsse:UsernameToken says. */
export interface UsernameOptions {
  readonly username?: string;
  readonly password?: string;
  /** `digest` hashes nonce, creation time and password (UsernameToken profile 1.1 section 3.1). Default `text`. */
  readonly passwordType?: "text" | "digest";
  /** Default: sixteen octets of the digit 1, for a stable text. */
  readonly nonce?: Uint8Array;
  readonly created?: Date;
  /** What `Created` says instead of that, and what the digest is over. */
  readonly createdText?: string;
}

/** A wsse:UsernameToken. */
export function usernameToken(id: string, options: UsernameOptions): Element {
  const password = options.password ?? "correct horse";
  const nonce = options.nonce ?? Buffer.alloc(16, "1");
  const created = options.createdText ?? dateTime(options.created ?? new Date());
  const digest = options.passwordType === "digest";
  const value = digest
    ? createHash("sha1").update(nonce).update(created).update(password).digest("base64")
    : text(password);
  return element("wsse:UsernameToken", { "wsu:Id": id }, [
    element("wsse:Username", {}, [text(options.username ?? "alice")]),
    element("wsse:Password", { Type: digest ? profile.passwordDigest : profile.passwordText }, [value]),
    ...(digest
      ? [
          element("wsse:Nonce", { EncodingType: profile.base64Binary }, [base64(nonce)]),
          element("wsu:Created", {}, [created]),
        ]
      : []),
  ]);
}

function securityTokenReference(children: readonly Element[], attributes: Readonly<Record<string, string>>): Element {
  return element("wsse:SecurityTokenReference", attributes, children);
}

function base64(octets: Uint8Array): string {
  return Buffer.from(octets).toString("base64");
}
