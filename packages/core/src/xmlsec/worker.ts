import { parentPort } from "node:worker_threads";
import { digestAlgorithm } from "../crypto/index.js";
import { isCountersignError, refuse } from "../errors/index.js";
import { scan } from "../xml/index.js";
import { DocumentDigester } from "./digester.js";
import type { WorkerAnswer, WorkerRequest } from "./worker-messages.js";

/*
 * The worker's side of large documents: scans one document at a time and digests parts of it. It holds no keys and
 * decides nothing. A deadline is kept from outside, by ending the thread.
 */

let digester: DocumentDigester | undefined;

function answer(message: WorkerAnswer): void {
  parentPort?.postMessage(message);
}

function serve(message: WorkerRequest): void {
  switch (message.kind) {
    case "scan": {
      const document = scan(Buffer.from(message.bytes), message.limits);
      digester = new DocumentDigester(document);
      answer({ kind: "scanned", id: message.id, transfer: document.toTransfer() });
      return;
    }
    case "digest": {
      const algorithm = digestAlgorithm(message.algorithm);
      if (digester === undefined || algorithm === undefined)
        refuse("ERR_INTERNAL", "there is nothing to digest, or by nothing known");
      answer({ kind: "digested", id: message.id, value: digester.digest(message.request, algorithm) });
      return;
    }
    case "release":
      digester = undefined;
  }
}

parentPort?.on("message", (message: WorkerRequest) => {
  try {
    serve(message);
  } catch (error) {
    if (message.kind === "release") throw error;
    if (isCountersignError(error)) {
      const { reason, place, rule, remedy } = error.detail;
      answer({
        kind: "refused",
        id: message.id,
        refusal: { code: error.code, reason, place: place?.(), rule, remedy },
      });
    } else {
      answer({ kind: "failed", id: message.id, reason: error instanceof Error ? error.message : "unknown" });
    }
  }
});
