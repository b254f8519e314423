import { type Certificate, type KeyObject, publicKeyInfo } from "../../crypto/index.js";
import type { Lifetime } from "../../time/index.js";
import { type Members, textOf, wholeOf } from "./sealed-members.js";

/** What a session ticket assertion says. */
export interface TicketAssertionContent {
  /** The session ticket, as the policy server gave it. */
  readonly ticket: string;
  /** Name of the subject. It can be read by everybody. */
  readonly subject: string;
  /** The exact text of Issuer: the agent. */
  readonly issuer: string;
  /** One of these must be the service's. */
  readonly audience: readonly string[];
  readonly lifetime: Lifetime;
  /** Protection level of the authentication. */
  readonly level: number;
}

/** The key with which the subject signs later requests. */
export interface TicketKey {
  readonly key: KeyObject;
  /** Its certificate, where the subject gave one. */
  readonly certificate?: Certificate | undefined;
}

/** What the sealed part says: all of the assertion, so that nothing in clear can be changed, and what only it may say. */
export interface SealedContent extends TicketAssertionContent {
  readonly id: string;
  /** SHA-256 of the key's SubjectPublicKeyInfo, hexadecimal; undefined for an assertion without key. */
  readonly thumbprint: string | undefined;
  /** SHA-256 of the certificate, hexadecimal, where there is one in clear. */
  readonly fingerprint: string | undefined;
  /** SubjectPublicKeyInfo, DER, where the key is hidden. */
  readonly hiddenKey: Buffer | undefined;
}

/** Purpose of the sealed part. */
export const assertionPurpose = "session-ticket-assertion";
/** Version of the sealed members. */
const version = 1;

/** The members that are sealed. */
export function sealedMembers(
  content: TicketAssertionContent,
  id: string,
  key: TicketKey | undefined,
  thumbprint: string | undefined,
  hide: boolean,
): Members {
  const { ticket, subject, issuer, audience, lifetime, level } = content;
  return {
    v: version,
    id,
    iss: issuer,
    sub: subject,
    aud: audience,
    iat: lifetime.created,
    exp: lifetime.expires,
    lvl: level,
    tkt: ticket,
    kth: thumbprint,
    cth: hide ? undefined : key?.certificate?.fingerprint256,
    key: hide && key !== undefined ? publicKeyInfo(key.key).toString("base64") : undefined,
  };
}

/** What sealed members say; undefined for another version. */
export function sealedContent(members: Members): SealedContent | undefined {
  const { v, aud, kth, cth, key } = members;
  const texts = [members.id, members.iss, members.sub, members.tkt].map(textOf);
  const numbers = [members.iat, members.exp, members.lvl].map(wholeOf);
  const known = [...texts, ...numbers].every((value) => value !== undefined);
  const keyMembers = [kth, cth, key].every((value) => value === undefined || typeof value === "string");
  if (v !== version || !known || !keyMembers) return undefined;
  if (!Array.isArray(aud) || !aud.every((one) => typeof one === "string")) return undefined;
  const [id, issuer, subject, ticket] = texts as string[] as [string, string, string, string];
  const [created, expires, level] = numbers as number[] as [number, number, number];
  return {
    id,
    issuer,
    subject,
    ticket,
    audience: aud,
    lifetime: { created, expires },
    level,
    thumbprint: textOf(kth),
    fingerprint: textOf(cth),
    hiddenKey: typeof key === "string" ? Buffer.from(key, "base64") : undefined,
  };
}
