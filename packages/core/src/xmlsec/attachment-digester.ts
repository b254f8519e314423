import type { DigestAlgorithm } from "../crypto/index.js";

/** How much of an attachment a Reference covers: its content, or its MIME headers too (SwA Profile 1.1 section 5.3). */
export type AttachmentCoverage = "content" | "complete";

/** Digests attachments, which are not in the document. */
export interface AttachmentDigester {
  /**
   * The digest of an attachment in canonical form; undefined where the message has none of that Content-ID. It is asked
   * for only once the SignatureValue holds and every part inside the document is as it was signed.
   */
  digest(id: string, coverage: AttachmentCoverage, algorithm: DigestAlgorithm): Promise<Buffer | undefined>;
}
