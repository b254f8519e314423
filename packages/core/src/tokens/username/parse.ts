import { decodeBase64 } from "../../crypto/index.js";
import { refuse } from "../../errors/index.js";
import { parseUtcDateTime } from "../../time/index.js";
import type { XmlDocument } from "../../xml/index.js";
import { base64Binary } from "../../xmlsec/index.js";
import {
  iterations,
  maxCreatedCharacters,
  maxNameCharacters,
  maxPasswordOctets,
  nonceOctets,
  saltOctets,
} from "./limits.js";
import { attributes, names, passwordTypes } from "./names.js";

/** A UsernameToken as it was sent. Nothing in it has been checked against anything but its own shape. */
export interface UsernameTokenSyntax {
  readonly document: XmlDocument;
  readonly element: number;
  /** The wsu:Id, where there is one. */
  readonly id: string | undefined;
  /** The exact name: not trimmed, not normalised. */
  readonly name: string;
  readonly password: PasswordSyntax | undefined;
  /** Whether the Password is a digest. */
  readonly digest: boolean;
  /** The decoded nonce. */
  readonly nonce: Buffer | undefined;
  readonly created: CreatedSyntax | undefined;
  /** Parameters of a key derived from the password (UsernameToken Profile 1.1 section 4). */
  readonly derivation: { readonly salt: Buffer; readonly iteration: number } | undefined;
}

/** A Password element. */
export interface PasswordSyntax {
  readonly element: number;
  /** The URI of its Type. */
  readonly type: string;
  /** The exact text: a password, or a digest in base64. */
  readonly value: string;
}

/** A Created element. */
export interface CreatedSyntax {
  /** The exact text: what a digest is computed over. */
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

type Part = Exclude<keyof typeof names, "usernameToken">;

const partOf: ReadonlyMap<number, Part> = new Map(
  (["username", "password", "nonce", "created", "salt", "iteration"] as const).map((part) => [names[part], part]),
);

/**
 * Reads a wsse:UsernameToken (UsernameToken Profile 1.1 section 3.1): its structure only, no trust. Its children may stand
 * in any order, each once; other children are refused.
 * @throws ERR_WSS_INVALID_SECURITY for a wrong structure (BSP R4201, R4217, R4218, R4220 to R4225) or a limit exceeded
 */
export function parseUsernameToken(document: XmlDocument, element: number): UsernameTokenSyntax {
  const parts = collect(document, element);
  const at = (part: Part) => parts.get(part) ?? -1;
  if (at("username") === -1)
    refuseShape(document, element, "there is no Username", "UsernameToken Profile 1.1 section 3.1");
  const password = at("password") === -1 ? undefined : readPassword(document, at("password"));
  return {
    document,
    element,
    id: document.attribute(element, attributes.id),
    name: readName(document, at("username")),
    password,
    digest: password?.type === passwordTypes.digest,
    nonce: at("nonce") === -1 ? undefined : readNonce(document, at("nonce")),
    created: at("created") === -1 ? undefined : readCreated(document, at("created")),
    derivation: readDerivation(document, at("salt"), at("iteration")),
  };
}

function collect(document: XmlDocument, element: number): ReadonlyMap<Part, number> {
  const parts = new Map<Part, number>();
  for (let child = document.firstChild(element); child !== -1; child = document.nextSibling(child)) {
    const part = partOf.get(document.name(child));
    const found = document.qualifiedName(child);
    if (part === undefined)
      refuseShape(document, child, `${found} is no part of a UsernameToken`, "UsernameToken Profile 1.1 section 3.1");
    if (parts.has(part)) refuseShape(document, child, `there is a second ${found}`, "BSP R4222, R4223, R4225");
    parts.set(part, child);
  }
  return parts;
}

function readName(document: XmlDocument, element: number): string {
  const name = plainText(document, element);
  if (name.length > maxNameCharacters) {
    refuseShape(
      document,
      element,
      `the user name has ${name.length} characters, more than ${maxNameCharacters}`,
      "limits",
    );
  }
  return name;
}

function readPassword(document: XmlDocument, element: number): PasswordSyntax {
  const type = document.attribute(element, attributes.type);
  const qualified = document.attribute(element, attributes.qualifiedType);
  if (type !== undefined && qualified !== undefined && type !== qualified) {
    refuseShape(document, element, "the Password has two Types that differ", "BSP R4201");
  }
  const uri = type ?? qualified;
  if (uri === undefined) refuseShape(document, element, "the Password has no Type", "BSP R4201");
  const value = plainText(document, element);
  if (Buffer.byteLength(value) > maxPasswordOctets) {
    refuseShape(document, element, `the password has more than ${maxPasswordOctets} octets`, "limits");
  }
  return { element, type: uri, value };
}

function readNonce(document: XmlDocument, element: number): Buffer {
  if (document.attribute(element, attributes.encodingType) !== base64Binary) {
    refuseShape(document, element, "the Nonce has no EncodingType, or another than Base64Binary", "BSP R4220, R4221");
  }
  return readOctets(document, element, nonceOctets);
}

function readCreated(document: XmlDocument, element: number): CreatedSyntax {
  const text = plainText(document, element);
  const time = text.length > maxCreatedCharacters ? undefined : parseUtcDateTime(text);
  if (time === undefined) {
    refuseShape(
      document,
      element,
      "Created is not a UTC xs:dateTime such as 2026-01-31T10:00:00.000Z",
      "BSP R3220, R3223",
    );
  }
  return { text, time };
}

function readDerivation(document: XmlDocument, salt: number, iteration: number): UsernameTokenSyntax["derivation"] {
  if (salt === -1 && iteration === -1) return undefined;
  if (salt === -1) refuseShape(document, iteration, "there is an Iteration and no Salt", "BSP R4217");
  // The profile's own default; bounds are told before anybody spends rounds on it.
  const text = iteration === -1 ? "1000" : plainText(document, iteration).trim();
  const rounds = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(rounds >= iterations.least && rounds <= iterations.most)) {
    refuseShape(
      document,
      iteration,
      `Iteration is no whole number from ${iterations.least} to ${iterations.most}`,
      "BSP R4218",
    );
  }
  return { salt: readOctets(document, salt, saltOctets), iteration: rounds };
}

function readOctets(
  document: XmlDocument,
  element: number,
  { least, most }: { readonly least: number; readonly most: number },
): Buffer {
  const octets = decodeBase64(plainText(document, element), { maxOctets: most });
  if (octets === undefined || octets.length < least) {
    refuseShape(
      document,
      element,
      `${document.qualifiedName(element)} is not strict base64 of ${least} to ${most} octets`,
      "RFC 4648 section 4",
    );
  }
  return octets;
}

function plainText(document: XmlDocument, element: number): string {
  return (
    document.text(element) ??
    refuseShape(
      document,
      element,
      `${document.qualifiedName(element)} holds elements`,
      "UsernameToken Profile 1.1 section 3.1",
    )
  );
}

function refuseShape(document: XmlDocument, element: number, reason: string, rule: string): never {
  refuse("ERR_WSS_INVALID_SECURITY", `the UsernameToken is not valid: ${reason}`, {
    place: () => document.place(element),
    rule,
    remedy:
      "Send one Username, and at most one Password with its Type, Nonce with its EncodingType, and Created in UTC.",
  });
}
