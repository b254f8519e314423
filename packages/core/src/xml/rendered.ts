/**
 * Which namespace each prefix is bound to in the canonical octets written so far, at the element being written; and which
 * declarations that element needs. One instance serves all canonicalisations: they are synchronous.
 */
export class RenderedNamespaces {
  /** By prefix number divided by 16: the namespace number rendered last, 0 for none. */
  #bound = new Int32Array(256);
  #undoPrefix = new Int32Array(64);
  #undoUri = new Int32Array(64);
  #undoAfter = new Int32Array(64);
  #depth = 0;
  /** Declaration rows that the element at work has to render, in no order. */
  needed = new Int32Array(64);
  count = 0;

  /** @param symbolEnd prefix numbers of the document are below this. */
  open(symbolEnd: number): void {
    if (this.#bound.length < symbolEnd >> 4) this.#bound = new Int32Array((symbolEnd >> 4) + 1024);
  }

  /** Comes to an element: what subtrees that end before it rendered is undone. */
  enter(element: number): void {
    let depth = this.#depth;
    while (depth > 0 && this.#undoAfter[depth - 1]! <= element) {
      depth--;
      this.#bound[this.#undoPrefix[depth]!] = this.#undoUri[depth]!;
    }
    this.#depth = depth;
    this.count = 0;
  }

  /** The element needs this declaration row; `after` is the first element behind its subtree. */
  need(row: number, prefix: number, uri: number, after: number): void {
    const slot = prefix >> 4;
    const bound = this.#bound[slot]!;
    if (bound === uri) return;
    const depth = this.#depth;
    if (depth === this.#undoPrefix.length) this.#grow();
    this.#undoPrefix[depth] = slot;
    this.#undoUri[depth] = bound;
    this.#undoAfter[depth] = after;
    this.#depth = depth + 1;
    this.#bound[slot] = uri;
    if (this.count === this.needed.length) this.needed = larger(this.needed);
    this.needed[this.count++] = row;
  }

  /** Whether exactly the declaration rows from `first` up to `end` are needed. */
  isExactly(first: number, end: number): boolean {
    if (this.count !== end - first) return false;
    for (let i = 0; i < this.count; i++) {
      const row = this.needed[i]!;
      if (row < first || row >= end) return false;
    }
    return true;
  }

  /** The namespace number a prefix is bound to in the canonical octets, 0 for none. */
  bound(prefix: number): number {
    return this.#bound[prefix >> 4]!;
  }

  /** Nothing is rendered any more. */
  close(): void {
    for (let depth = this.#depth - 1; depth >= 0; depth--)
      this.#bound[this.#undoPrefix[depth]!] = this.#undoUri[depth]!;
    this.#depth = 0;
    this.count = 0;
  }

  #grow(): void {
    this.#undoPrefix = larger(this.#undoPrefix);
    this.#undoUri = larger(this.#undoUri);
    this.#undoAfter = larger(this.#undoAfter);
  }
}

function larger(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(array.length * 2);
  copy.set(array);
  return copy;
}
