import type { XmlLimits } from "../xml/index.js";

/** Work bounds of one message: threats are refused before they cost anything. Raising one is explicit; none can be switched off. */
export interface MessageLimits extends XmlLimits {
  /** Octets of a request body. Default 1 MiB, at most 16 MiB. */
  readonly maxBody: number;
  /** Octets from which a body is scanned and digested in a worker thread. Default 512 KiB. */
  readonly workerThreshold: number;
  /** Milliseconds for a whole verification, callbacks included. Default 5,000. */
  readonly deadlineMilliseconds: number;
}
