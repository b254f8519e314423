import type { NameId } from "./symbols.js";
import type { Tape } from "./tape.js";

/** A scanned document on its way to another thread: everything but its octets. To be posted as it is. */
export interface XmlTransfer {
  /** In shared memory. */
  readonly tape: Tape;
  /** Namespace and local name of every id in the tape: ids mean something in one thread only. */
  readonly names: ReadonlyMap<NameId, readonly [namespace: string, localName: string]>;
  readonly encoding: string;
  /** Octets of a byte order mark in front of the text. */
  readonly skipped: number;
  /** The text itself where it is not the octets that were scanned: a message in UTF-16. */
  readonly octets: Uint8Array<SharedArrayBuffer> | undefined;
}

/** A copy in shared memory. */
export function sharedOctets(octets: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const copy = new Uint8Array(new SharedArrayBuffer(octets.length));
  copy.set(octets);
  return copy;
}

/** The tape in shared memory: itself where it is there, else a copy. */
export function sharedTape(tape: Tape): Tape {
  if (tape.ints.buffer instanceof SharedArrayBuffer) return tape;
  const from = tape.elementBase;
  const ints = new Int32Array(new SharedArrayBuffer((tape.end - from) * 4));
  ints.set(tape.ints.subarray(from, tape.end));
  return {
    ...tape,
    ints,
    elementBase: 0,
    tagBase: tape.tagBase - from,
    attributeBase: tape.attributeBase - from,
    declarationBase: tape.declarationBase - from,
    differenceBase: tape.differenceBase - from,
    identifierBase: tape.identifierBase - from,
    end: tape.end - from,
  };
}
