import { type KeyRing, randomOctets } from "../crypto/index.js";
import { isCountersignError, isRefusal, refuse } from "../errors/index.js";
import type { AuthenticatedSubject, SessionInfo } from "../identity/index.js";
import { InMemorySessionStore, type NoSession, type SessionStore, type StoredSession } from "../state/index.js";
import { type Clock, withinDeadline } from "../time/index.js";
import { openTicket, sealTicket } from "../tokens/ticket/index.js";
import type { SessionOptions } from "./options.js";

/** A session and whom it is about. */
export interface OpenSession {
  readonly session: SessionInfo;
  readonly subject: AuthenticatedSubject;
}

/** Why a ticket opens no session. */
export type SessionFault = { readonly why: "invalid" | "expired" | "revoked"; readonly reason: string };

/** What of a subject is kept with its session, as JSON. */
interface SubjectRecord {
  readonly directory: string;
  readonly publicKey?: string | undefined;
  readonly certificate?: string | undefined;
}

/** Most octets of a certificate that is kept with a session; of a longer one only the key is. */
const maxKeptCertificate = 8_192;

/** By how much the clocks of the nodes that share sessions may differ, in milliseconds. */
const skew = 60_000;

/** The sessions of a policy server: kept in its store, opened by sealed tickets. */
export class Sessions {
  readonly #keys: KeyRing;
  readonly #store: SessionStore;
  readonly #own: boolean;
  readonly #idleSeconds: number;
  readonly #maxSeconds: number;
  readonly #tenant: string;
  readonly #milliseconds: number;
  readonly #clock: Clock;

  constructor(options: SessionOptions, tenant: string, clock: Clock, milliseconds: number) {
    this.#keys = options.keys;
    this.#own = options.store === undefined;
    this.#store = options.store ?? new InMemorySessionStore({ clock });
    this.#idleSeconds = options.idleSeconds ?? 1_800;
    this.#maxSeconds = options.maxSeconds ?? 28_800;
    this.#tenant = tenant;
    this.#milliseconds = milliseconds;
    this.#clock = clock;
  }

  /**
   * Begins a session.
   * @returns undefined where the user has as many sessions as one may have
   * @throws ERR_UNAVAILABLE
   */
  async begin(subject: AuthenticatedSubject): Promise<(OpenSession & { readonly ticket: string }) | undefined> {
    const id = Buffer.from(randomOctets(24)).toString("base64url");
    const kept = await this.#ask((store) =>
      store.create({
        id,
        user: subject.name,
        idleSeconds: this.#idleSeconds,
        maxSeconds: this.#maxSeconds,
        level: subject.level,
        data: JSON.stringify(recordOf(subject)),
      }),
    );
    if (kept === "unavailable") refuseOutage();
    if (kept === "refused") return undefined;
    const lifetime = { created: kept.created, expires: kept.created + kept.maxSeconds * 1_000 };
    const ticket = sealTicket({ session: id, lifetime, level: kept.level }, this.#keys, this.#tenant);
    return { ...opened(kept), ticket };
  }

  /**
   * The session that a ticket opens; counts as its use.
   * @throws ERR_UNAVAILABLE
   */
  async use(ticket: string): Promise<OpenSession | SessionFault> {
    const id = this.#idOf(ticket);
    if (typeof id !== "string") return id;
    const found = await this.#ask((store) => store.touch(id));
    return typeof found === "string" ? fault(found) : opened(found);
  }

  /**
   * Ends the session that a ticket opens, if it opens one.
   * @throws ERR_UNAVAILABLE
   */
  async end(ticket: string): Promise<void> {
    const id = this.#idOf(ticket);
    if (typeof id !== "string") return;
    if ((await this.#ask((store) => store.revoke(id))) === "unavailable") refuseOutage();
  }

  async close(): Promise<void> {
    if (this.#own) await this.#store.close?.();
  }

  #idOf(ticket: string): string | SessionFault {
    try {
      return openTicket(ticket, this.#keys, this.#tenant, { now: this.#clock.now(), skew }).session;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const why = error.code === "ERR_SESSION_EXPIRED" ? "expired" : "invalid";
      return { why, reason: error.detail.reason };
    }
  }

  async #ask<T>(question: (store: SessionStore) => T | Promise<T>): Promise<T> {
    try {
      return await withinDeadline(question(this.#store), this.#milliseconds, "the session store");
    } catch (cause) {
      if (isCountersignError(cause)) throw cause;
      refuseOutage(cause);
    }
  }
}

function fault(found: NoSession): SessionFault {
  switch (found) {
    case "unavailable":
      return refuseOutage();
    case "unknown":
      return { why: "expired", reason: "the session is not known any more" };
    case "expired":
      return { why: "expired", reason: "the session has expired" };
    case "revoked":
      return { why: "revoked", reason: "the session was ended" };
  }
}

function recordOf({ directory, publicKey, certificate }: AuthenticatedSubject): SubjectRecord {
  const base64 = (octets: Uint8Array | undefined) => octets && Buffer.from(octets).toString("base64");
  const kept = certificate !== undefined && certificate.length <= maxKeptCertificate ? certificate : undefined;
  return { directory, publicKey: base64(publicKey), certificate: base64(kept) };
}

function opened({ id, user, created, lastAccess, idleSeconds, maxSeconds, level, data }: StoredSession): OpenSession {
  const { directory, publicKey, certificate } = JSON.parse(data ?? "{}") as SubjectRecord;
  const octets = (base64: string | undefined) => (base64 === undefined ? undefined : Buffer.from(base64, "base64"));
  return {
    session: { id, user, directory, created, lastAccess, idleSeconds, maxSeconds, level },
    subject: { name: user, directory, level, certificate: octets(certificate), publicKey: octets(publicKey) },
  };
}

function refuseOutage(cause?: unknown): never {
  refuse("ERR_UNAVAILABLE", "the session store cannot answer", { rule: "sessions.store", cause });
}
