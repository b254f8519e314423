import type { OutgoingHttpHeaders, ServerResponse } from "node:http";

type HeaderValue = string | string[];

/** Applies the parameters of `writeHead` to a response as status and headers that are set, and not yet sent. */
export function applyHead(response: ServerResponse, [status, ...rest]: readonly unknown[]): void {
  const [reason, headers] = typeof rest[0] === "string" ? rest : [undefined, rest[0] ?? rest[1]];
  response.statusCode = Number(status);
  if (typeof reason === "string") response.statusMessage = reason;
  for (const [name, value] of pairsOf(headers)) response.setHeader(name, value);
}

/** The pairs of any form that `writeHead` takes: an object, a flat array, or an array of pairs. */
function pairsOf(headers: unknown): Iterable<readonly [string, HeaderValue]> {
  if (!Array.isArray(headers)) {
    return Object.entries((headers ?? {}) as OutgoingHttpHeaders).filter(
      (pair): pair is [string, HeaderValue] => pair[1] !== undefined,
    );
  }
  const flat = headers.every((item) => Array.isArray(item)) ? headers.flat() : headers;
  const pairs = new Map<string, readonly [string, HeaderValue]>();
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const name = String(flat[index]);
    const before = pairs.get(name.toLowerCase())?.[1];
    const value = flat[index + 1] as HeaderValue;
    pairs.set(name.toLowerCase(), [name, before === undefined ? value : [before, value].flat()]);
  }
  return pairs.values();
}
