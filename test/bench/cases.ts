import { randomBytes } from "node:crypto";
import { conversationMessage } from "../support/conversation.js";
import type { Credentials } from "../support/credentials.js";
import { encryptedKey, type Sealing, sealed, sealGcm, sealKey } from "../support/encryption.js";
import { type Hostility, hostilePayload } from "../support/hostile.js";
import { bearerMessage, holderOfKeyMessage, type MessageOptions, x509Message } from "../support/messages.js";
import { orders, type PayloadShape } from "../support/payload.js";
import type { BenchMessage } from "./floor.js";
import type { PeerName } from "./peers/find.js";
import { context } from "./sides.js";

/** How a message of the bench is protected: `sealed` is signed and then encrypted, `context` signed by a derived key. */
export type Protection = "x509" | "saml-bearer" | "saml-hok" | "sealed" | "context";

/** The least a case must reach. Ratios within one run. */
export interface Gates {
  /** Our time is at most this many times the floor. */
  readonly floor?: number;
  /** A peer's time is at least this many times ours. */
  readonly xmlCrypto?: number;
  readonly xmlsec1?: number;
}

/** One message that everybody verifies. */
export interface VerificationCase {
  readonly name: string;
  readonly protection: Protection;
  readonly gates: Gates;
  /** Makes the message, created at `now`. */
  make(keys: Credentials, now: Date): BenchMessage;
  /** Everybody must refuse that message: text of the signed part and what to put in its place, or another message. */
  readonly tampering: readonly [string, string] | ((keys: Credentials, now: Date) => Buffer);
  /** Peers that need minutes or do not understand the message. */
  readonly leaveOut?: LeftOut;
}

/** Peers left out of a case, each with the reason. */
export type LeftOut = Partial<Readonly<Record<PeerName, string>>>;

const tamperedOrder = ["A-100001", "A-900001"] as const;

/** The rows that verify a message. */
export const verificationCases: readonly VerificationCase[] = [
  x509("x509-1k", { octets: 1_000 }, { floor: 2.5, xmlCrypto: 75, xmlsec1: 3.5 }),
  x509("x509-10k", { octets: 10_000 }, { floor: 3 }),
  x509("x509-100k", { octets: 100_000 }, { floor: 4.5 }),
  x509("x509-1m", { octets: 1_000_000 }, { floor: 5.5, xmlCrypto: 550, xmlsec1: 7 }),
  {
    ...x509("x509-10m", { octets: 10_000_000, octetsPerElement: 70 }, { floor: 5.5 }),
    leaveOut: { xmlCrypto: "takes half a minute" },
  },
  {
    name: "saml-bearer-10k",
    protection: "saml-bearer",
    gates: { floor: 3.3 },
    make: (keys, now) => bearerMessage({ ...common({ octets: 10_000 }, now), assertion: { issuedBy: keys.issuer } }),
    tampering: ["clerk", "chief"],
  },
  {
    name: "saml-hok-10k",
    protection: "saml-hok",
    gates: { floor: 2.8 },
    make: (keys, now) =>
      holderOfKeyMessage({
        ...common({ octets: 10_000 }, now),
        signer: keys.signer,
        assertion: { issuedBy: keys.issuer },
      }),
    tampering: tamperedOrder,
  },
  encrypted("encrypted-10k", { octets: 10_000 }, { floor: 3 }),
  encrypted("encrypted-1m", { octets: 1_000_000 }, { floor: 5.5 }),
  {
    name: "derived-10k",
    protection: "context",
    gates: { floor: 6 },
    make(_, now) {
      const derived = { context, nonce: randomBytes(16) };
      return { ...conversationMessage({ ...common({ octets: 10_000 }, now), ...derived }), derived };
    },
    tampering: tamperedOrder,
    leaveOut: {
      xmlCrypto: "does not derive keys",
      xmlsec1: "does not derive keys as WS-SecureConversation does",
      santuario: "does not derive keys",
    },
  },
  hostile("hostile-1m", "variety", { floor: 9 }),
  hostile("hostile-1m-everything", "everything", {}),
  algorithm("ecdsa-10k", (keys) => ({ signer: keys.elliptic, algorithm: "ecdsa-sha256" }), {
    xmlCrypto: "does not know ECDSA",
  }),
  algorithm("ed25519-10k", (keys) => ({ signer: keys.edwards, algorithm: "ed25519" }), {
    xmlCrypto: "does not know Ed25519",
    xmlsec1: "does not know Ed25519",
  }),
  algorithm("rsa-pss-10k", (keys) => ({ signer: keys.signer, algorithm: "rsa-pss-sha256" }), {
    xmlsec1: "does not know RSA-PSS before 1.3",
  }),
];

