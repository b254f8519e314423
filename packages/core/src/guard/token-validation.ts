import { LRUCache } from "lru-cache";
import { ConfigurationError, CountersignError, isCountersignError, isOutage, refuse } from "../errors/index.js";
import type { ValidatedToken } from "../identity/index.js";
import type { Alternative, PresentedToken, TokenStatusSource } from "../policy/index.js";
import { withinDeadline } from "../time/index.js";
import type { GuardOptions } from "./options.js";

/** The kinds of token that have an issuer who can be asked. */
const kinds: ReadonlySet<string> = new Set(["saml2", "saml11", "jwt"]);

const defaultSeconds = 60;
const maxAnswers = 10_000;

/** A good answer, and the span in which it counts; milliseconds since 1970. */
interface Answer {
  readonly from: number;
  readonly until: number;
}

/**
 * Asks about tokens that were found right here. Good answers count for a while, and never longer than the token lives; bad ones
 * are not kept. What is kept is only that somebody was asked: the token itself is verified every time.
 */
export class TokenValidation {
  readonly #source: TokenStatusSource;
  readonly #milliseconds: number;
  readonly #answers = new LRUCache<string, Answer>({ max: maxAnswers });
  readonly #pending = new Map<string, Promise<unknown>>();

  constructor(source: TokenStatusSource, revalidateAfterSeconds = defaultSeconds) {
    this.#source = source;
    this.#milliseconds = revalidateAfterSeconds * 1000;
  }

  /**
   * @param now Milliseconds since 1970.
   * @param until Monotonic milliseconds by which answers must have come.
   * @throws ERR_TOKEN_REVOKED for a token that is not good any more; ERR_UNAVAILABLE, ERR_STS_UNREACHABLE and other upstream codes
   * where that cannot be told
   */
  async requireAll(tokens: readonly ValidatedToken[], now: number, until: number): Promise<void> {
    for (const token of tokens) await this.#require(token, now, until - performance.now());
  }

  async #require(token: ValidatedToken, now: number, left: number): Promise<void> {
    const { kind, text, issuer, id, expires = now } = token;
    if (text === undefined || !kinds.has(kind)) return;
    const key = `${kind}:${token.digest}`;
    const known = this.#answers.get(key);
    if (known !== undefined && known.from <= now && now < known.until) return;
    const presented = { kind: kind as PresentedToken["kind"], issuer, id, text };
    const status = await withinDeadline(this.#ask(key, presented), left, "validation.by");
    if (status !== "valid") {
      this.#answers.delete(key);
      refuse("ERR_TOKEN_REVOKED", "whoever was asked about the token says that it is not good any more", {
        rule: "validation.by",
        remedy: "Get a new token; look at what the broker recorded of this one.",
      });
    }
    const until = Math.min(now + this.#milliseconds, expires);
    if (until > now) this.#answers.set(key, { from: now, until });
  }

  /** One question at a time about one token. */
  #ask(key: string, token: PresentedToken): Promise<unknown> {
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;
    const asked = this.#statusOf(token).finally(() => this.#pending.delete(key));
    this.#pending.set(key, asked);
    return asked;
  }

  async #statusOf(token: PresentedToken): Promise<unknown> {
    try {
      return await this.#source.statusOf(token);
    } catch (cause) {
      if (isOutage(cause)) throw cause;
      throw new CountersignError("ERR_UNAVAILABLE", {
        reason: `nobody could tell whether the token is good: ${isCountersignError(cause) ? cause.detail.reason : "the source failed"}`,
        rule: "validation.by",
        cause,
      });
    }
  }
}

/** @throws ConfigurationError where the route takes no token that anybody could be asked about */
export function compileValidation(
  options: GuardOptions["validation"],
  ways: readonly Alternative[],
): TokenValidation | undefined {
  if (options === undefined) return undefined;
  if (!ways.some(({ kind }) => kinds.has(kind))) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "validation",
      "This route takes no token that has an issuer who could be asked.",
      "Accept saml2(...), saml11(...) or jwt(...), or remove it.",
    );
  }
  return new TokenValidation(options.by, options.revalidateAfterSeconds);
}
