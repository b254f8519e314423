import type { Alternative } from "../policy/index.js";
import type { SecurityContextStore } from "../state/index.js";

/** How a service lets callers establish security contexts with it (WS-SecureConversation 1.4 section 3). */
export interface ConversationOptions {
  /** Where contexts are kept, one store for all nodes of the service. It holds their secrets. */
  readonly contexts: SecurityContextStore;
  /**
   * The ways in which a caller who wants a context is authenticated. Each must be `over: "transport"`: the answer holds
   * what the key is made of.
   */
  readonly bootstrap: readonly Alternative[];
  /** Life of a context's key; a caller may ask for less. Default 1,800, at most 43,200. */
  readonly lifetimeSeconds?: number | undefined;
  /** How long renewals may keep one context alive in all. Default 43,200, at most 43,200. */
  readonly maxLifetimeSeconds?: number | undefined;
}
