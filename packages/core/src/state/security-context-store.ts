/** A key of a context (WS-SecureConversation 1.4 section 2): the one it was issued with, or that of a renewal. */
export interface ContextInstance {
  /** The wsc:Instance; empty for the key that the context was issued with. */
  readonly instance: string;
  /** The secret, 16 to 64 octets. */
  readonly secret: Uint8Array;
  /** End of this key, milliseconds since 1970. */
  readonly expires: number;
}

/** An established security context. A store keeps it as it is and reads nothing of `subject`. */
export interface StoredContext {
  /** SHA-256, hex, over tenant and identifier: what the context is found by. */
  readonly key: string;
  /** SHA-256, hex, of who established it: nobody else changes or ends it. */
  readonly owner: string;
  /** What the context says of its owner; at most 64 KiB of text. */
  readonly subject: string;
  /** The newest first, and the one before it: a message under way may still be signed with that. */
  readonly instances: readonly ContextInstance[];
}

/**
 * What a store says to a change. `unknown`: there is no such context, or no more; `foreign`: it belongs to somebody else,
 * and lives on as it was; `unavailable`: the store cannot answer. A throw or a rejection counts as `unavailable`.
 */
export type ContextChange = "done" | "unknown" | "foreign" | "unavailable";

type Answer<T> = T | Promise<T>;

/**
 * Keeps established security contexts (WS-SecureConversation 1.4) for every node of a service. Each call is atomic. A
 * store is bounded: a full one answers `unavailable`, and forgets no living context. It holds secrets: whoever can read it
 * can speak for every owner in it.
 */
export interface SecurityContextStore {
  /**
   * Keeps a new context until its instance expires.
   * @returns `refused` where the key is known already, or the owner has as many contexts as one may have
   */
  create(context: StoredContext): Answer<"done" | "refused" | "unavailable">;
  /** A context with the instances that have not expired; `unknown` where none has not. */
  find(key: string): Answer<StoredContext | "unknown" | "unavailable">;
  /** Changes what a context says, where it still says `before`; otherwise it is `unknown`. */
  amend(key: string, owner: string, subject: string, before: string): Answer<ContextChange>;
  /** Gives a context a further instance. Of the others the newest stays until its own end. */
  renew(key: string, owner: string, instance: ContextInstance): Answer<ContextChange>;
  /** Ends a context at once: every later `find` is `unknown`. */
  cancel(key: string, owner: string): Answer<ContextChange>;
  close?(): Promise<void> | void;
}
