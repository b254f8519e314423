import {
  type Clock,
  ConfigurationError,
  type ContextOperation,
  type ContextRecipient,
  type ContextSource,
  type ContextWords,
  contextAction,
  InvalidContextError,
  issueDerivedKey,
  issueSecurityContextToken,
  parseContextResponse,
  randomOctets,
  randomUuid,
  refuse,
  scan,
  secretKey,
  secureMessage,
  sha256Hex,
  type VerifiedMessage,
  writeContextReference,
  writeContextRequest,
  writeTrustEnvelope,
} from "@countersign/core/sts";
import { type MessageEncryption, withoutBlocks } from "./encryption.js";
import { amendedContext, grantedContext, type HeldContext, keyBits, type Peer } from "./held-context.js";
import type { Evidence, Requestor } from "./requestor.js";
import { SoapFaultError } from "./soap-fault.js";

/** Sends a secured message about a context, and verifies that what comes back is from the service. */
export type ContextExchange = (
  peer: Peer,
  message: { readonly envelope: Uint8Array; readonly contentType: string },
  request: { readonly action: string; readonly messageId: string; readonly held: HeldContext | undefined },
) => Promise<VerifiedMessage>;

/** How a client holds conversations. */
export interface ConversationRules {
  readonly words: ContextWords;
  readonly derivedKeys: boolean;
  readonly lifetime: number | undefined;
  /** Milliseconds before its end in which a context is renewed. */
  readonly margin: number;
  /** How messages are encrypted, those about contexts too. */
  readonly encryption: MessageEncryption | undefined;
  readonly clock: Clock;
}

/** Octets of our share of a key. */
const entropyOctets = 32;
/** Contexts kept: the oldest goes first. */
const maxContexts = 1000;
const signedParts = ["body", "timestamp", "addressing"] as const;

/** The contexts of one requestor: established once for each service, renewed ahead of their end, cancelled at the end. */
export class Conversations {
  readonly #bootstrap: Requestor;
  readonly #rules: ConversationRules;
  readonly #exchange: ContextExchange;
  readonly #held = new Map<string, HeldContext>();
  readonly #pending = new Map<string, Promise<HeldContext>>();

  constructor(bootstrap: Requestor, rules: ConversationRules, exchange: ContextExchange) {
    this.#bootstrap = bootstrap;
    this.#rules = rules;
    this.#exchange = exchange;
  }

  /** Whether a service answered that it does not know a context, or no more. */
  isLost(error: unknown): boolean {
    if (!(error instanceof SoapFaultError)) return false;
    const { code, subcode = code } = error.fault;
    return subcode.localName === "BadContextToken" && subcode.namespace === this.#rules.words.conversation.namespace;
  }

  /**
   * A living context with a service: the one held, or one established or renewed now, once however many ask.
   * @throws what the exchange and the bootstrap throw; ERR_SERVICE_RESPONSE_INVALID for an answer that grants nothing
   */
  async get(peer: Peer): Promise<HeldContext> {
    const key = keyOf(peer);
    const held = this.#held.get(key);
    if (held !== undefined && this.#rules.clock.now() < held.expires - this.#rules.margin) return held;
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = this.#obtain(key, peer, held).finally(() => this.#pending.delete(key));
      this.#pending.set(key, pending);
    }
    return pending;
  }

