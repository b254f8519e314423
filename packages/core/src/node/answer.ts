import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServerReply } from "../guard/index.js";

/** Octets of a refused request that are still read and thrown away, so that its sender comes to read the answer. */
const lingerOctets = 1_048_576;

/** For how long they are read. */
const lingerMilliseconds = 1_000;

/** A declared body up to this length is read away whole. */
const shortRestOctets = 65_536;

/** Writes an answer of the core to a Node response as it stands. */
export function writeAnswer(response: ServerResponse, { status, headers, body }: ServerReply): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader("content-length", body?.length ?? 0);
  response.end(body);
}

/**
 * Prepares the answer to a request whose body nobody reads any more. A short rest is read away, and the connection can be
 * used again. Otherwise it closes behind the answer, and what still comes is read within bounds after the answer is out:
 * closing at once would reset the connection under the sender's writes, and Node alone would read on without an end.
 */
export async function settleUnread(request: IncomingMessage, response: ServerResponse): Promise<void> {
  // Where the decision took no time, Node is still reading what came together with the head.
  if (request.complete === false) await new Promise((resolve) => setImmediate(resolve));
  if (request.complete !== false || restOf(request) <= shortRestOctets || request.httpVersionMajor > 1) {
    request.resume();
    return;
  }
  if (response.headersSent) return;
  response.setHeader("connection", "close");
  const end = response.end;
  const linger = (...parameters: unknown[]) => {
    response.end = end;
    const [chunk, encoding] = parameters;
    const callback = parameters.find((parameter) => typeof parameter === "function") as (() => void) | undefined;
    if (typeof chunk === "string") response.write(chunk, encoding as BufferEncoding);
    else if (chunk instanceof Uint8Array) response.write(chunk);
    else response.flushHeaders();
    void discard(request).then(() => response.end(callback));
    return response;
  };
  response.end = linger as typeof response.end;
}

/** Octets that may still come; unbounded where the request does not say. */
function restOf({ headers }: IncomingMessage): number {
  const length = headers["content-length"];
  return headers["transfer-encoding"] === undefined && length !== undefined ? Number(length) : Number.POSITIVE_INFINITY;
}

function discard(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let left = lingerOctets;
    const onData = (chunk: Buffer) => {
      left -= chunk.length;
      if (left <= 0) done();
    };
    const done = () => {
      clearTimeout(timer);
      request.off("data", onData).off("end", done).off("close", done).pause();
      resolve();
    };
    const timer = setTimeout(done, lingerMilliseconds);
    request.on("data", onData).once("end", done).once("close", done).resume();
  });
}
