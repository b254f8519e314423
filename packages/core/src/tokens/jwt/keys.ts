import type { KeyObject } from "../../crypto/index.js";

/** A JSON Web Key (RFC 7517): a public key. Members that are not read here are ignored. */
export interface JsonWebKey {
  readonly kty: string;
  readonly kid?: string | undefined;
  readonly alg?: string | undefined;
  readonly use?: string | undefined;
  readonly key_ops?: readonly string[] | undefined;
  readonly crv?: string | undefined;
  readonly n?: string | undefined;
  readonly e?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
}

/** A public key of the issuer: PEM text (key or certificate), a `KeyObject`, or a JWK. */
export type JwtPublicKey = string | KeyObject | JsonWebKey;

/** One key of the issuer, with what a token's header must say to be checked with it. */
export type JwtKey =
  | JwtPublicKey
  | {
      readonly key: JwtPublicKey;
      /** Key id. A token whose header has a `kid` is checked with the key of that id, or with keys that have none. */
      readonly kid?: string | undefined;
      /** The one JWS algorithm that this key is for. Default: every allowed algorithm that fits its type. */
      readonly algorithm?: string | undefined;
    }
  | {
      /** A shared secret for HS256, HS384 or HS512, which `algorithms` must then name: octets or base64 text, as long as the digest at least. */
      readonly secret: string | Uint8Array | KeyObject;
      readonly kid?: string | undefined;
      readonly algorithm?: string | undefined;
    };

/** Where the issuer publishes its keys. */
export interface JwksAddress {
  /** The `https:` address of a JWK set (RFC 7517 section 5); `http:` on loopback only. No other address is ever asked. */
  readonly jwks: string | URL;
}

/** The issuer's keys: fixed ones, or the address of its key set. */
export type JwtKeys = JwtKey | readonly JwtKey[] | JwksAddress;
