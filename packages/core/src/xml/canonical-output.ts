import type { OctetSink } from "./canonical-form.js";

/** Runs of at least this many octets go to the sink as they stand; shorter ones are gathered. */
const directRun = 4_096;
const capacity = 1 << 16;
/** Up to this many octets it is faster to copy them here than to call out. */
const shortRun = 256;
const nothing = Buffer.alloc(0);
const nothingView: DataView = new DataView(nothing.buffer, 0, 0);

/**
 * Where canonical octets go. The message is followed by its offset: octets in front of it that were neither copied nor skipped
 * are canonical as they stand, so that a subtree without any difference is never touched.
 */
export class CanonicalOutput {
  #octets: Buffer = nothing;
  #view = nothingView;
  #sink: OctetSink | undefined;
  #buffer = Buffer.allocUnsafeSlow(capacity);
  #target = new DataView(this.#buffer.buffer);
  #length = 0;
  /** The first octet of the message that was neither copied nor skipped. */
  #at = 0;
  /** Whether anything left for the sink or the buffer. */
  #touched = false;

  /** Starts at offset `at` of a message. Without a sink the octets are collected for {@link take}. */
  open(octets: Buffer, at: number, sink: OctetSink | undefined): void {
    this.#octets = octets;
    this.#view = nothingView;
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
    this.#touch();
  }

  #touch(): void {
    if (this.#touched) return;
    this.#touched = true;
    this.#view = new DataView(this.#octets.buffer, this.#octets.byteOffset, this.#octets.length);
  }

  /** Appends octets of the message: short runs four at a time, the last four overlapping the ones before. */
  append(from: number, end: number): void {
    this.#touch();
    const length = (end - from) | 0;
    if (length > shortRun) {
      this.#appendLong(from, end);
      return;
    }
    if (this.#length + length > this.#buffer.length) this.#makeRoom(length);
    const target = this.#target;
    const view = this.#view;
    let n = this.#length | 0;
    this.#length = (n + length) | 0;
    if (length < 4) {
      for (let i = from | 0; i < end; i = (i + 1) | 0) {
        target.setUint8(n, view.getUint8(i));
        n = (n + 1) | 0;
      }
      return;
    }
    const last = (end - 4) | 0;
    for (let i = from | 0; i < last; i = (i + 4) | 0) {
      target.setInt32(n, view.getInt32(i, true), true);
      n = (n + 4) | 0;
    }
    target.setInt32(this.#length - 4, view.getInt32(last, true), true);
  }

  #appendLong(from: number, end: number): void {
    const run = this.#octets.subarray(from, end);
    if (run.length >= directRun && this.#sink !== undefined) {
      this.#flush();
      this.#sink.update(run);
      return;
    }
    if (this.#length + run.length > this.#buffer.length) this.#makeRoom(run.length);
    this.#buffer.set(run, this.#length);
    this.#length += run.length;
  }

  /** Appends one octet. */
  octet(octet: number): void {
    if (this.#length === this.#buffer.length) this.#makeRoom(1);
    this.#buffer[this.#length++] = octet;
  }

  /** Appends ASCII text. */
  ascii(text: string): void {
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
    this.#target = new DataView(larger.buffer);
  }

  #flush(): void {
    if (this.#length === 0) return;
    this.#sink?.update(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }

  /** Ends at offset `end` of the message. @returns without a sink: the octets, owned by the caller or a view of the message. */
  take(end: number): Uint8Array {
    if (!this.#touched && this.#length === 0) {
      const run = this.#octets.subarray(this.#at, end);
      this.#sink?.update(run);
      return run;
    }
    this.copyTo(end);
    if (this.#sink !== undefined) {
      this.#flush();
      return nothing;
    }
    const taken = this.#buffer.subarray(0, this.#length);
    if (this.#buffer.length <= capacity) return Buffer.from(taken);
    this.#renew();
    return taken;
  }

  /** Lets go of the message and of a buffer that has become large. */
  close(): void {
    this.#octets = nothing;
    this.#view = nothingView;
    this.#sink = undefined;
    if (this.#buffer.length > capacity) this.#renew();
  }

  #renew(): void {
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
    this.#target = new DataView(this.#buffer.buffer);
  }
}
