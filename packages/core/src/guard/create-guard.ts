import { type AuditEvent, auditError, auditText } from "../audit/index.js";
import { randomUuid } from "../crypto/index.js";
import { CountersignError, isCountersignError, refuse } from "../errors/index.js";
import type { Principal, ReplayEntry, ValidatedToken } from "../identity/index.js";
import { requireClaims } from "../policy/index.js";
import type { SecurityEvidence, VerifiedMessage } from "../wss/index.js";
import { createAnswers } from "./answers.js";
import { type CompiledGuard, compileGuard, type GuardInternals } from "./compile.js";
import { type ContextCall, performContextCall, readContextCall } from "./conversation.js";
import { contextReply } from "./conversation-reply.js";
import { beginExchange, type Exchange } from "./exchange.js";
import { checkHeaderLines } from "./header-lines.js";
import { declaresSoap } from "./media-type.js";
import type { GuardOptions } from "./options.js";
import { createReplySecurity } from "./reply-security.js";
import type { Guard, Injection, ServerReply, ServerRequest, Verdict } from "./seam.js";
import type { SecurityContext } from "./security-context.js";
import { verifySoap } from "./soap-binding.js";

/**
 * Creates a guard: the decision about every request of a route.
 * @throws ConfigurationError for any wrong, impossible or insecure option, with its path and the remedy
 */
export function createGuard(options: GuardOptions, internals: GuardInternals = {}): Guard {
  return new RouteGuard(compileGuard(options, internals), options);
}

/** What a verification ends with, before the reservation. */
type Verified =
  | {
      readonly kind: "admitted";
      readonly security: SecurityContext;
      readonly replay: readonly ReplayEntry[];
      readonly body: Injection["body"];
    }
  | { readonly kind: "anonymous"; readonly body: Injection["body"] }
  /** The message asks something about a security context: the guard answers, no handler. */
  | {
      readonly kind: "call";
      readonly security: SecurityContext;
      readonly call: ContextCall;
      readonly message: VerifiedMessage;
    };

class RouteGuard implements Guard {
  readonly #guard: CompiledGuard;
  readonly #answer: ReturnType<typeof createAnswers>;
  readonly #replies: ReturnType<typeof createReplySecurity>;
  /** Of the guard's own answers about security contexts, which have a Timestamp at least. */
  readonly #ownReplies: ReturnType<typeof createReplySecurity>;
  readonly securesReplies: boolean;
  readonly maxReply: number;

