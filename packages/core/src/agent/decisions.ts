import { LRUCache } from "lru-cache";
import { sha256Hex } from "../crypto/index.js";
import { isCountersignError, isOutage, refuse } from "../errors/index.js";
import type {
  AuthenticationRequest,
  AuthenticationResult,
  AuthorizationRequest,
  AuthorizationResult,
  DecisionPoint,
  ResourceProtection,
  ResourceQuery,
  SessionResult,
} from "../identity/index.js";
import { withinDeadline } from "../time/index.js";

/** For how long an outage is taken as known before the policy server is asked again, in milliseconds. */
const outageMemory = 1_000;

/** What is remembered of a session, and until when, in milliseconds since 1970. */
interface Remembered<T> {
  readonly answer: T;
  readonly until: number;
}

/** The policy server as an agent asks it: bounded in time, its failures outages, its answers about sessions cached where that was asked for. */
export class Decisions {
  readonly #point: DecisionPoint;
  readonly #clock: { now(): number };
  readonly #sessions: LRUCache<string, Remembered<Extract<SessionResult, { outcome: "valid" }>>> | undefined;
  readonly #permissions:
    | LRUCache<string, Remembered<Extract<AuthorizationResult, { outcome: "permitted" }>>>
    | undefined;
  readonly #milliseconds: number;
  #outageUntil = 0;

  constructor(
    point: DecisionPoint,
    clock: { now(): number },
    cache: { readonly seconds: number; readonly entries?: number | undefined } | undefined,
  ) {
    this.#point = point;
    this.#clock = clock;
    this.#milliseconds = (cache?.seconds ?? 0) * 1_000;
    const max = cache?.entries ?? 10_000;
    this.#sessions = this.#milliseconds === 0 ? undefined : new LRUCache({ max });
    this.#permissions = this.#milliseconds === 0 ? undefined : new LRUCache({ max });
  }

  /**
   * Refuses while the policy server is known to be out, before credentials are looked at: a 503 that only good ones get
   * would tell that they are good.
   * @throws ERR_UNAVAILABLE
   */
  requireUp(): void {
    if (this.#outageUntil !== 0 && performance.now() < this.#outageUntil) {
      refuse("ERR_UNAVAILABLE", "the policy server could not answer a moment ago", unavailable);
    }
  }

  isProtected(resource: ResourceQuery, until: number): Promise<ResourceProtection> {
    // It may be answered from configuration alone: that says nothing about what the other questions depend on.
    return this.#ask("isProtected", () => this.#point.isProtected(resource), until, false);
  }

  authenticate(request: AuthenticationRequest, until: number): Promise<AuthenticationResult> {
    return this.#ask("authenticate", () => this.#point.authenticate(request), until);
  }

  async authorize(request: AuthorizationRequest, until: number): Promise<AuthorizationResult> {
    const key = this.#permissions && keyOf(request.ticket, request.resource, request.realm, request.variables);
    const known = key === undefined ? undefined : this.#recall(this.#permissions, key);
    if (known !== undefined) return known;
    const answer = await this.#ask("authorize", () => this.#point.authorize(request), until);
    if (key !== undefined && answer.outcome === "permitted") {
      this.#permissions?.set(key, { answer, until: this.#clock.now() + this.#milliseconds });
    }
    return answer;
  }

  async validateSession(ticket: string, resource: ResourceQuery, until: number): Promise<SessionResult> {
    const key = this.#sessions && keyOf(ticket, resource);
    const known = key === undefined ? undefined : this.#recall(this.#sessions, key);
    if (known !== undefined) return known;
    const answer = await this.#ask("validateSession", () => this.#point.validateSession(ticket, resource), until);
    if (key !== undefined && answer.outcome === "valid") {
      const { created, lastAccess, idleSeconds, maxSeconds } = answer.session;
      // By half of its idle time the policy server must hear of it, or a session in use would count as idle.
      const end = Math.min(created + maxSeconds * 1_000, lastAccess + idleSeconds * 500);
      this.#sessions?.set(key, { answer, until: Math.min(end, this.#clock.now() + this.#milliseconds) });
    }
    return answer;
  }

  /** Ends a session that leads nowhere: nobody waits for it, and where it fails the session ends by itself. */
  forget(ticket: string): void {
    this.#point.logOut(ticket).catch(() => undefined);
  }

  #recall<T>(cache: LRUCache<string, Remembered<T>> | undefined, key: string): T | undefined {
    const found = cache?.get(key);
    if (found === undefined) return undefined;
    if (this.#clock.now() < found.until) return found.answer;
    cache?.delete(key);
    return undefined;
  }

  async #ask<T>(what: string, question: () => Promise<T>, until: number, proves = true): Promise<T> {
    try {
      const answer = await withinDeadline(question(), until - performance.now(), `the policy server (${what})`);
      if (proves) this.#outageUntil = 0;
      return answer;
    } catch (cause) {
      // What fails for one name or one user must not shut out the others: only what every question needs is remembered.
      if (isCountersignError(cause) && isOutage(cause) && cause.detail.rule === "sessions.store") {
        this.#outageUntil = performance.now() + outageMemory;
      }
      if (isCountersignError(cause)) throw cause;
      refuse("ERR_UNAVAILABLE", `the policy server failed (${what})`, { ...unavailable, cause });
    }
  }
}

const unavailable = { rule: "agent.decisionPoint", remedy: "Look at the policy server and what it depends on." };

function keyOf(ticket: string, { agent, path, method, operation }: ResourceQuery, ...more: readonly unknown[]): string {
  return sha256Hex(Buffer.from(JSON.stringify([ticket, agent, path, method, operation, ...more])));
}
