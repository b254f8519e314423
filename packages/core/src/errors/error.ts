import { type ErrorCode, type ErrorFamily, errorTable } from "./table.js";

/** Where in a message something stands: lines and columns count from 1, columns in characters; `path` names the elements. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** For example `/soap:Envelope/soap:Header/wsse:Security/ds:Signature[2]`. */
  readonly path: string;
}

/** The audit view of an error: exact, and never sent to a caller. */
export interface ErrorDetail {
  /** One sentence for the developer: what was found, and what was expected. Holds no secret. */
  readonly reason: string;
  /** The message place, computed when read (it costs a walk over the message). */
  readonly place?: (() => Place) | undefined;
  /** The rule broken: a Basic Security Profile id, a section of a standard, or an option path. */
  readonly rule?: string | undefined;
  /** What to change so that the message or configuration becomes acceptable. */
  readonly remedy?: string | undefined;
  /** What was thrown underneath. */
  readonly cause?: unknown;
}

const marker = Symbol.for("countersign.error");

/**
 * Every refusal of Countersign. `message` is a sentence that may be published; the exact reason is in `detail`, which is
 * not enumerable and belongs in the audit record only. Recognise one with {@link isCountersignError}, which also works
 * across two copies of the package.
 */
export class CountersignError extends Error {
  override readonly name = "CountersignError";
  readonly code: ErrorCode;
  readonly family: ErrorFamily;
  /** HTTP status for a route without SOAP. */
  readonly status: number;
  /** Koa and Fastify look at this: the message is never shown by a framework's own error page. */
  readonly expose = false;
  /** The audit view. */
  declare readonly detail: ErrorDetail;

  constructor(code: ErrorCode, detail: ErrorDetail) {
    super(errorTable[code].sentence, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.family = errorTable[code].family;
    this.status = errorTable[code].status;
    Object.defineProperty(this, "detail", { value: detail, enumerable: false });
    Object.defineProperty(this, marker, { value: true, enumerable: false });
  }

  /** The same refusal with another detail. Kinds of refusals that say more than their code keep that. */
  withDetail(detail: ErrorDetail): CountersignError {
    return new CountersignError(this.code, detail);
  }
}

/** Whether `value` is a {@link CountersignError}, of this or of another copy of the package. */
export function isCountersignError(value: unknown): value is CountersignError {
  return typeof value === "object" && value !== null && (value as { [marker]?: unknown })[marker] === true;
}

/**
 * Whether `error` refuses what was sent, so that another alternative, certificate or signature may still be tried. An outage
 * and a defect refuse nothing and decide at once: trying on could turn them into a refusal or, worse, an acceptance.
 */
export function isRefusal(error: unknown): error is CountersignError {
  return isCountersignError(error) && error.family !== "upstream" && error.family !== "internal";
}

/** Whether `error` is an outage already, so that saying so again would only hide what is out. */
export function isOutage(error: unknown): error is CountersignError {
  return isCountersignError(error) && error.family === "upstream";
}

/** Throws a {@link CountersignError}: the one way in which Countersign refuses. */
export function refuse(code: ErrorCode, reason: string, more: Omit<ErrorDetail, "reason"> = {}): never {
  throw new CountersignError(code, { reason, ...more });
}

/**
 * The refusal with a place, and a remedy, where it has none: what a layer finds that does not see the message still stands
 * somewhere in it.
 */
export function placed(error: CountersignError, place: () => Place, remedy?: string): CountersignError {
  const { detail } = error;
  if (detail.place !== undefined) return error;
  return error.withDetail({ ...detail, place, remedy: detail.remedy ?? remedy });
}

/** A configuration mistake: found at start, naming the option and the remedy. Extends `TypeError`, as Node's own argument errors do. */
export class ConfigurationError extends TypeError {
  override readonly name = "ConfigurationError";
  readonly code: "ERR_CONFIG_INVALID" | "ERR_CONFIG_INSECURE";
  /** The path of the option, for example `accept[1].audience`. */
  readonly option: string;
  readonly remedy: string;

  constructor(code: ConfigurationError["code"], option: string, reason: string, remedy: string) {
    super(`${option}: ${reason} ${remedy}`);
    this.code = code;
    this.option = option;
    this.remedy = remedy;
  }
}
