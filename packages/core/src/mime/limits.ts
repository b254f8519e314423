/** Bounds on the parts of one multipart message. */
export interface MimeLimits {
  /** Octets of all attachments of one message together. Default 16 MiB, at most 1 GiB. */
  readonly maxAttachments: number;
  /** Parts of one multipart message, the SOAP part included. Default 50. */
  readonly maxParts: number;
  /** Headers of one part. Default 16. */
  readonly maxPartHeaders: number;
  /** Octets of one header line of a part. Default 1,000. */
  readonly maxPartHeader: number;
}

/** The defaults of {@link MimeLimits}. */
export const defaultMimeLimits: MimeLimits = Object.freeze({
  maxAttachments: 16 << 20,
  maxParts: 50,
  maxPartHeaders: 16,
  maxPartHeader: 1_000,
});
