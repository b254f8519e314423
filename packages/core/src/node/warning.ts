import type { IncomingMessage } from "node:http";
import { isCountersignError } from "../errors/index.js";

/**
 * Tells the operator about a defect through Node's own warnings (`process.on("warning")`): the requestor is told
 * nothing, and a framework's error handling, which would show it, is not involved.
 */
export function warn(text: string, defect?: unknown): void {
  const reason = isCountersignError(defect) ? `: ${defect.detail.reason}` : "";
  const detail = defect instanceof Error && defect.stack !== undefined ? { detail: defect.stack } : {};
  process.emitWarning(`${text}${reason}.`, { type: "CountersignWarning", ...detail });
}

const looked = new WeakSet<object>();

/** Warns once for each server that sets no end to a slow request. */
export function warnOfOpenEnd({ socket }: IncomingMessage): void {
  const { server } = socket as { server?: { requestTimeout?: number; headersTimeout?: number } };
  if (!server || looked.has(server)) return;
  looked.add(server);
  if (server.requestTimeout === 0 || server.headersTimeout === 0) {
    warn("The HTTP server has no requestTimeout or headersTimeout: a slow request may hold its connection for ever");
  }
}
