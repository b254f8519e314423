import { defaultXmlLimits, type XmlLimits } from "../xml/index.js";

/** Work bounds of one message: refused before it costs anything. Raising one is explicit; none can be switched off. */
export interface MessageLimits extends XmlLimits {
  /** Octets of a request body. Default 1 MiB, at most 16 MiB. */
  readonly maxBody: number;
  /** Octets from which a body is scanned and digested in a worker thread. Default 512 KiB. */
  readonly workerThreshold: number;
  /**
   * Milliseconds for a verification, counted from when the whole request is here: callbacks, replay cache and the work of a
   * worker thread included. A mandatory audit sink has as long again. Default 5,000.
   */
  readonly deadlineMilliseconds: number;
}

/** The defaults. */
export const defaultLimits: MessageLimits = Object.freeze({
  ...defaultXmlLimits,
  maxBody: 1 << 20,
  workerThreshold: 1 << 19,
  deadlineMilliseconds: 5_000,
});

const ceiling = { maxBody: 16 << 20, workerThreshold: 16 << 20, deadlineMilliseconds: 60_000, maxDepth: 1_000 };

/** The highest value that each limit may be raised to: ten times its default, where nothing else is named. */
export const limitBounds: Readonly<Record<keyof MessageLimits, number>> = Object.freeze({
  ...(Object.fromEntries(Object.entries(defaultLimits).map(([name, value]) => [name, value * 10])) as Record<
    keyof MessageLimits,
    number
  >),
  ...ceiling,
});
