import {
  type Clock,
  ConfigurationError,
  issueUsernameToken,
  keyDigest,
  type OutboundSignature,
  refuse,
  type TokenStatus,
} from "@countersign/core/sts";
import type { TokenRequest } from "./broker-exchange.js";
import type { Brokers } from "./brokers.js";
import { askCredentials } from "./credentials.js";
import type { IssuedToken } from "./issued-token.js";
import type { CredentialsCallback } from "./options.js";
import { keyReferenceOf, type SigningKey } from "./signing-key.js";
import { TokenCache } from "./token-cache.js";

/** For whom a message is. */
export interface Target {
  /** Address by which the broker knows the service. */
  readonly appliesTo: string;
  /** Audience that the token must name. */
  readonly audience: string;
}

/** What proves the requestor in one message: tokens and signatures of its Security header. */
export interface Evidence {
  readonly tokens: readonly string[];
  readonly signatures: readonly OutboundSignature[];
}

/** One way in which a requestor proves itself in a SOAP message. */
export interface Requestor {
  /** Whether whoever reads a message could use what proves the requestor, so that it must travel over TLS. */
  readonly secret: boolean;
  /** @param claims Types of claims that an issued token must carry. Default: those of the client's options. */
  prove(target: Target, claims?: readonly string[]): Promise<Evidence>;
}

/** What a requestor's signature covers: WS-Addressing headers where the message has some. */
const signedParts = ["body", "timestamp", "addressing"] as const;

const signature = (key: SigningKey, reference: OutboundSignature["reference"]): OutboundSignature => ({
  key: key.privateKey,
  algorithm: key.algorithm,
  reference,
  parts: signedParts,
});

/** Proves itself by name and password. */
export function usernameRequestor(credentials: CredentialsCallback, as: "text" | "digest", clock: Clock): Requestor {
  return {
    secret: true,
    async prove() {
      const { name, password } = await askCredentials(credentials);
      return { tokens: [issueUsernameToken({ name, password, as, now: clock.now() }).xml], signatures: [] };
    },
  };
}

/** Proves itself by a signature with its own certificate. */
export function x509Requestor(key: SigningKey): Requestor {
  return {
    secret: false,
    async prove() {
      const { reference, tokens } = keyReferenceOf(key);
      return { tokens, signatures: [signature(key, reference)] };
    },
  };
}

/** What an {@link IssuedTokenRequestor} asks for besides the service. */
export interface TokenWishes {
  readonly tokenType: TokenRequest["tokenType"];
  /** The key to tie tokens to; undefined for bearer tokens. */
  readonly key: SigningKey | undefined;
  readonly claims: readonly string[] | undefined;
  readonly lifetimeMilliseconds: number | undefined;
  /** Milliseconds before its end in which a token is no longer used. */
  readonly margin: number;
}

/** Proves itself by tokens of a broker, which it keeps until shortly before their end. */
export class IssuedTokenRequestor implements Requestor {
  readonly secret: boolean;
  readonly #brokers: Brokers;
  readonly #wishes: TokenWishes;
  readonly #cache: TokenCache;
  /** What every token of this requestor depends on besides the service. */
  readonly #common: readonly string[];

  constructor(brokers: Brokers, brokerUrls: readonly string[], wishes: TokenWishes, clock: Clock) {
    const { tokenType, key, lifetimeMilliseconds, margin } = wishes;
    this.secret = key === undefined;
    this.#brokers = brokers;
    this.#wishes = wishes;
    this.#cache = new TokenCache(margin, () => clock.now());
    const keyName = key === undefined ? "bearer" : keyDigest(key.publicKey).toString("hex");
    this.#common = [JSON.stringify(brokerUrls), tokenType, keyName, String(lifetimeMilliseconds)];
  }

  /** A live token for a service. */
  async obtain({ appliesTo, audience }: Target, claims = this.#wishes.claims): Promise<IssuedToken> {
    if (appliesTo === "") {
      throw new ConfigurationError(
        "ERR_CONFIG_INVALID",
        "appliesTo",
        "No service is named.",
        "Name the one that the token is for.",
      );
    }
    const { tokenType, key, lifetimeMilliseconds } = this.#wishes;
    const wanted = claims ?? [];
    const cacheKey = TokenCache.keyOf([appliesTo, audience, ...this.#common, String(wanted.length), ...wanted]);
    return this.#cache.get(cacheKey, () =>
      this.#brokers.request({ appliesTo, audience, tokenType, key, claims, lifetimeMilliseconds }),
    );
  }

  async prove(target: Target, claims?: readonly string[]): Promise<Evidence> {
    const { xml, attachedReference } = await this.obtain(target, claims);
    const { key } = this.#wishes;
    if (key === undefined || attachedReference === undefined) return { tokens: [xml], signatures: [] };
    return { tokens: [xml], signatures: [signature(key, { by: "reference", xml: attachedReference })] };
  }

  /**
   * What the broker says of a token.
   * @throws as {@link Brokers.operate}; ERR_STS_RESPONSE_INVALID for an answer without status
   */
  async validate(xml: string): Promise<TokenStatus> {
    const { status } = await this.#brokers.operate("validate", xml);
    return status ?? refuse("ERR_STS_RESPONSE_INVALID", "the answer has no status", { rule: "WS-Trust 1.4, 7" });
  }

  /**
   * Has the broker revoke a token, which is used no more.
   * @throws as {@link Brokers.operate}; ERR_STS_RESPONSE_INVALID for an answer that does not say that it was done
   */
  async cancel(xml: string): Promise<void> {
    this.#cache.forget(xml);
    const { cancelled } = await this.#brokers.operate("cancel", xml);
    if (!cancelled) refuse("ERR_STS_RESPONSE_INVALID", "the answer cancels nothing", { rule: "WS-Trust 1.4, 6" });
  }

  clear(): void {
    this.#cache.clear();
  }
}