  /** No longer uses a context that its service does not know any more. */
  forget(context: HeldContext): void {
    const key = keyOf(context.peer);
    if (this.#held.get(key) === context) this.#held.delete(key);
  }

  /** What a message is encrypted under. */
  recipientOf({ identifier, instance, secret }: HeldContext): ContextRecipient {
    return { name: { words: this.#rules.words.conversation, identifier, instance }, secret };
  }

  /** What proves the requestor in one message: the context's token, and a signature under it. */
  proveBy(context: HeldContext): Evidence {
    const { conversation: words } = this.#rules.words;
    const { name } = this.recipientOf(context);
    const token = issueSecurityContextToken(name);
    if (!this.#rules.derivedKeys) {
      const reference = { by: "token", id: token.id, valueType: token.valueType } as const;
      return {
        tokens: [token.xml],
        signatures: [{ key: secretKey(context.secret), reference, parts: signedParts }],
      };
    }
    const { xml, id, valueType, key } = issueDerivedKey(words, {
      secret: context.secret,
      reference: writeContextReference(name),
    });
    const reference = { by: "token", id, valueType } as const;
    return { tokens: [token.xml, xml], signatures: [{ key, reference, parts: signedParts }] };
  }

  /** Where the key of a reply is found: under this context, and no other. */
  sourceOf({ identifier, instance, secret, expires, peer }: HeldContext): ContextSource {
    const name = peer.url.origin;
    const subject = {
      principal: { name, kind: "context" },
      claims: [],
      issuer: name,
      created: 0,
      until: expires,
    } as const;
    return {
      async find(named) {
        if (named.identifier === identifier && named.instance === instance) {
          return { identifier, instance, secret, expires, owner: name, subject };
        }
        throw new InvalidContextError(named.words, "the reply names another context than the request");
      },
    };
  }

  /**
   * Renews the context that is held, ahead of its time.
   * @throws ConfigurationError where none is held
   */
  async renew(peer: Omit<Peer, "version">): Promise<void> {
    const held = this.#heldWith(peer);
    const renewed = (await this.#ask("renew", held.peer, held)) as HeldContext;
    this.#held.set(keyOf(peer), renewed);
  }

  /**
   * Adds the claims of a further token to the context that is held.
   * @param claims Types of the claims that the token must carry.
   * @throws ConfigurationError where none is held
   */
  async amend(peer: Omit<Peer, "version">, claims: readonly string[] | undefined): Promise<void> {
    const held = this.#heldWith(peer);
    const shown = await this.#bootstrap.prove(held.peer.target, claims);
    const amended = (await this.#ask("amend", held.peer, held, shown)) as HeldContext;
    this.#held.set(keyOf(peer), amended);
  }

  /** Cancels the context that is held, where there is one. */
  async cancel(peer: Omit<Peer, "version">): Promise<void> {
    const held = this.#held.get(keyOf(peer));
    if (held === undefined) return;
    this.#held.delete(keyOf(peer));
    await this.#ask("cancel", held.peer, held);
  }

  #heldWith(peer: Omit<Peer, "version">): HeldContext {
    const held = this.#held.get(keyOf(peer));
    if (held !== undefined && this.#rules.clock.now() < held.expires) return held;
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "url",
      `No context is held with ${peer.url.origin}.`,
      "Send a message first: that establishes one.",
    );
  }

  /** Cancels every context; a service that does not answer lets it expire. */
  async close(): Promise<void> {
    const held = [...this.#held.values()];
    this.#held.clear();
    await Promise.allSettled(held.map((context) => this.#ask("cancel", context.peer, context)));
  }

  async #obtain(key: string, peer: Peer, held: HeldContext | undefined): Promise<HeldContext> {
    const context = (held && (await this.#renew(held))) ?? (await this.#establish(peer));
    const [oldest] = this.#held.keys();
    if (oldest !== undefined && this.#held.size >= maxContexts) this.#held.delete(oldest);
    this.#held.set(key, context);
    return context;
  }

  #establish(peer: Peer): Promise<HeldContext> {
    return this.#ask("issue", peer) as Promise<HeldContext>;
  }

  /** Undefined where a context has ended, or cannot be renewed: then a new one is established. */
  async #renew(held: HeldContext): Promise<HeldContext | undefined> {
    if (this.#rules.clock.now() >= held.expires) return undefined;
    try {
      return await this.#ask("renew", held.peer, held);
    } catch {
      return undefined;
    }
  }

  /** @param shown A further token, of an amendment. */
  async #ask(
    operation: ContextOperation,
    peer: Peer,
    held?: HeldContext,
    shown?: Evidence,
  ): Promise<HeldContext | undefined> {
    const { words, clock, lifetime, encryption } = this.#rules;
    const grants = operation === "issue" || operation === "renew";
    const entropy = grants ? randomOctets(entropyOctets) : undefined;
    const now = clock.now();
    const context = `urn:uuid:${randomUuid()}`;
    const messageId = `urn:uuid:${randomUuid()}`;
    const action = contextAction(words, operation);
    const content = writeContextRequest(words, {
      operation,
      context,
      entropy,
      keySize: grants ? keyBits : undefined,
      lifetime: grants && lifetime !== undefined ? { created: now, expires: now + lifetime } : undefined,
      // An amendment is of the context whose key signs it.
      target: operation === "amend" ? undefined : held && writeContextReference(this.recipientOf(held).name),
    });
    const { version, url, target } = peer;
    const envelope = writeTrustEnvelope({ version, action, to: url.href, messageId, content });
    const { tokens, signatures } = held === undefined ? await this.#bootstrap.prove(target) : this.proveBy(held);
    const secured = secureMessage(envelope, {
      tokens: [...tokens, ...(shown?.tokens ?? [])],
      signatures: [...signatures, ...(shown?.signatures ?? [])],
      encrypt: withoutBlocks(encryption?.for(held && this.recipientOf(held))),
      clock,
    });
    const message = await this.#exchange(peer, secured, { action, messageId, held });
    const body = scan(Buffer.from(message.body.bytes));
    const response = parseContextResponse(body, body.firstChild(0), words, operation);
    if (response.context !== undefined && response.context !== context) {
      refuse("ERR_SERVICE_RESPONSE_INVALID", "the answer belongs to another request (Context)", {
        rule: "WS-Trust 1.4, 3.2",
      });
    }
    const received = clock.now();
    if (entropy !== undefined) return grantedContext(response, { entropy, peer, held, now: received });
    return operation === "amend" && held !== undefined ? amendedContext(response, held, received) : undefined;
  }
}

const keyOf = ({ url, target }: Omit<Peer, "version">): string =>
  sha256Hex(JSON.stringify([url.origin, url.pathname, target.appliesTo, target.audience]));
