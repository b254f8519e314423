import { reservationKey } from "../../crypto/index.js";
import { CountersignError, type ErrorDetail, isCountersignError, refuse } from "../../errors/index.js";
import type { ContextInstance, SecurityContextStore, StoredContext } from "../../state/index.js";
import { withinDeadline } from "../../time/index.js";
import type { ConversationWords } from "./names.js";
import type { ContextName } from "./parse.js";
import { type ContextSubject, ownerOf, readSubject, writeSubject } from "./subject.js";

/** A context that is established, with the key that a message named. */
export interface EstablishedContext {
  readonly identifier: string;
  readonly instance: string;
  readonly secret: Uint8Array;
  /** End of this key, milliseconds since 1970. */
  readonly expires: number;
  /** See `ownerOf`. */
  readonly owner: string;
  readonly subject: ContextSubject;
}

/** Where the contexts that messages name are found. */
export interface ContextSource {
  /**
   * Finds a context with the very instance that is named.
   * @throws ERR_CONTEXT_INVALID where it is unknown, was cancelled or has expired; ERR_UNAVAILABLE where that cannot be told
   */
  find(name: ContextName, now: number): Promise<EstablishedContext>;
}

/** ERR_CONTEXT_INVALID: a message names a context that is unknown, was cancelled or has expired. */
export class InvalidContextError extends CountersignError {
  /** The version that the message speaks, for the fault that its sender waits for. */
  readonly words: ConversationWords;

  constructor(words: ConversationWords, reason: string, more: Partial<ErrorDetail> = {}) {
    super("ERR_CONTEXT_INVALID", {
      rule: "WS-SecureConversation 1.4, 9",
      remedy: "Establish a new context.",
      ...more,
      reason,
    });
    this.words = words;
  }

  override withDetail(detail: ErrorDetail): InvalidContextError {
    return new InvalidContextError(this.words, detail.reason, detail);
  }
}

/** What the store may take, in milliseconds. */
const storeMilliseconds = 1_000;

/** The contexts of one tenant in a store: whatever other services keep there is not found here. */
export class SecurityContexts implements ContextSource {
  readonly #store: SecurityContextStore;
  readonly #tenant: string;

  /** @param tenant Label in every key. */
  constructor(store: SecurityContextStore, tenant: string) {
    this.#store = store;
    this.#tenant = tenant;
  }

  async find({ words, identifier, instance }: ContextName, now: number): Promise<EstablishedContext> {
    const found = await this.#ask((store) => store.find(this.#keyOf(identifier)));
    if (found === "unknown") throw new InvalidContextError(words, "there is no such context, or no more");
    const { instances, owner, subject: text } = this.#record(found);
    const named = instances.find((one) => one.instance === instance);
    const subject = readSubject(text);
    if (named === undefined || !(now < named.expires && now < subject.until)) {
      throw new InvalidContextError(words, "the context has no such instance, or no more");
    }
    const { secret, expires } = named;
    return { identifier, instance, secret, expires: Math.min(expires, subject.until), owner, subject };
  }

  /**
   * Keeps a new context.
   * @throws ERR_TRUST_REQUEST_FAILED where the owner has too many; ERR_UNAVAILABLE where the store is full or cannot answer
   */
  async create(identifier: string, subject: ContextSubject, instance: ContextInstance): Promise<void> {
    const context: StoredContext = {
      key: this.#keyOf(identifier),
      owner: ownerOf(subject),
      subject: boundedSubject(subject),
      instances: [instance],
    };
    if ((await this.#ask((store) => store.create(context))) === "done") return;
    refuse("ERR_TRUST_REQUEST_FAILED", "the store keeps no more contexts of this owner", {
      rule: "conversation.contexts",
      remedy: "Cancel contexts that are no longer used.",
    });
  }

  /** @throws ERR_TRUST_REQUEST_FAILED where it belongs to another, or lives no more; ERR_UNAVAILABLE */
  async amend({ identifier, owner, subject }: EstablishedContext, amended: ContextSubject): Promise<void> {
    const before = writeSubject(subject);
    const after = boundedSubject(amended);
    await this.#change((store) => store.amend(this.#keyOf(identifier), owner, after, before));
  }

  /** @throws as {@link amend} */
  async renew({ identifier, owner }: EstablishedContext, instance: ContextInstance): Promise<void> {
    await this.#change((store) => store.renew(this.#keyOf(identifier), owner, instance));
  }

  /** @throws as {@link amend} */
  async cancel({ identifier, owner }: EstablishedContext): Promise<void> {
    await this.#change((store) => store.cancel(this.#keyOf(identifier), owner));
  }

  #keyOf(identifier: string): string {
    return reservationKey(this.#tenant, "security-context", [identifier]);
  }

  async #change(change: (store: SecurityContextStore) => unknown): Promise<void> {
    const answer = await this.#ask(change);
    if (answer === "done") return;
    const reason = answer === "unknown" ? "changed or ended meanwhile" : "belongs to somebody else";
    refuse("ERR_TRUST_REQUEST_FAILED", `the context ${reason}`, {
      rule: "WS-SecureConversation 1.4, 4 to 6",
      remedy: "Only its owner amends, renews or cancels a context.",
    });
  }

  /** What the store says. One that throws, is late or says something else cannot answer. */
  async #ask<T>(question: (store: SecurityContextStore) => T | Promise<T>): Promise<Exclude<T, "unavailable">> {
    let answer: T;
    try {
      answer = await withinDeadline(question(this.#store), storeMilliseconds, "the store of security contexts");
    } catch (cause) {
      if (isCountersignError(cause)) throw cause;
      refuseOutage("the store of security contexts failed", cause);
    }
    if (answer === "unavailable" || answer === undefined || answer === null) {
      refuseOutage("the store of security contexts cannot answer or is full");
    }
    return answer as Exclude<T, "unavailable">;
  }

  #record(found: StoredContext): StoredContext {
    if (typeof found === "object" && Array.isArray(found.instances)) return found;
    return refuseOutage("the store of security contexts gave no context");
  }
}

/** Characters of what a store keeps of a subject. */
const maxSubject = 65_536;

function boundedSubject(subject: ContextSubject): string {
  const text = writeSubject(subject);
  if (text.length <= maxSubject) return text;
  refuse("ERR_TRUST_REQUEST_FAILED", `the claims of a context have more than ${maxSubject} characters`, {
    rule: "conversation.contexts",
    remedy: "Establish the context with a token of fewer claims.",
  });
}

function refuseOutage(reason: string, cause?: unknown): never {
  refuse("ERR_UNAVAILABLE", reason, {
    rule: "conversation.contexts",
    remedy: "Look at the store; raise its capacity if it is full.",
    cause,
  });
}
