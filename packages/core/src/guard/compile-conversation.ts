import type { CertificateTrust } from "../crypto/index.js";
import { ConfigurationError } from "../errors/index.js";
import {
  type Alternative,
  type CompiledAlternative,
  compileAlternatives,
  compileContext,
  type RouteTrust,
} from "../policy/index.js";
import type { SecurityContextStore } from "../state/index.js";
import { SecurityContexts } from "../tokens/context/index.js";
import type { ConversationOptions } from "./conversation-options.js";

/** The conversation of a route, compiled. */
export interface CompiledConversation {
  readonly contexts: SecurityContexts;
  /** Who may establish a context. */
  readonly bootstrap: readonly CompiledAlternative[];
  /** Who may amend, renew or cancel one: whoever holds its key. */
  readonly holder: CompiledAlternative;
  readonly trusts: readonly CertificateTrust[];
  /** Milliseconds. */
  readonly lifetime: number;
  readonly maxLifetime: number;
}

/**
 * Compiles a conversation.
 * @throws ConfigurationError for a way of authentication that would let the key travel unencrypted, and as `compileAlternatives`
 */
export function compileConversation(
  options: ConversationOptions | undefined,
  accept: readonly Alternative[],
  trust: RouteTrust,
  tenant: string,
): CompiledConversation | undefined {
  if (options === undefined) return undefined;
  const { contexts, bootstrap, lifetimeSeconds = 1_800, maxLifetimeSeconds = 43_200 } = options;
  for (const [index, alternative] of bootstrap.entries()) requireOverTransport(alternative, index);
  const { alternatives, trusts } = compileBootstrap(bootstrap, trust);
  // What a route demands of messages under a context it demands of requests about the context too.
  const requireDerivedKeys = accept.some(
    ({ kind, options: of }) => kind === "context" && of.requireDerivedKeys === true,
  );
  const holder = compileContext(
    { contexts, signed: ["body", "timestamp"], over: "transport", requireDerivedKeys },
    0,
    "conversation.contexts",
  );
  return {
    contexts: new SecurityContexts(contexts, tenant),
    bootstrap: alternatives,
    holder,
    trusts,
    lifetime: lifetimeSeconds * 1000,
    maxLifetime: maxLifetimeSeconds * 1000,
  };
}

/**
 * The one store of a route: every context that a message names is looked for in it.
 * @throws ConfigurationError where there are several
 */
export function contextStoreOf(
  accept: readonly Alternative[],
  conversation: ConversationOptions | undefined,
): SecurityContextStore | undefined {
  let store = conversation?.contexts;
  for (const [index, alternative] of accept.entries()) {
    if (alternative.kind !== "context") continue;
    store ??= alternative.options.contexts;
    if (store === alternative.options.contexts) continue;
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      `accept[${index}].contexts`,
      "The contexts of one route are kept in two stores.",
      "Give the same store everywhere.",
    );
  }
  return store;
}

function requireOverTransport(alternative: Alternative, index: number): void {
  const option = `conversation.bootstrap[${index}]`;
  if (alternative.kind === "context" || alternative.kind === "jwt") {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      option,
      "A context is established by a message with a token of its own.",
      "Use usernameToken, x509, saml2 or saml11.",
    );
  }
  if (alternative.options.over === "transport") return;
  throw new ConfigurationError(
    "ERR_CONFIG_INSECURE",
    `${option}.over`,
    "The answer holds what the context's key is made of, and would travel unencrypted.",
    'Set over: "transport".',
  );
}

/** The same as `accept`, under another path. */
function compileBootstrap(bootstrap: readonly Alternative[], trust: RouteTrust) {
  try {
    return compileAlternatives(bootstrap, trust);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const { code, option, remedy, message } = error;
    const reason = message.slice(option.length + 2, message.length - remedy.length - 1);
    throw new ConfigurationError(code, option.replace(/^accept\b/, "conversation.bootstrap"), reason, remedy);
  }
}
