import {
  type Clock,
  type ContextOperation,
  type ContextResponse,
  type ContextSource,
  type ContextWords,
  computedKey,
  contextAction,
  InvalidContextError,
  issueDerivedKey,
  issueSecurityContextToken,
  parseContextResponse,
  randomOctets,
  randomUuid,
  refuse,
  type SoapVersion,
  scan,
  secretKey,
  secureMessage,
  sha256Hex,
  type VerifiedMessage,
  writeContextReference,
  writeContextRequest,
  writeTrustEnvelope,
} from "@countersign/core/sts";
import type { Evidence, Requestor, Target } from "./requestor.js";
import { SoapFaultError } from "./soap-fault.js";

/** A security context that a service has granted. */
export interface HeldContext {
  readonly identifier: string;
  readonly instance: string;
  readonly secret: Uint8Array;
  /** End of the key by our own clock, milliseconds since 1970. */
  readonly expires: number;
  /** Where it holds, and in which SOAP version it is spoken about. */
  readonly peer: Peer;
}

/** Whom a context is held with. */
export interface Peer {
  readonly url: URL;
  readonly target: Target;
  readonly version: SoapVersion;
}

/** Sends a secured message about a context, and verifies that what comes back is from the service. */
export type ContextExchange = (
  peer: Peer,
  message: { readonly envelope: Uint8Array; readonly contentType: string },
  request: { readonly action: string; readonly messageId: string },
) => Promise<VerifiedMessage>;

/** How a client holds conversations. */
export interface ConversationRules {
  readonly words: ContextWords;
  readonly derivedKeys: boolean;
  readonly lifetime: number | undefined;
  /** Milliseconds before its end in which a context is renewed. */
  readonly margin: number;
  readonly clock: Clock;
}

/** Where the service names no end: how long a context is used, in milliseconds. */
const unknownLife = 300_000;
/** Octets of our share of a key. */
const entropyOctets = 32;
const bits = 256;
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

  /** What proves the requestor in one message: the context's token, and a signature under it. */
  proveBy(context: HeldContext): Evidence {
    const { conversation: words } = this.#rules.words;
    const name = { words, identifier: context.identifier, instance: context.instance };
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

  async #ask(operation: ContextOperation, peer: Peer, held?: HeldContext): Promise<HeldContext | undefined> {
    const { words, clock, lifetime } = this.#rules;
    const grants = operation !== "cancel";
    const entropy = grants ? randomOctets(entropyOctets) : undefined;
    const now = clock.now();
    const context = `urn:uuid:${randomUuid()}`;
    const messageId = `urn:uuid:${randomUuid()}`;
    const action = contextAction(words, operation);
    const content = writeContextRequest(words, {
      operation,
      context,
      entropy,
      keySize: grants ? bits : undefined,
      lifetime: grants && lifetime !== undefined ? { created: now, expires: now + lifetime } : undefined,
      target: held && writeContextReference({ words: words.conversation, ...held }),
    });
    const { version, url, target } = peer;
    const envelope = writeTrustEnvelope({ version, action, to: url.href, messageId, content });
    const evidence = held === undefined ? await this.#bootstrap.prove(target) : this.proveBy(held);
    const message = await this.#exchange(peer, secureMessage(envelope, { ...evidence, clock }), { action, messageId });
    const body = scan(Buffer.from(message.body.bytes));
    const response = parseContextResponse(body, body.firstChild(0), words, operation);
    if (response.context !== undefined && response.context !== context) {
      refuse("ERR_SERVICE_RESPONSE_INVALID", "the answer belongs to another request (Context)", {
        rule: "WS-Trust 1.4, 3.2",
      });
    }
    return grants ? this.#grant(response, entropy, peer, held) : undefined;
  }

  #grant(
    { token, proof, keySize = bits, lifetime }: ContextResponse,
    entropy: Uint8Array | undefined,
    peer: Peer,
    held: HeldContext | undefined,
  ): HeldContext {
    if (token === undefined || proof === undefined || entropy === undefined) {
      refuse("ERR_SERVICE_RESPONSE_INVALID", "the answer does not say what the context's key is", {
        rule: "WS-Trust 1.4, 4.4.3",
      });
    }
    if (held !== undefined && (token.identifier !== held.identifier || token.instance === held.instance)) {
      refuse("ERR_SERVICE_RESPONSE_INVALID", "the answer does not renew the context that was named", {
        rule: "WS-SecureConversation 1.4, 5",
      });
    }
    if (proof.kind === "computed" && keySize !== bits) {
      refuse("ERR_SERVICE_RESPONSE_INVALID", `the answer makes a key of ${keySize} bits where ${bits} were asked for`, {
        rule: "WS-Trust 1.4, 9.2",
      });
    }
    const secret = proof.kind === "key" ? proof.key : computedKey(entropy, proof.entropy, bits / 8);
    const { created, expires } = lifetime ?? {};
    const now = this.#rules.clock.now();
    // Their clock may differ from ours: the length of the life counts where it is told.
    const end = expires === undefined ? now + unknownLife : created === undefined ? expires : now + expires - created;
    return { identifier: token.identifier, instance: token.instance, secret, expires: end, peer };
  }
}

const keyOf = ({ url, target }: Peer): string =>
  sha256Hex(JSON.stringify([url.origin, url.pathname, target.appliesTo, target.audience]));
