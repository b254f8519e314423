import type { XmlDocument } from "../xml/index.js";
import { defaultEncryptionLimits, type EncryptionLimits } from "./encryption-limits.js";
import { refuseShape } from "./refusals.js";

/**
 * What decryption of one message may cost, counted over all its EncryptedKeys and EncryptedData, those that appear by
 * decryption included. One per message.
 */
export class DecryptionBudget {
  readonly limits: EncryptionLimits;
  readonly #seen = new WeakMap<XmlDocument, Set<number>>();
  #keys = 0;
  #data = 0;
  #octets = 0;

  constructor(limits: EncryptionLimits = defaultEncryptionLimits) {
    this.limits = limits;
  }

  /**
   * Counts one key operation, before it is done.
   * @throws ERR_WSS_INVALID_SECURITY where it is one too many.
   */
  spendKey(doc: XmlDocument, element: number): void {
    if (++this.#keys > this.limits.maxEncryptedKeys) {
      refuseShape(doc, element, `there are more than ${this.limits.maxEncryptedKeys} encrypted keys to open`);
    }
  }

  /**
   * Counts one EncryptedData, before it is decrypted. Its plaintext is never longer than its CipherValue.
   * @throws ERR_WSS_INVALID_SECURITY where it is one too many, was decrypted before, or passes the limit of octets.
   */
  spendData(doc: XmlDocument, element: number, octets: number): void {
    let seen = this.#seen.get(doc);
    if (seen === undefined) {
      seen = new Set();
      this.#seen.set(doc, seen);
    }
    if (seen.has(element)) refuseShape(doc, element, "the same EncryptedData is decrypted twice");
    seen.add(element);
    if (++this.#data > this.limits.maxEncryptedData) {
      refuseShape(doc, element, `there are more than ${this.limits.maxEncryptedData} EncryptedData`);
    }
    this.#octets += octets;
    if (this.#octets > this.limits.maxDecryptedOctets) {
      refuseShape(doc, element, `more than ${this.limits.maxDecryptedOctets} octets are to be decrypted`);
    }
  }
}
