import { defaultMimeLimits, type MimeLimits } from "../mime/index.js";
import { defaultXmlLimits, type XmlLimits } from "../xml/index.js";

/** Work bounds of one message: refused before it costs anything. Raising one is explicit; none can be switched off. */
export interface MessageLimits extends XmlLimits, MimeLimits {
  /** Octets of a request body, or of the SOAP part of one in parts. Default 1 MiB, at most 16 MiB. */
  readonly maxBody: number;
  /** Octets from which a body is scanned and digested in a worker thread. Default 512 KiB. */
  readonly workerThreshold: number;
  /**
   * Octets up to which an attachment that an `xop:Include` stands for is put into the message. Larger ones stay attachments.
   * Default 64 KiB.
   */
  readonly maxInlined: number;
  /**
   * Octets of a message with encrypted parts: it is worked on in the thread that took it, about 0.1 s for each MiB. Default
   * 1 MiB, at most 16 MiB.
   */
  readonly maxEncryptedMessage: number;
  /**
   * Milliseconds for a verification, counted from when the whole request is here: callbacks, replay cache and the work of a
   * worker thread included. A mandatory audit sink has as long again. Default 5,000.
   */
  readonly deadlineMilliseconds: number;
}

/** The defaults. */
export const defaultLimits: MessageLimits = Object.freeze({
  ...defaultXmlLimits,
  ...defaultMimeLimits,
  maxBody: 1 << 20,
  workerThreshold: 1 << 19,
  maxInlined: 1 << 16,
  maxEncryptedMessage: 1 << 20,
  deadlineMilliseconds: 5_000,
});

const ceiling = {
  maxBody: 16 << 20,
  maxAttachments: 1 << 30,
  workerThreshold: 16 << 20,
  maxEncryptedMessage: 16 << 20,
  deadlineMilliseconds: 60_000,
  maxDepth: 1_000,
};

/** The highest value that each limit may be raised to: ten times its default, where nothing else is named. */
export const limitBounds: Readonly<Record<keyof MessageLimits, number>> = Object.freeze({
  ...(Object.fromEntries(Object.entries(defaultLimits).map(([name, value]) => [name, value * 10])) as Record<
    keyof MessageLimits,
    number
  >),
  ...ceiling,
});
