import type { RequestListener } from "node:http";
import { createServer, type Server as HttpsServer, request } from "node:https";
import type { Block } from "./blocks.js";
import { ca, tls } from "./settings.js";

/** What a document says about a request and its answer. */
export interface Exchange {
  readonly request: Message & { readonly method: string; readonly target: string };
  readonly response: Message & { readonly status: number };
}

interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Reads an `http` block: a request, an empty line, and the answer. */
export function parseExchange({ text }: Pick<Block, "text">): Exchange {
  const [sent = "", received = ""] = text.split(/\n(?=HTTP\/1\.1 )/);
  const [method = "", target = ""] = sent.split(" ");
  const status = Number(received.split(" ")[1]);
  return { request: { method, target, ...parseMessage(sent) }, response: { status, ...parseMessage(received) } };
}

function parseMessage(text: string): Message {
  const [head = "", ...rest] = text.split("\n\n");
  const lines = head.trim().split("\n").slice(1);
  const headers = lines.map((line) => [line.split(":", 1)[0]?.toLowerCase(), line.replace(/^[^:]*:\s*/, "")]);
  return { headers: Object.fromEntries(headers), body: unbroken(rest.join("\n\n")) };
}

/** XML without the line breaks that a document adds between tags. */
export const unbroken = (text: string): string => text.trim().replace(/>\s+</g, "><");

/** An answer as it came. */
export type Answer = Message & { readonly status: number };

/** Sends a request to `https://orders.example`. */
export function send(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array = "",
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "orders.example", path: target, method, headers, ca, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers as Record<string, string>,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** The application that a module of a document exports, whatever its framework. */
export type Application =
  | RequestListener
  | { callback(): RequestListener }
  | { ready(): PromiseLike<unknown>; routing: RequestListener };

/** Serves an application over TLS on a free port. */
export async function serve(application: Application): Promise<HttpsServer> {
  const server = createServer(tls, await listenerOf(application));
  await new Promise<void>((resolve) => {
    server.listen(0, () => resolve());
  });
  return server;
}

async function listenerOf(application: Application): Promise<RequestListener> {
  if ("callback" in application) return application.callback();
  if (!("ready" in application)) return application;
  await application.ready();
  return (incoming, outgoing) => application.routing(incoming, outgoing);
}
