import { computedKey, randomId, randomOctets, randomUuid, sha256Hex } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import type { Claim, ReplayEntry } from "../identity/index.js";
import { type Accepted, type Circumstances, evaluateAlternatives } from "../policy/index.js";
import type { UnverifiedEnvelope } from "../soap/index.js";
import type { ContextInstance } from "../state/index.js";
import { type ContextSubject, contextTokenWords, ownerOf, parseSecurityContextToken } from "../tokens/context/index.js";
import {
  type ContextAction,
  type ContextProof,
  type ContextRequest,
  type ContextResponse,
  contextActionOf,
  parseContextRequest,
  writeContextResponse,
} from "../trust/index.js";
import type { ContextKey, OpenedSecurity, VerifiedMessage } from "../wss/index.js";
import { scan } from "../xml/index.js";
import { namedAction } from "./action.js";
import type { CompiledConversation } from "./compile-conversation.js";

/** A request about a context, by a requestor who may make it; nothing is done yet. */
export interface ContextCall {
  readonly action: ContextAction;
  readonly accepted: Accepted;
  /** Of an amendment: the further token that the requestor shows. */
  readonly amendment: Accepted | undefined;
  /** What must be reserved before anything is done. */
  readonly replay: readonly ReplayEntry[];
  /** Identifiers of the contexts whose tokens the message carries, by their wsu:Id. */
  readonly tokens: ReadonlyMap<string, string>;
}

/** What was done, for the audit record and the answer. */
export interface ContextOutcome {
  readonly operation: string;
  /** SHA-256, hex, of the context's identifier. */
  readonly context: string;
  /** The content of the answer's Body. */
  readonly content: string;
}

/** Whether a message asks for something about a context, and what. */
export function contextCallOf(
  conversation: CompiledConversation | undefined,
  envelope: UnverifiedEnvelope,
  httpAction: string | undefined,
): ContextAction | undefined {
  const named = conversation && namedAction(envelope, httpAction);
  return named === undefined ? undefined : contextActionOf(named);
}

/**
 * Decides whether the sender may ask: to establish a context whoever the bootstrap lets in; to amend, renew or cancel one
 * whoever holds its key, which the standard demands (WS-SecureConversation 1.4 sections 4 to 6).
 * @throws as `evaluateAlternatives`
 */
export async function acceptContextCall(
  { bootstrap, holder }: CompiledConversation,
  action: ContextAction,
  opened: OpenedSecurity,
  circumstances: Circumstances,
): Promise<ContextCall> {
  const { operation } = action;
  const accepted = await evaluateAlternatives(operation === "issue" ? bootstrap : [holder], opened, circumstances);
  const amendment =
    operation === "amend" ? await evaluateAlternatives(bootstrap, opened, circumstances, accepted.context) : undefined;
  // The signatures of the message are reserved once, with what accepted it.
  const more = amendment?.replay.filter(({ kind }) => kind !== "message-signature") ?? [];
  const tokens = new Map<string, string>();
  for (const element of opened.header.contextTokens) {
    if (contextTokenWords(opened.envelope.document.name(element)) === undefined) continue;
    const { id, identifier } = parseSecurityContextToken(opened.envelope.document, element);
    if (id !== undefined) tokens.set(id, identifier);
  }
  return { action, accepted, amendment, replay: [...accepted.replay, ...more], tokens };
}

/**
 * Reads a call, from its verified message alone.
 * @throws the ERR_TRUST_ codes
 */
export function readContextCall({ action }: ContextCall, message: VerifiedMessage): ContextRequest {
  const body = scan(Buffer.from(message.body.bytes));
  return parseContextRequest(body, body.firstChild(0), action.words, action.operation);
}

/**
 * Does what a call asks for.
 * @throws the ERR_TRUST_ codes where it cannot be done; ERR_UNAVAILABLE
 */
export async function performContextCall(
  conversation: CompiledConversation,
  call: ContextCall,
  request: ContextRequest,
  now: number,
): Promise<ContextOutcome> {
  const { operation } = request;
  const done = await (operation === "issue"
    ? issue(conversation, call, request, now)
    : change(conversation, call, request, now));
  const { identifier, response } = done;
  const content = writeContextResponse(call.action.words, { operation, context: request.context, ...response });
  return { operation, context: sha256Hex(identifier), content };
}

/** What a call comes to. */
interface Done {
  readonly identifier: string;
  readonly response: Omit<ContextResponse, "operation">;
}

