import type { OctetSink } from "./canonical-form.js";

/** Runs of at least this many octets go to the sink as they stand; shorter ones are gathered. */
const directRun = 4_096;
const capacity = 1 << 16;
/** Copying a few octets one by one is faster than calling out. */
const shortRun = 64;

/**
 * Where canonical octets go. The message is followed by its offset: octets in front of it that were neither copied nor skipped
 * are canonical as they stand, so that a subtree without any difference is never touched.
 */
export class CanonicalOutput {
  #octets: Uint8Array = new Uint8Array(0);
  #sink: OctetSink | undefined;
  #buffer = Buffer.allocUnsafeSlow(capacity);
  #length = 0;
  /** The first octet of the message that was neither copied nor skipped. */
  #at = 0;
  /** Whether anything left for the sink or the buffer. */
  #touched = false;

  /** Starts at offset `at` of a message. Without a sink the octets are collected for {@link take}. */
  open(octets: Uint8Array, at: number, sink: OctetSink | undefined): void {
    this.#octets = octets;
    this.#sink = sink;
    this.#length = 0;
    this.#at = at;
    this.#touched = false;
  }

  /** The octets of the message up to `end` are canonical. */
  copyTo(end: number): void {
    const from = this.#at;
    if (end <= from) return;
    this.#at = end;
    this.append(from, end);
  }

  /** The octets of the message up to `end` are not part of the canonical form. */
  skipTo(end: number): void {
    this.#at = end;
    this.#touched = true;
  }

  /** Appends octets of the message. */
  append(from: number, end: number): void {
    this.#touched = true;
    const length = end - from;
    if (length >= directRun && this.#sink !== undefined) {
      this.#flush();
      this.#sink.update(this.#octets.subarray(from, end));
      return;
    }
    if (this.#length + length > this.#buffer.length) this.#makeRoom(length);
    const buffer = this.#buffer;
    const octets = this.#octets;
    let n = this.#length;
    if (length <= shortRun) {
      for (let i = from; i < end; i++) buffer[n++] = octets[i]!;
      this.#length = n;
    } else {
      buffer.set(octets.subarray(from, end), n);
      this.#length = n + length;
    }
  }

  /** Appends one octet. */
  octet(octet: number): void {
    this.#touched = true;
    if (this.#length === this.#buffer.length) this.#makeRoom(1);
    this.#buffer[this.#length++] = octet;
  }

  /** Appends ASCII text. */
  ascii(text: string): void {
    this.#touched = true;
    if (this.#length + text.length > this.#buffer.length) this.#makeRoom(text.length);
    for (let i = 0; i < text.length; i++) this.#buffer[this.#length++] = text.charCodeAt(i);
  }

  /** Appends any text, as UTF-8. */
  text(text: string): void {
    for (const octet of Buffer.from(text, "utf8")) this.octet(octet);
  }

  #makeRoom(length: number): void {
    if (this.#sink !== undefined) {
      this.#flush();
      if (length <= this.#buffer.length) return;
    }
    let size = this.#buffer.length;
    while (size < this.#length + length) size *= 2;
    const larger = Buffer.allocUnsafeSlow(size);
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }

  #flush(): void {
    if (this.#length === 0) return;
    this.#sink?.update(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }

  /** Ends at offset `end` of the message. @returns without a sink: the octets, owned by the caller or a view of the message. */
  take(end: number): Uint8Array {
    if (!this.#touched) {
      const run = this.#octets.subarray(this.#at, end);
      this.#sink?.update(run);
      return run;
    }
    this.copyTo(end);
    if (this.#sink === undefined) return Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#flush();
    return this.#buffer.subarray(0, 0);
  }

  /** Lets go of the message and of a buffer that has become large. */
  close(): void {
    this.#octets = this.#buffer.subarray(0, 0);
    this.#sink = undefined;
    if (this.#buffer.length > capacity) this.#buffer = Buffer.allocUnsafeSlow(capacity);
  }
}
