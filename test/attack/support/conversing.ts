import { type GuardOptions, InMemorySecurityContextStore, securityContext, usernameToken } from "@countersign/core";
import {
  type ContextRequest,
  contentTypeOf,
  contextAction,
  contextWords13,
  issueDerivedKey,
  issueSecurityContextToken,
  issueUsernameToken,
  parseContextResponse,
  parseEnvelope,
  scan,
  secureMessage,
  writeContextReference,
  writeContextRequest,
  writeTrustEnvelope,
} from "@countersign/core/sts";
import { Route } from "./route.js";

/*
 * A service that holds conversations, and callers who establish contexts with it by their passwords.
 */

/** The version that these messages speak. */
export const words = contextWords13;

/** A context as its owner knows it. */
export interface Held {
  readonly identifier: string;
  readonly instance: string;
  readonly secret: Uint8Array;
}

/** A service that lets callers establish contexts. */
export function service(options: Partial<GuardOptions> = {}, contexts = new InMemorySecurityContextStore()) {
  const bootstrap = [usernameToken({ verify: (name, password) => password === `${name}'s`, over: "transport" })];
  return new Route({ accept: [securityContext({ contexts })], conversation: { contexts, bootstrap }, ...options });
}

type Request = Omit<ContextRequest, "target"> & { readonly target?: string };

/** Asks something about a context. */
export function ask(request: Request, security: Parameters<typeof secureMessage>[1]) {
  const action = contextAction(words, request.operation);
  const content = writeContextRequest(words, request);
  const body = secureMessage(writeTrustEnvelope({ version: "1.2", action, content }), security).envelope;
  return { soap: "1.2" as const, body, headers: { "content-type": `${contentTypeOf("1.2")}; action="${action}"` } };
}

/** Establishes a context by password. */
export async function establish(route: Route, name: string): Promise<Held> {
  const tokens = [issueUsernameToken({ name, password: `${name}'s`, as: "text", now: Date.now() }).xml];
  const { decision } = await route.send(ask({ operation: "issue" }, { tokens }));
  const text = decision.kind === "answered" ? Buffer.from(decision.reply.body ?? "") : Buffer.alloc(0);
  const { document, body } = parseEnvelope(scan(text));
  const { token, proof } = parseContextResponse(document, document.firstChild(body), words, "issue");
  if (token === undefined || proof?.kind !== "key") throw new TypeError("there is no context");
  return { ...token, secret: proof.key };
}

/** The header of a message under a context. */
export function under({ identifier, instance, secret }: Held): Parameters<typeof secureMessage>[1] {
  const name = { words: words.conversation, identifier, instance };
  const derived = issueDerivedKey(words.conversation, { secret, reference: writeContextReference(name) });
  const reference = { by: "token", id: derived.id, valueType: derived.valueType } as const;
  return {
    tokens: [issueSecurityContextToken(name).xml, derived.xml],
    signatures: [{ key: derived.key, reference, parts: ["body", "timestamp", "addressing"] }],
  };
}
