import type { OctetSink } from "./canonical-form.js";
import { copyOctets } from "./canonical-octets.js";

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
 *
 * Whoever writes many small pieces asks for room with {@link reserve}, writes into `target` from `length` on, and moves `length`.
 */
export class CanonicalOutput {
  /** The message. */
  view = nothingView;
  target = new DataView(new ArrayBuffer(capacity));
  /** Octets in `target`. */
  length = 0;
  #capacity = capacity;
  #octets: Buffer = nothing;
  #sink: OctetSink | undefined;
  /** The first octet of the message that was neither copied nor skipped. */
  #at = 0;
  /** Whether anything was copied, skipped or written. */
  #touched = false;

  /** Starts at offset `at` of a message. Without a sink the octets are collected for {@link take}. */
  open(octets: Buffer, at: number, sink: OctetSink | undefined): void {
    this.#octets = octets;
    this.#sink = sink;
    this.length = 0;
    this.#at = at;
    this.#touched = false;
  }

  /** The octets of the message up to `end` are canonical; what comes next is written by the caller. */
  copyTo(end: number): void {
    if (!this.#touched) {
      this.#touched = true;
      this.view = new DataView(this.#octets.buffer, this.#octets.byteOffset, this.#octets.length);
    }
    const from = this.#at;
    if (end <= from) return;
    this.#at = end;
    this.append(from, end);
  }

  /** The octets of the message up to `end` are not part of the canonical form. To be called behind {@link copyTo}. */
  skipTo(end: number): void {
    this.#at = end;
  }

  /** Appends octets of the message. */
  append(from: number, end: number): void {
    const length = (end - from) | 0;
    if (length > shortRun) {
      this.#appendLong(from, end);
      return;
    }
    if (this.length + length > this.#capacity) this.#makeRoom(length);
    this.length = copyOctets(this.view, from, end, this.target, this.length);
  }

  #appendLong(from: number, end: number): void {
    const run = this.#octets.subarray(from, end);
    if (run.length >= directRun && this.#sink !== undefined) {
      this.#flush();
      this.#sink.update(run);
      return;
    }
    if (this.length + run.length > this.#capacity) this.#makeRoom(run.length);
    this.#written(this.#capacity).set(run, this.length);
    this.length += run.length;
  }

  /** Makes sure that `length` octets can be written into `target`. */
  reserve(length: number): void {
    if (this.length + length > this.#capacity) this.#makeRoom(length);
  }

  /** Appends one octet. */
  octet(octet: number): void {
    if (this.length === this.#capacity) this.#makeRoom(1);
    this.target.setUint8(this.length++, octet);
  }

  /** Appends text, as UTF-8. */
  text(text: string): void {
    for (const octet of Buffer.from(text, "utf8")) this.octet(octet);
  }

  #makeRoom(length: number): void {
    if (this.#sink !== undefined) {
      this.#flush();
      if (length <= this.#capacity) return;
    }
    let size = this.#capacity;
    while (size < this.length + length) size *= 2;
    const larger = Buffer.allocUnsafeSlow(size);
    larger.set(this.#written(this.length));
    this.target = new DataView(larger.buffer);
    this.#capacity = size;
  }

  /** The first octets of `target`. */
  #written(length: number): Buffer {
    return Buffer.from(this.target.buffer as ArrayBuffer, 0, length);
  }

  #flush(): void {
    if (this.length === 0) return;
    this.#sink?.update(this.#written(this.length));
    this.length = 0;
  }

  /** Ends at offset `end` of the message. @returns without a sink: the octets, owned by the caller or a view of the message. */
  take(end: number): Uint8Array {
    if (!this.#touched && this.length === 0) {
      const run = this.#octets.subarray(this.#at, end);
      this.#sink?.update(run);
      return run;
    }
    this.copyTo(end);
    if (this.#sink !== undefined) {
      this.#flush();
      return nothing;
    }
    const taken = this.#written(this.length);
    if (this.#capacity === capacity) return Buffer.from(taken);
    this.#renew();
    return taken;
  }

  /** Lets go of the message and of a buffer that has become large. */
  close(): void {
    this.#octets = nothing;
    this.view = nothingView;
    this.#sink = undefined;
    if (this.#capacity !== capacity) this.#renew();
  }

  #renew(): void {
    this.target = new DataView(new ArrayBuffer(capacity));
    this.#capacity = capacity;
  }
}