/** The rows that time the guard: the case whose message it admits, and how often the engine's time it may take. */
export const guardCases = [
  { name: "guard-admit-1k", of: "x509-1k", engine: 1.3 },
  { name: "guard-admit-10k", of: "x509-10k", engine: 1.3 },
  { name: "guard-admit-100k", of: "x509-100k", engine: 1.3 },
] as const;

function common(shape: PayloadShape, now: Date): MessageOptions {
  return { now, payload: orders(shape) };
}

function x509(name: string, shape: PayloadShape, gates: Gates): VerificationCase {
  return {
    name,
    protection: "x509",
    gates,
    make: (keys, now) => x509Message({ ...common(shape, now), signer: keys.signer }),
    tampering: tamperedOrder,
  };
}

/** Signed, then encrypted. The tampered twin is encrypted rightly, with another order inside than the signed one. */
function encrypted(name: string, shape: PayloadShape, gates: Gates): VerificationCase {
  const make = (keys: Credentials, now: Date, plaintext: NonNullable<Sealing["plaintext"]>): BenchMessage => {
    const message = x509Message({ ...common(shape, now), signer: keys.signer });
    const recipient = keys.service;
    const secret = randomBytes(32);
    const content = sealGcm(secret, plaintext(contentOf(message.parts.body ?? "")));
    const key = sealKey(recipient, secret);
    const sealing: Sealing = {
      recipient,
      seal: () => content,
      wrapped: (to, _, references) => encryptedKey(to, key, references),
    };
    return { ...sealed(message, sealing), sealed: { recipient, key, content } };
  };
  return {
    name,
    protection: "sealed",
    gates,
    make: (keys, now) => make(keys, now, (content) => content),
    tampering: (keys, now) => make(keys, now, (content) => content.replace(...tamperedOrder)).bytes,
    leaveOut: {
      xmlCrypto: "decrypts nothing",
      xmlsec1: "finds no key by a ReferenceList",
      santuario: "finds no key by a ReferenceList",
    },
  };
}

const contentOf = (body: string): string => body.slice(body.indexOf(">") + 1, body.lastIndexOf("</"));

function hostile(name: string, hostility: Hostility, gates: Gates): VerificationCase {
  return {
    name,
    protection: "x509",
    gates,
    make(keys, now) {
      const { asSent, canonical } = hostilePayload(1_000_000, hostility);
      return x509Message({ now, payload: canonical, payloadAsSent: asSent, signer: keys.signer });
    },
    tampering: ["plain text", "plain Text"],
    leaveOut: { xmlCrypto: "misreads the message" },
  };
}

type SigningChoice = Pick<Parameters<typeof x509Message>[0], "signer" | "algorithm">;

/** Reported, with no gate against the floor. */
function algorithm(name: string, choose: (keys: Credentials) => SigningChoice, leaveOut: LeftOut): VerificationCase {
  return {
    name,
    protection: "x509",
    gates: {},
    leaveOut,
    make: (keys, now) => x509Message({ ...common({ octets: 10_000 }, now), ...choose(keys) }),
    tampering: tamperedOrder,
  };
}