async function issue(
  { contexts, lifetime, maxLifetime }: CompiledConversation,
  { accepted: { token, requestor } }: ContextCall,
  request: ContextRequest,
  now: number,
): Promise<Done> {
  const { principal, claims, issuer } = token;
  const until = Math.min(now + maxLifetime, token.expires ?? Number.POSITIVE_INFINITY);
  const subject: ContextSubject = { principal, requestor, claims: [...claims], issuer, created: now, until };
  const { key, proof } = makeKey(request);
  const instance = { instance: "", secret: key, expires: endOf(request, now, lifetime, until) };
  const identifier = `urn:uuid:${randomUuid()}`;
  await contexts.create(identifier, subject, instance);
  return { identifier, response: issued(identifier, instance, proof, now) };
}

async function change(
  { contexts, lifetime }: CompiledConversation,
  call: ContextCall,
  request: ContextRequest,
  now: number,
): Promise<Done> {
  const { context } = ownContext(call, request);
  const { identifier, subject } = context;
  if (request.operation === "cancel") {
    await contexts.cancel(context);
    return { identifier, response: {} };
  }
  if (request.operation === "amend") {
    await contexts.amend(context, amended(subject, call.amendment));
    const lasting = { created: now, expires: context.expires };
    return { identifier, response: { token: context, lifetime: lasting } };
  }
  const { key, proof } = makeKey(request);
  const expires = endOf(request, now, lifetime, subject.until);
  const instance = { instance: randomId(""), secret: key, expires };
  await contexts.renew(context, instance);
  return { identifier, response: issued(identifier, instance, proof, now) };
}

/** The context whose key signed the request; it must be the one that the request is about. */
function ownContext({ accepted, tokens }: ContextCall, { target }: ContextRequest): ContextKey {
  const { context } = accepted;
  if (context === undefined) refuse("ERR_INTERNAL", "a request about a context was accepted without its key");
  if (target === undefined) return context;
  const named = "id" in target ? tokens.get(target.id) : target.identifier;
  if (named === context.context.identifier) return context;
  refuse("ERR_TRUST_REQUEST_FAILED", "the request is about another context than the one whose key signed it", {
    rule: "WS-SecureConversation 1.4, 5 and 6",
    remedy: "Sign the request with the key of the context that it is about.",
  });
}

/** A context with the claims of a further token. It must speak for the same subject, and ends no later than that token. */
function amended(subject: ContextSubject, amendment: Accepted | undefined): ContextSubject {
  if (amendment === undefined) refuse("ERR_INTERNAL", "an amendment was accepted without its token");
  const { requestor, token } = amendment;
  const { claims, expires = Number.POSITIVE_INFINITY } = token;
  // The same name from another issuer is somebody else.
  if (ownerOf({ ...token, requestor }) !== ownerOf(subject)) {
    refuse("ERR_TRUST_REQUEST_FAILED", "the token that is to amend a context speaks for another subject", {
      rule: "WS-SecureConversation 1.4, 4",
      remedy: "Show a token of the context's own subject.",
    });
  }
  const textOf = ({ type, values, issuer }: Claim) => JSON.stringify([type, values, issuer]);
  const known = new Set(subject.claims.map(textOf));
  // Shown again, a token adds nothing: what is kept grows with what is new only.
  const further = [...claims].filter((claim) => !known.has(textOf(claim)));
  return { ...subject, claims: [...subject.claims, ...further], until: Math.min(subject.until, expires) };
}

const defaultBits = 256;

/** The key: of both shares where the requestor gave one, else made here alone (WS-Trust 1.4 section 9.3). */
function makeKey({ entropy, keySize = defaultBits }: ContextRequest): { key: Uint8Array; proof: ContextProof } {
  const octets = keySize / 8;
  const made = randomOctets(octets);
  if (entropy === undefined) return { key: made, proof: { kind: "key", key: made } };
  return { key: computedKey(entropy, made, octets), proof: { kind: "computed", entropy: made } };
}

/** How far ahead of now a requested life may begin. */
const maxAhead = 60_000;

function endOf({ lifetime }: ContextRequest, now: number, longest: number, until: number): number {
  const expires = Math.min(now + longest, until, lifetime?.expires ?? Number.POSITIVE_INFINITY);
  if (expires > now && (lifetime?.created ?? now) <= now + maxAhead) return expires;
  refuse("ERR_TRUST_INVALID_TIME_RANGE", "the context would have no life, or begin later", {
    rule: "conversation.maxLifetimeSeconds",
    remedy: "Establish a new context with a token that lives longer, and ask for a life that begins now.",
  });
}

function issued(
  identifier: string,
  { instance, secret, expires }: ContextInstance,
  proof: ContextProof,
  now: number,
): Done["response"] {
  const lifetime = { created: now, expires };
  return { token: { identifier, instance }, proof, keySize: secret.length * 8, lifetime };
}
