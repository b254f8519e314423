import type { Certificate, ValidatedPath } from "../crypto/index.js";
import { isCountersignError, refuse } from "../errors/index.js";
import type { RevocationFinding } from "../identity/index.js";
import { withinDeadline } from "../time/index.js";
import { AnswerCache } from "./answer-cache.js";
import { ListSigners } from "./list-signers.js";
import { type FetchedList, ListSource } from "./list-source.js";
import type { RevocationOptions } from "./options.js";
import { SourceRequests } from "./request.js";
import { type FetchedStatus, ResponderSource } from "./responder-source.js";
import { checkTogether, loadLists, loadSigners } from "./settings.js";
import { type CertificateStatus, isSettled, type StatusQuestion } from "./status.js";

/** Tells whether validated certificates were revoked since they were issued. */
export interface RevocationCheck {
  /**
   * Asks for every certificate of a validated path but the authority that ends it.
   * @param now Milliseconds since 1970.
   * @param until Monotonic milliseconds by which there must be an answer.
   * @throws ERR_TOKEN_REVOKED for a revoked certificate
   * @throws ERR_WSS_INVALID_TOKEN for one that its responder does not know, or for which there is nobody to ask
   * @throws ERR_UNAVAILABLE where whom there is to ask gives no answer that can be used
   */
  require(path: ValidatedPath, now: number, until: number): Promise<RevocationFinding>;
}

/** Inner settings, for tests. */
export interface RevocationTimings {
  /** Least milliseconds between two attempts after one that failed. */
  readonly coolDown?: number | undefined;
  /** A clock that never steps back, in milliseconds. */
  readonly elapsed?: (() => number) | undefined;
}

/**
 * Makes a {@link RevocationCheck}; all configuration is checked here.
 * @param skew Milliseconds allowed in comparisons of times.
 * @param option Path of the options, for errors.
 * @throws ConfigurationError
 */
export function createRevocationCheck(
  options: RevocationOptions,
  skew: number,
  option: string,
  timings: RevocationTimings = {},
): RevocationCheck {
  checkTogether(options, option);
  const { mode, crls, signers, fetch, softFail = false } = options;
  const maxAge = (fetch?.maxAgeSeconds ?? 3600) * 1000;
  const shared = {
    origins: new Set(fetch?.allow),
    requests: new SourceRequests(fetch?.timeoutMilliseconds ?? 2000),
    skew,
  };
  const kept = { maxAge, ...timings };
  const lists =
    mode === "ocsp"
      ? undefined
      : new ListSource({
          ...shared,
          lists: loadLists(crls, `${option}.crls`),
          signers: new ListSigners(loadSigners(signers, `${option}.signers`), skew),
          cache: new AnswerCache<FetchedList>(kept),
        });
  const responders =
    mode === "crl"
      ? undefined
      : new ResponderSource({
          ...shared,
          cache: new AnswerCache<FetchedStatus>(kept),
          nonce: fetch?.nonce ?? false,
          maxAge,
          statusOfResponder: lists && ((question) => lists.ask(question)),
        });
  return new SourcesCheck(lists, responders, softFail);
}

class SourcesCheck implements RevocationCheck {
  readonly #lists: ListSource | undefined;
  readonly #responders: ResponderSource | undefined;
  readonly #softFail: boolean;

  constructor(lists: ListSource | undefined, responders: ResponderSource | undefined, softFail: boolean) {
    this.#lists = lists;
    this.#responders = responders;
    this.#softFail = softFail;
  }

  async require({ path, pinned }: ValidatedPath, now: number, until: number): Promise<RevocationFinding> {
    if (pinned) return { status: "listed" };
    const asked = path.flatMap((certificate, index) => {
      const [issuer, ...above] = path.slice(index + 1);
      if (issuer === undefined) return [];
      const question: StatusQuestion = { certificate, issuers: [issuer, ...above], now };
      return [this.#atHand(question) ?? this.#withinDeadline(question, until)];
    });
    const statuses = (await Promise.all(asked)).map((status, index) => ({ status, of: path[index] as Certificate }));
    // What is known for certain comes first: nothing that is out hides it.
    for (const { status, of } of statuses) requireNotRefused(status, of);
    for (const { status, of } of statuses) {
      if (status.kind !== "unasked" && status.kind !== "unavailable") continue;
      const reason = `nobody can tell whether the certificate of ${of.subject} was revoked: ${status.reason}`;
      if (this.#softFail) return { status: "undetermined", reason };
      refuseUndetermined(status, reason);
    }
    return { status: "good" };
  }

  async #withinDeadline(question: StatusQuestion, until: number): Promise<CertificateStatus> {
    try {
      return await withinDeadline(this.#ask(question), until - performance.now(), "the revocation source");
    } catch (cause) {
      if (!isCountersignError(cause) || cause.code !== "ERR_UNAVAILABLE") throw cause;
      return { kind: "unavailable", reason: cause.detail.reason };
    }
  }

  /** What is known without asking anybody. What was revoked stays so, whatever another source says. */
  #atHand(question: StatusQuestion): CertificateStatus | undefined {
    const listed = this.#lists?.atHand(question);
    const told = this.#responders?.atHand(question);
    if (told === undefined || told.kind === "revoked") return told ?? listed;
    return listed ?? (this.#lists === undefined || isSettled(told) ? told : undefined);
  }

  async #ask(question: StatusQuestion): Promise<CertificateStatus> {
    const lists = this.#lists;
    const responders = this.#responders;
    const told = await responders?.ask(question);
    if (told !== undefined && (lists === undefined || isSettled(told))) return told;
    const listed = await lists?.ask(question);
    if (listed !== undefined && (told === undefined || isSettled(listed))) return listed;
    // Neither settles it: what the responder said about the certificate itself weighs most, then an outage.
    const open = [told, listed].filter((one) => one !== undefined);
    const found = open.find(({ kind }) => kind === "unknown") ?? open.find(({ kind }) => kind === "unavailable");
    return found ?? open[0] ?? { kind: "unasked", reason: "no source is configured" };
  }
}

function requireNotRefused(status: CertificateStatus, { subject }: Certificate): void {
  if (status.kind === "revoked") {
    const when = new Date(status.at).toISOString();
    refuse("ERR_TOKEN_REVOKED", `the certificate of ${subject} was revoked at ${when} (${status.reason})`, {
      rule: "RFC 5280 section 6.3",
      remedy: "Use a certificate that was not revoked.",
    });
  }
  if (status.kind === "unknown") {
    refuse("ERR_WSS_INVALID_TOKEN", `the responder does not know the certificate of ${subject}`, {
      rule: "RFC 6960 section 2.2",
      remedy: "Use a certificate that its authority has on record.",
    });
  }
}

function refuseUndetermined(status: CertificateStatus, reason: string): never {
  if (status.kind === "unavailable") {
    refuse("ERR_UNAVAILABLE", reason, {
      rule: "trust.revocation",
      remedy: "Look at the cause: the source must give a current answer, signed for the issuer, within the time-out.",
      cause: status.cause,
    });
  }
  refuse("ERR_WSS_INVALID_TOKEN", reason, {
    rule: "trust.revocation",
    remedy: "Give a list of its issuer in trust.revocation.crls, or allow the origin that the certificate names.",
  });
}
