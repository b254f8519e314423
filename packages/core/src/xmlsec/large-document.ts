import { setImmediate } from "node:timers/promises";
import type { DigestAlgorithm } from "../crypto/index.js";
import { CountersignError, refuse } from "../errors/index.js";
import { XmlDocument, type XmlLimits } from "../xml/index.js";
import type { DigestRequest } from "./digest-request.js";
import type { RemoteReferenceDigester } from "./digester.js";
import type { DocumentWorker } from "./document-worker.js";
import type { DocumentWorkers } from "./document-workers.js";

/** How a large document is opened. */
export interface OpenOptions {
  /** Limits of the scan. */
  readonly limits?: XmlLimits | undefined;
  /** Milliseconds from opening to the last answer, waiting for a thread included. Default 5,000. */
  readonly deadlineMilliseconds?: number | undefined;
}

/** Octets copied before other work of the event loop gets its turn. */
const copyChunk = 256 * 1024;

/**
 * A document that a worker scanned and digests, while this thread reads it and decides. Both see the same private copy of
 * the octets. Call {@link LargeDocument.release} when done, in every case.
 */
export class LargeDocument implements RemoteReferenceDigester {
  /** The scanned document, usable on this thread like any other. */
  readonly document: XmlDocument;
  readonly #lease: Lease;

  private constructor(document: XmlDocument, lease: Lease) {
    this.document = document;
    this.#lease = lease;
  }

  /**
   * Copies and scans a document in a worker.
   * Rejects as `scan` throws; with ERR_XML_LIMIT where the deadline passes, ERR_INTERNAL where the thread fails, and
   * ERR_UNAVAILABLE where no thread is to be had.
   */
  static async open(workers: DocumentWorkers, bytes: Uint8Array, options: OpenOptions = {}): Promise<LargeDocument> {
    const lease = new Lease(workers, options.deadlineMilliseconds ?? 5_000);
    try {
      const worker = await lease.begin();
      const shared = await privateCopy(bytes);
      const answer = await worker.ask({ kind: "scan", bytes: shared, limits: options.limits });
      if (answer.kind !== "scanned") refuse("ERR_INTERNAL", "the document worker answered something else");
      return new LargeDocument(XmlDocument.fromTransfer(Buffer.from(shared), answer.transfer), lease);
    } catch (error) {
      lease.end();
      throw error;
    }
  }

  async digest(request: DigestRequest, algorithm: DigestAlgorithm): Promise<Buffer | undefined> {
    const answer = await this.#lease.worker.ask({ kind: "digest", request, algorithm: algorithm.uri });
    if (answer.kind !== "digested") refuse("ERR_INTERNAL", "the document worker answered something else");
    return answer.value && Buffer.from(answer.value);
  }

  /** Gives the thread back. The document stays readable on this one. */
  release(): void {
    this.#lease.end();
  }
}

/** One document's time with one worker. */
class Lease {
  readonly #workers: DocumentWorkers;
  readonly #aborted = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #worker: DocumentWorker | undefined;
  #over = false;

  constructor(workers: DocumentWorkers, deadlineMilliseconds: number) {
    this.#workers = workers;
    this.#timer = setTimeout(() => this.#expire(), deadlineMilliseconds);
    this.#timer.unref();
  }

  get worker(): DocumentWorker {
    if (this.#worker === undefined || this.#over) {
      throw new CountersignError("ERR_XML_LIMIT", { reason: "the document's time with its worker is over" });
    }
    return this.#worker;
  }

  async begin(): Promise<DocumentWorker> {
    const worker = await this.#workers.take(this.#aborted.signal);
    if (this.#over) {
      this.#workers.giveBack(worker);
      refuse("ERR_UNAVAILABLE", "no document worker became free in time");
    }
    this.#worker = worker;
    return worker;
  }

  end(): void {
    clearTimeout(this.#timer);
    if (this.#over) return;
    this.#over = true;
    if (this.#worker !== undefined) this.#workers.giveBack(this.#worker);
  }

  #expire(): void {
    this.#over = true;
    this.#aborted.abort();
    // The thread may be in the middle of hostile work: it is ended, and a new one takes its place.
    void this.#worker?.terminate("ERR_XML_LIMIT", "the document took longer than the deadline");
  }
}

/** A copy that nobody else can change between check and use, made in turns with the event loop's other work. */
async function privateCopy(bytes: Uint8Array): Promise<SharedArrayBuffer> {
  const shared = new SharedArrayBuffer(bytes.length);
  const copy = new Uint8Array(shared);
  for (let offset = 0; offset < bytes.length; offset += copyChunk) {
    if (offset > 0) await setImmediate();
    copy.set(bytes.subarray(offset, offset + copyChunk), offset);
  }
  return shared;
}