  constructor(guard: CompiledGuard, options: GuardOptions) {
    this.#guard = guard;
    this.#answer = createAnswers({
      soap12SenderStatus: options.soap?.soap12SenderStatus ?? 400,
      preciseFaults: options.preciseFaults ?? false,
      realm: guard.origin,
      bearer: guard.bearer !== undefined,
    });
    this.#replies = createReplySecurity(options.reply, guard, {
      accept: options.accept,
      bootstrap: options.conversation?.bootstrap,
    });
    this.#ownReplies = this.#replies ?? createReplySecurity(guard.conversation && { timestamp: true }, guard);
    this.securesReplies = this.#replies !== undefined;
    this.maxReply = guard.limits.maxBody;
  }

  async admit(request: ServerRequest): Promise<Verdict> {
    const exchange = beginExchange(this.#guard.limits.deadlineMilliseconds);
    let verdict: Verdict;
    try {
      verdict = await this.#decide(request, exchange);
    } catch (error) {
      exchange.parts?.close();
      return this.#refusal(request, exchange, toCountersignError(error));
    }
    const { parts } = exchange;
    if (parts === undefined) return verdict;
    if (verdict.kind === "admitted") return { ...verdict, release: () => parts.close() };
    parts.close();
    return verdict;
  }

  async #decide(request: ServerRequest, exchange: Exchange): Promise<Verdict> {
    const { claims, clock, injector, recorder, reservations, validation } = this.#guard;
    checkHeaderLines(request.headers);
    const verified = await this.#verify(request, exchange);
    if (verified.kind === "anonymous") {
      if (recorder.records) await recorder.record(request, exchange, { outcome: "anonymous" });
      return {
        kind: "anonymous",
        id: exchange.id,
        inject: { strips: injector.strips, headers: [], body: verified.body },
      };
    }
    const { security } = verified;
    if (verified.kind === "admitted") requireClaims(claims, security.claims, security.principal);
    if (validation !== undefined) await validation.requireAll(tokensOf(verified), clock.now(), exchange.until);
    if (verified.kind === "call") return this.#answerCall(verified, request, exchange);
    const headers = injector.headersFor(security);
    if (verified.replay.length > 0) await reservations.reserve(verified.replay, exchange.until - performance.now());
    if (recorder.records) await recorder.record(request, exchange, admitted(security));
    return {
      kind: "admitted",
      id: exchange.id,
      inject: { strips: injector.strips, headers, body: verified.body },
      security,
    };
  }

  /** Does what was asked about a security context: reserved first, recorded before it is answered. */
  async #answerCall(
    { security, call, message }: Extract<Verified, { kind: "call" }>,
    request: ServerRequest,
    exchange: Exchange,
  ): Promise<Verdict> {
    const { clock, conversation, recorder, reservations } = this.#guard;
    const asked = readContextCall(call, message);
    if (conversation === undefined) refuse("ERR_INTERNAL", "a call about a context was read where there are none");
    if (call.replay.length > 0) await reservations.reserve(call.replay, exchange.until - performance.now());
    const { content, ...done } = await performContextCall(conversation, call, asked, clock.now());
    if (recorder.records) {
      // An amendment rests on its own token: what came of asking about that one must be in the record.
      const revocation = findingOf(call.amendment?.token ?? security.evidence.token);
      await recorder.record(request, exchange, { ...admitted(security), revocation, conversation: done });
    }
    const plain = contextReply(exchange, call.action, content);
    const reply = (await this.#ownReplies?.secure(security, plain)) ?? plain;
    return { kind: "answered", id: exchange.id, reply };
  }

  /** Chooses the binding by what the request presents. */
  async #verify(request: ServerRequest, exchange: Exchange): Promise<Verified> {
    const { bearer, alternatives, anonymous, attachments, clock, reservations } = this.#guard;
    if (bearer?.presents(request)) {
      if (bearer.reserves && reservations.outage) reservations.refuseOutage();
      const { token, alternative } = await bearer.verify(request, { now: clock.now(), until: exchange.until });
      const evidence: SecurityEvidence = { token, proof: "bearer", alternative, parts: new Map() };
      return { kind: "admitted", security: context(evidence, exchange), replay: token.replay, body: undefined };
    }
    if (alternatives.length > 0 && (bearer === undefined || declaresSoap(request.headers, attachments !== undefined))) {
      if (anonymous && !declaresSoap(request.headers, attachments !== undefined))
        return { kind: "anonymous", body: undefined };
      return this.#verifySoap(request, exchange);
    }
    if (anonymous) return { kind: "anonymous", body: undefined };
    refuse("ERR_TOKEN_MISSING", "the request presents no credential", {
      rule: "RFC 6750, 3",
      remedy: "Send Authorization: Bearer with a token from the route's issuer.",
    });
  }

  async #verifySoap(request: ServerRequest, exchange: Exchange): Promise<Verified> {
    const outcome = await verifySoap(this.#guard, request, exchange);
    if (!("accepted" in outcome)) {
      return { kind: "anonymous", body: { bytes: outcome.octets, contentType: outcome.contentType } };
    }
    const { accepted, message, contentType, encrypted, signatureValues, call } = outcome;
    const evidence: SecurityEvidence = {
      token: accepted.token,
      proof: accepted.proof,
      alternative: accepted.alternative,
      parts: accepted.coverage.parts,
      encrypted,
      possession: accepted.possession,
    };
    const security = context(evidence, exchange, accepted.requestor, message);
    const replies = call === undefined ? this.#replies : this.#ownReplies;
    replies?.remember(security, signatureValues, accepted);
    if (call !== undefined) return { kind: "call", security, call, message };
    return { kind: "admitted", security, replay: accepted.replay, body: new VerifiedBody(message, contentType) };
  }

  async #refusal(request: ServerRequest, exchange: Exchange, error: CountersignError): Promise<Verdict> {
    const { recorder } = this.#guard;
    let answered = error;
    try {
      if (recorder.records) {
        await recorder.record(request, exchange, { outcome: "refused", error: auditError(error) });
      }
    } catch (unrecorded) {
      answered = toCountersignError(unrecorded);
    }
    return { kind: "answered", id: exchange.id, reply: this.#answer(answered, exchange), error };
  }

  async secureReply(security: SecurityContext, reply: ServerReply): Promise<ServerReply> {
    return this.#replies === undefined ? reply : this.#replies.secure(security, reply);
  }

  failure(): ServerReply {
    const error = new CountersignError("ERR_INTERNAL", { reason: "a defect" });
    return this.#answer(error, { id: randomUuid(), soap: undefined });
  }

  async close(): Promise<void> {
    await this.#guard.workers.close();
  }
}

/** What the handler gets in place of the body: the verified message, written only when it is read. */
class VerifiedBody {
  readonly contentType: string;
  readonly #message: VerifiedMessage;

  constructor(message: VerifiedMessage, contentType: string) {
    this.#message = message;
    this.contentType = contentType;
  }

  get bytes(): Uint8Array {
    return this.#message.envelope;
  }
}

function context(
  evidence: SecurityEvidence,
  { id }: Exchange,
  requestor?: Principal,
  message?: VerifiedMessage,
): SecurityContext {
  const { principal, claims, issuer } = evidence.token;
  return { principal, claims, issuer, evidence, id, requestor, message };
}

function admitted({
  principal,
  requestor,
  issuer,
  evidence,
}: SecurityContext): Pick<AuditEvent, "outcome"> & Partial<AuditEvent> {
  const { token, proof, alternative, encrypted } = evidence;
  return {
    outcome: "admitted",
    principal: auditText(principal.name),
    requestor: requestor && auditText(requestor.name),
    issuer: auditText(issuer),
    token: { kind: token.kind, digest: token.digest, id: token.id && auditText(token.id) },
    proof,
    revocation: findingOf(token),
    alternative,
    encrypted: encrypted?.size ? [...encrypted].map(auditText) : undefined,
  };
}

/** Everything that a decision rests on: an amendment of a context has a token of its own. */
function tokensOf(verified: Extract<Verified, { security: SecurityContext }>): readonly ValidatedToken[] {
  const { token } = verified.security.evidence;
  const amendment = verified.kind === "call" ? verified.call.amendment : undefined;
  return amendment === undefined ? [token] : [token, amendment.token];
}

function findingOf({ revocation }: ValidatedToken): AuditEvent["revocation"] {
  return revocation && { ...revocation, reason: revocation.reason && auditText(revocation.reason) };
}

/** Anything that is not a refusal is a defect, and fails closed. */
export function toCountersignError(error: unknown): CountersignError {
  if (isCountersignError(error)) return error;
  return new CountersignError("ERR_INTERNAL", {
    reason: "the verification failed with an unexpected error",
    cause: error,
  });
}
