import { scan, type XmlDocument, type XmlLimits } from "../xml/index.js";
import { insert } from "./splice.js";

/** Cipher text and what is put in its place. */
export interface Replacement {
  /** The element that is replaced: an EncryptedData, or the EncryptedHeader or EncryptedAssertion around it. */
  readonly element: number;
  readonly plaintext: Buffer;
  /** Whether the plaintext is one element, which then stands where `element` stood. */
  readonly becomesElement: boolean;
}

/** A message in which cipher text was replaced by its plaintext: new octets, scanned as a whole. */
export class SplicedDocument {
  readonly document: XmlDocument;
  readonly #before: XmlDocument;
  /** In message order: where each replacement stood, and by how much what follows it moved. */
  readonly #moves: readonly Move[];

  /** @throws the ERR_XML_ codes */
  constructor(before: XmlDocument, replacements: readonly Replacement[], limits: XmlLimits | undefined) {
    this.#before = before;
    const ordered = replacements
      .map(({ element, plaintext, becomesElement }) => ({
        start: before.start(element),
        end: before.end(element),
        plaintext,
        becomesElement,
      }))
      .sort((a, b) => a.start - b.start);
    // From the root on: a declaration in front could go on naming UTF-16.
    let shift = -before.start(0);
    const moves: Move[] = [];
    for (const { start, end, plaintext, becomesElement } of ordered) {
      moves.push({ start, end, shift, length: plaintext.length, becomesElement });
      shift += plaintext.length - (end - start);
    }
    this.#moves = [...moves, { start: Infinity, end: Infinity, shift, length: 0, becomesElement: false }];
    const octets = insert(
      before.bytes,
      ordered.map(({ start, end, plaintext }) => ({ at: start, skip: end - start, text: plaintext })),
    );
    this.document = scan(octets.subarray(before.start(0), before.end(0) + shift + before.start(0)), limits);
  }

  /** Where an element of the former document stands now; -1 where it was replaced by something else than one element. */
  elementOf(former: number): number {
    if (former === -1) return -1;
    const start = this.#before.start(former);
    const move = this.#moves.find((one) => start < one.end);
    if (move === undefined) return -1;
    if (start >= move.start && !(start === move.start && move.becomesElement)) return -1;
    return elementAt(this.document, start + move.shift);
  }

  /**
   * Whether an element of the former document whose whole content was one cipher text holds that one's plaintext and nothing
   * else. Then the plaintext is content by itself: nothing in it closes the element or hides what follows.
   */
  isContent(former: number): boolean {
    const element = this.elementOf(former);
    const move = this.#moves.find(({ start }) => start === this.#before.contentStart(former));
    if (element === -1 || move === undefined) return false;
    const start = move.start + move.shift;
    return this.document.contentStart(element) === start && this.document.contentEnd(element) === start + move.length;
  }

  /** Whether an element of this document came out of cipher text. */
  isPlaintext(element: number): boolean {
    const start = this.document.start(element);
    return this.#moves.some(
      (move) => start >= move.start + move.shift && start < move.start + move.shift + move.length,
    );
  }
}

interface Move {
  readonly start: number;
  readonly end: number;
  /** What is added to offsets in front of the replacement, and at its start. */
  readonly shift: number;
  readonly length: number;
  readonly becomesElement: boolean;
}

/** The element whose start tag begins at an offset; -1 where none does. */
function elementAt(document: XmlDocument, offset: number): number {
  let low = 0;
  let high = document.elementCount - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (document.start(middle) <= offset) low = middle;
    else high = middle - 1;
  }
  return document.start(low) === offset ? low : -1;
}
