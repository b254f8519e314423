import { Worker } from "node:worker_threads";
import { CountersignError, type ErrorCode } from "../errors/index.js";
import type { WorkerAnswer, WorkerRequest } from "./worker-messages.js";

interface Waiting {
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly reject: (error: CountersignError) => void;
}

type Asked<Request> = Request extends { readonly id: number } ? Omit<Request, "id"> : never;

/** One worker thread: questions and answers, and what becomes of open questions when it ends. */
export class DocumentWorker {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  /** Why the thread is gone: the first reason is the one that counts. */
  #ended: { readonly code: ErrorCode; readonly reason: string; readonly cause?: unknown } | undefined;

  /** @param onEnd Called once when the thread is gone, for whatever reason. */
  constructor(script: URL, onEnd: (worker: DocumentWorker) => void) {
    this.#worker = new Worker(script, {
      name: "countersign-document",
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    });
    this.#worker.unref();
    this.#worker.on("message", (answer: WorkerAnswer) => this.#settle(answer));
    // An error is always followed by "exit".
    this.#worker.on("error", (cause: unknown) => this.#end("ERR_INTERNAL", "the document worker failed", cause));
    this.#worker.on("exit", () => {
      this.#end("ERR_INTERNAL", "the document worker ended");
      onEnd(this);
    });
  }

  /** Whether the thread is gone or going. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Rejects with the worker's own refusal, or with the reason for which the thread ended. */
  ask(request: Asked<WorkerRequest>): Promise<WorkerAnswer> {
    if (this.#ended !== undefined) return Promise.reject(new CountersignError(this.#ended.code, this.#ended));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ ...request, id });
    });
  }

  /** Lets the thread forget its document. */
  release(): void {
    if (this.#ended === undefined) this.#worker.postMessage({ kind: "release" } satisfies WorkerRequest);
  }

  /** Ends the thread; open questions are rejected with that code. */
  async terminate(code: ErrorCode, reason: string): Promise<void> {
    this.#end(code, reason);
    await this.#worker.terminate();
  }

  #settle(answer: WorkerAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (answer.kind === "refused") {
      const { code, reason, place, rule, remedy } = answer.refusal;
      waiting.reject(new CountersignError(code, { reason, place: place && (() => place), rule, remedy }));
    } else if (answer.kind === "failed") {
      waiting.reject(new CountersignError("ERR_INTERNAL", { reason: `the document worker failed: ${answer.reason}` }));
    } else {
      waiting.resolve(answer);
    }
  }

  #end(code: ErrorCode, reason: string, cause?: unknown): void {
    this.#ended ??= { code, reason, cause };
    this.#worker.unref();
    for (const { reject } of this.#waiting.values()) reject(new CountersignError(code, { reason, cause }));
    this.#waiting.clear();
  }
}
