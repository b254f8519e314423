import { ConfigurationError, type KeyType, refuse, tokenTypes } from "@countersign/core/sts";

/** The kinds of token that this broker issues. */
export type IssuedTokenType = "saml2" | "saml11";
/** The kinds of key that it ties tokens to. */
export type IssuedKeyType = Extract<KeyType, "bearer" | "public-key">;

/** A service for which tokens may be issued. What is not listed here is refused. */
export interface RelyingParty {
  /** The addresses by which requests name it in wsp:AppliesTo; compared as exact text, never fetched. */
  readonly appliesTo: string | readonly string[];
  /** Audience of its tokens. Default: the address that the request named. */
  readonly audience?: string | undefined;
  /** What it may be issued; the first where a request names none. Default: `["saml2"]`. */
  readonly tokenTypes?: readonly IssuedTokenType[] | undefined;
  /** Default: `["bearer", "public-key"]`. */
  readonly keyTypes?: readonly IssuedKeyType[] | undefined;
  /** Types of the claims that its tokens may carry, where the identity has them. Default: none. */
  readonly claims?: readonly string[] | undefined;
  /** Life of its tokens where the request asks for none. Default: the broker's. */
  readonly lifetimeSeconds?: number | undefined;
  /** Longest life that a request is granted; a longer one is cut. Default: the broker's. */
  readonly maxLifetimeSeconds?: number | undefined;
  /** How long after its end a token that was asked for so may still be renewed; 1,800 at most. Default 0: not at all. */
  readonly renewAfterExpirySeconds?: number | undefined;
}

/** A relying party with every default filled in. */
export interface RegisteredRelyingParty {
  readonly tokenTypes: ReadonlySet<IssuedTokenType>;
  readonly keyTypes: ReadonlySet<IssuedKeyType>;
  readonly claims: ReadonlySet<string>;
  readonly audience: string | undefined;
  readonly lifetimeSeconds: number;
  readonly maxLifetimeSeconds: number;
  readonly renewAfterExpirySeconds: number;
}

/** Lifetimes of issued tokens, in seconds. */
export interface LifetimeBounds {
  readonly defaultSeconds: number;
  readonly maxSeconds: number;
}

const uris: ReadonlyMap<string, IssuedTokenType> = new Map([
  [tokenTypes.saml2, "saml2"],
  [tokenTypes.saml2Namespace, "saml2"],
  [tokenTypes.saml11, "saml11"],
  [tokenTypes.saml11Namespace, "saml11"],
]);

/** The relying parties of a broker, by exact address. Unknown addresses are refused. */
export class RelyingParties {
  readonly #byAddress = new Map<string, RegisteredRelyingParty>();

  /** @throws ConfigurationError where two entries name one address, or a lifetime exceeds its maximum */
  constructor(given: readonly RelyingParty[], bounds: LifetimeBounds) {
    for (const [index, entry] of given.entries()) {
      const option = `relyingParties[${index}]`;
      const party = register(entry, bounds, option);
      for (const address of [entry.appliesTo].flat()) {
        if (this.#byAddress.has(address)) {
          throw new ConfigurationError(
            "ERR_CONFIG_INVALID",
            `${option}.appliesTo`,
            `Another entry already names ${address}.`,
            "Name each address once.",
          );
        }
        this.#byAddress.set(address, party);
      }
    }
  }

  /**
   * Finds the relying party that a request names.
   * @throws ERR_TRUST_INVALID_SCOPE where it names none, or one that is not registered
   */
  find(appliesTo: string | undefined): RegisteredRelyingParty {
    const party = appliesTo === undefined ? undefined : this.#byAddress.get(appliesTo);
    if (party !== undefined) return party;
    refuse(
      "ERR_TRUST_INVALID_SCOPE",
      appliesTo === undefined ? "the request names no relying party" : `no relying party has the address ${appliesTo}`,
      { rule: "relyingParties", remedy: "Name a registered relying party in AppliesTo, or register this one." },
    );
  }
}

function register(entry: RelyingParty, bounds: LifetimeBounds, option: string): RegisteredRelyingParty {
  const maxLifetimeSeconds = entry.maxLifetimeSeconds ?? bounds.maxSeconds;
  const lifetimeSeconds = entry.lifetimeSeconds ?? Math.min(bounds.defaultSeconds, maxLifetimeSeconds);
  if (lifetimeSeconds > maxLifetimeSeconds) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      `${option}.lifetimeSeconds`,
      `${lifetimeSeconds} s are more than the maximum of ${maxLifetimeSeconds} s.`,
      "Lower it, or raise maxLifetimeSeconds.",
    );
  }
  return {
    tokenTypes: new Set(entry.tokenTypes ?? ["saml2"]),
    keyTypes: new Set(entry.keyTypes ?? ["bearer", "public-key"]),
    claims: new Set(entry.claims),
    audience: entry.audience,
    lifetimeSeconds,
    maxLifetimeSeconds,
    renewAfterExpirySeconds: entry.renewAfterExpirySeconds ?? 0,
  };
}

/**
 * Chooses the kind of token: the one asked for, else the relying party's first.
 * @throws ERR_TRUST_BAD_REQUEST for a kind that this broker does not issue, ERR_TRUST_REQUEST_FAILED for one that this
 * relying party does not get
 */
export function chooseTokenType(party: RegisteredRelyingParty, uri: string | undefined): IssuedTokenType {
  const [first = "saml2"] = party.tokenTypes;
  if (uri === undefined) return first;
  const type = uris.get(uri);
  if (type === undefined) {
    refuse("ERR_TRUST_BAD_REQUEST", `tokens of type ${uri} are not issued here`, {
      rule: "WS-Trust 1.4, 3.1",
      remedy: `Ask for ${tokenTypes.saml2} or ${tokenTypes.saml11}.`,
    });
  }
  if (party.tokenTypes.has(type)) return type;
  refuse("ERR_TRUST_REQUEST_FAILED", `the relying party does not get tokens of type ${type}`, {
    rule: "relyingParties[].tokenTypes",
    remedy: "Ask for another type, or allow this one.",
  });
}

/**
 * Chooses the key type: the one asked for, else public-key where the request names a key, else bearer.
 * @throws ERR_TRUST_BAD_REQUEST for symmetric keys, ERR_TRUST_REQUEST_FAILED for a type that this relying party does not get
 */
export function chooseKeyType(
  party: RegisteredRelyingParty,
  asked: KeyType | undefined,
  namesKey: boolean,
): IssuedKeyType {
  const type = asked ?? (namesKey ? "public-key" : "bearer");
  if (type === "symmetric-key") {
    refuse("ERR_TRUST_BAD_REQUEST", "tokens with a symmetric proof key are not issued here", {
      rule: "WS-Trust 1.4, 9.2",
      remedy: "Ask for a bearer token or for one with a public key.",
    });
  }
  if (party.keyTypes.has(type)) return type;
  refuse("ERR_TRUST_REQUEST_FAILED", `the relying party does not get ${type} tokens`, {
    rule: "relyingParties[].keyTypes",
    remedy: "Ask for another key type, or allow this one.",
  });
}
