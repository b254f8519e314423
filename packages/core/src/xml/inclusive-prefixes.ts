import type { XmlDocument } from "./document.js";
import type { RenderedNamespaces } from "./rendered.js";
import * as tape from "./tape.js";

/** The PrefixList of Exclusive XML Canonicalization (section 3): prefixes rendered wherever they are declared. */
export class InclusivePrefixes {
  readonly #document: XmlDocument;
  readonly #prefixes: ReadonlySet<string>;
  /** Whether a prefix number is listed, once it was looked at. */
  readonly #known = new Map<number, boolean>();

  constructor(document: XmlDocument, prefixes: readonly string[]) {
    this.#document = document;
    this.#prefixes = new Set(prefixes.map((prefix) => (prefix === "#default" ? "" : prefix)));
  }

  /** Whether the prefix of a declaration row is listed. */
  has(declaration: number): boolean {
    const { ints, declarationBase } = this.#document.tape;
    const at = declarationBase + declaration * tape.declarationWidth;
    const prefix = ints[at + tape.declarationPrefix]!;
    let listed = this.#known.get(prefix);
    if (listed === undefined) {
      const start = ints[at + tape.declarationStart]! + 6;
      const length = ints[at + tape.declarationLength]! >> 1;
      listed = this.#prefixes.has(this.#document.bytes.toString("utf8", start, start + length));
      this.#known.set(prefix, listed);
    }
    return listed;
  }

  /** The apex needs every listed prefix that is in scope there. One way outwards, however many prefixes are listed. */
  needAtApex(apex: number, rendered: RenderedNamespaces, after: number): void {
    const document = this.#document;
    const { ints, declarationBase } = document.tape;
    const seen = new Set<number>();
    for (let element = apex; element >= 0; element = document.parent(element)) {
      const end = document.declarationsEnd(element);
      for (let d = document.declarationsStart(element); d < end; d++) {
        const at = declarationBase + d * tape.declarationWidth;
        const prefix = ints[at + tape.declarationPrefix]!;
        if (seen.has(prefix)) continue;
        seen.add(prefix);
        if (this.has(d)) rendered.need(d, prefix, ints[at + tape.declarationUri]!, after);
      }
    }
  }
}
