import type { JsonWebKey } from "./keys.js";

/** The members that make up a public key, and nothing else. */
export type PublicJwk = Readonly<
  | { kty: "RSA"; crv?: never; n: string; e: string }
  | { kty: "EC"; crv: string; x: string; y: string }
  | { kty: "OKP"; crv: string; x: string }
>;

/** Octets of a coordinate, by key type and curve (RFC 7518 section 6.2.1.2, RFC 8037 section 2). */
const curves: ReadonlyMap<string, number> = new Map([
  ["EC P-256", 32],
  ["EC P-384", 48],
  ["EC P-521", 66],
  ["OKP Ed25519", 32],
]);

/** Bits of an RSA modulus: the bounds that keys and certificates have everywhere here. */
const modulusBits = { least: 2048, most: 8192 };
const leastExponent = 65_537n;

/**
 * The public key of a JWK (RFC 7518 section 6, RFC 8037 section 2): RSA, P-256, P-384, P-521 or Ed25519.
 * @returns its members alone, frozen; or the reason why it cannot be used
 */
export function readPublicJwk(jwk: JsonWebKey): PublicJwk | string {
  if ("d" in jwk || "k" in jwk) return "it holds a secret";
  const { kty, crv = "", n = "", e = "", x = "", y = "" } = jwk;
  if (kty === "RSA") return rsaFault(n, e) ?? Object.freeze({ kty, n, e });
  const octets = curves.get(`${kty} ${crv}`);
  if (octets === undefined) return "its kty and crv are not those of RSA, P-256, P-384, P-521 or Ed25519";
  if (octetsOf(x)?.length !== octets) return "x is missing or has another length than the curve's";
  if (kty === "OKP") return Object.freeze({ kty, crv, x });
  return octetsOf(y)?.length === octets ? Object.freeze({ kty: "EC", crv, x, y }) : "y is missing or has another length than the curve's";
}

function rsaFault(n: string, e: string): string | undefined {
  const modulus = numberOf(n);
  const exponent = numberOf(e);
  if (modulus === undefined || exponent === undefined) return "n or e is missing or not base64url";
  const bits = modulus.toString(2).length;
  if (bits < modulusBits.least || bits > modulusBits.most) return `the modulus has ${bits} bits`;
  const usual = exponent >= leastExponent && exponent % 2n === 1n && exponent < 1n << 64n;
  return usual ? undefined : "the exponent is not an odd number from 65537 to 2^64";
}

function octetsOf(member: unknown): Buffer | undefined {
  if (typeof member !== "string" || member === "") return undefined;
  const octets = Buffer.from(member, "base64url");
  return octets.toString("base64url") === member ? octets : undefined;
}

function numberOf(member: string): bigint | undefined {
  const octets = octetsOf(member);
  return octets && BigInt(`0x${octets.toString("hex")}`);
}
