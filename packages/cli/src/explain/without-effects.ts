import type { Alternative, ContextChange, GuardOptions, SecurityContextStore } from "@countersign/core";

/**
 * The options with every store of security contexts replaced by one that reads it and changes nothing, so that a message
 * which asks to establish, renew or cancel a context may be explained while that context is in use. What is no store stays,
 * for `createGuard` to refuse.
 */
export function withoutEffects(options: GuardOptions): GuardOptions {
  const known = new Map<unknown, unknown>();
  // One store stays one: that a route has two is a mistake that must still be found.
  const spared = (store: unknown): unknown => {
    if (!isStore(store)) return store;
    const found = known.get(store) ?? readOnly(store);
    known.set(store, found);
    return found;
  };
  const { accept, conversation } = options;
  return {
    ...options,
    ...(Array.isArray(accept) ? { accept: accept.map((one: Alternative) => withStore(one, spared)) } : {}),
    ...(isObject(conversation)
      ? { conversation: { ...conversation, contexts: spared(conversation.contexts) as SecurityContextStore } }
      : {}),
  };
}

function withStore(alternative: Alternative, spared: (store: unknown) => unknown): Alternative {
  const options: unknown = isObject(alternative) ? alternative.options : undefined;
  if (!isObject(options) || !("contexts" in options)) return alternative;
  return { ...alternative, options: { ...options, contexts: spared(options.contexts) } } as unknown as Alternative;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const isStore = (value: unknown): value is SecurityContextStore =>
  isObject(value) && typeof (value as Partial<SecurityContextStore>).find === "function";

/** Answers a change as the store would, from what it holds, and makes none. */
function readOnly(store: SecurityContextStore): SecurityContextStore {
  const change = async (key: string, owner: string): Promise<ContextChange> => {
    const found = await store.find(key);
    if (typeof found === "string") return found;
    return found.owner === owner ? "done" : "foreign";
  };
  return {
    create: () => "done",
    find: (key) => store.find(key),
    amend: change,
    renew: change,
    cancel: change,
  };
}
