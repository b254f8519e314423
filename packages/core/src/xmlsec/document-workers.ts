import { availableParallelism } from "node:os";
import { CountersignError } from "../errors/index.js";
import { DocumentWorker } from "./document-worker.js";

/** How many threads serve large documents, and how long the line for them may be. */
export interface DocumentWorkersOptions {
  /** Threads. Default: one less than the machine's cores, at least 1 and at most 4. */
  readonly size?: number | undefined;
  /** Documents that may wait for a thread. Default 32. */
  readonly maxQueue?: number | undefined;
  /** The worker's module. Default: the one of this package. */
  readonly script?: URL | undefined;
}

interface Waiting {
  readonly resolve: (worker: DocumentWorker) => void;
  readonly reject: (error: CountersignError) => void;
}

// Run from TypeScript source, as unit tests do, there is only the built worker.
const builtIn = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/xmlsec/worker.js" : "./worker.js",
  import.meta.url,
);

/**
 * The threads for large documents: started when first needed, kept for the next document, and never what keeps a process
 * alive. A thread that fails or passes a deadline is replaced when the next document comes.
 */
export class DocumentWorkers {
  readonly #size: number;
  readonly #maxQueue: number;
  readonly #script: URL;
  readonly #all = new Set<DocumentWorker>();
  readonly #idle: DocumentWorker[] = [];
  readonly #queue: Waiting[] = [];
  #closed = false;

  constructor({ size, maxQueue = 32, script = builtIn }: DocumentWorkersOptions = {}) {
    this.#size = size ?? Math.max(1, Math.min(4, availableParallelism() - 1));
    this.#maxQueue = maxQueue;
    this.#script = script;
  }

  /**
   * A thread of one's own, until {@link giveBack}.
   * @param signal Leaves the line when aborted.
   * Rejects with ERR_UNAVAILABLE where the line is full, the wait was aborted, or the pool is closed.
   */
  take(signal: AbortSignal): Promise<DocumentWorker> {
    if (this.#closed) return Promise.reject(unavailable("the document workers are closed"));
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (!idle.ended) return Promise.resolve(idle);
    }
    if (this.#all.size < this.#size) return Promise.resolve(this.#start());
    if (this.#queue.length >= this.#maxQueue)
      return Promise.reject(unavailable("too many large documents wait for a worker"));
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { resolve, reject };
      this.#queue.push(waiting);
      signal.addEventListener("abort", () => {
        const index = this.#queue.indexOf(waiting);
        if (index < 0) return;
        this.#queue.splice(index, 1);
        reject(unavailable("no document worker became free in time"));
      });
    });
  }

  /** Returns a thread to the pool; one that has ended is dropped. */
  giveBack(worker: DocumentWorker): void {
    if (worker.ended || this.#closed) return;
    worker.release();
    const next = this.#queue.shift();
    if (next === undefined) this.#idle.push(worker);
    else next.resolve(worker);
  }

  /** Ends all threads; what is under way is rejected with ERR_UNAVAILABLE. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#queue.splice(0)) reject(unavailable("the document workers are closed"));
    await Promise.all(
      [...this.#all].map((worker) => worker.terminate("ERR_UNAVAILABLE", "the document workers are closed")),
    );
  }

  #start(): DocumentWorker {
    const worker = new DocumentWorker(this.#script, (ended) => this.#forget(ended));
    this.#all.add(worker);
    return worker;
  }

  #forget(worker: DocumentWorker): void {
    this.#all.delete(worker);
    const index = this.#idle.indexOf(worker);
    if (index >= 0) this.#idle.splice(index, 1);
    if (this.#closed) return;
    const next = this.#queue.shift();
    if (next !== undefined) next.resolve(this.#start());
  }
}

function unavailable(reason: string): CountersignError {
  return new CountersignError("ERR_UNAVAILABLE", { reason });
}
