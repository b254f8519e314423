import type { ErrorCode, Place } from "../errors/index.js";
import type { XmlLimits, XmlTransfer } from "../xml/index.js";
import type { DigestRequest } from "./digest-request.js";

/** What the pool asks a worker. One document at a time: `scan` first, then digests, then `release`. */
export type WorkerRequest =
  /** `bytes` is shared by both sides and known to nobody else. */
  | {
      readonly kind: "scan";
      readonly id: number;
      readonly bytes: SharedArrayBuffer;
      readonly limits: XmlLimits | undefined;
    }
  | { readonly kind: "digest"; readonly id: number; readonly request: DigestRequest; readonly algorithm: string }
  | { readonly kind: "release" };

/** What a worker answers; `id` is the request's. */
export type WorkerAnswer =
  | { readonly kind: "scanned"; readonly id: number; readonly transfer: XmlTransfer }
  | { readonly kind: "digested"; readonly id: number; readonly value: Uint8Array | undefined }
  | { readonly kind: "refused"; readonly id: number; readonly refusal: Refusal }
  | { readonly kind: "failed"; readonly id: number; readonly reason: string };

/** A refusal of the worker, as it crosses the thread. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly place: Place | undefined;
  readonly rule: string | undefined;
  readonly remedy: string | undefined;
}
