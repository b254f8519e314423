import { headerLines, type RequestHeaders } from "../guard/index.js";
import type { VariableRequest, Variables } from "../identity/index.js";
import type { PathCache } from "../response/index.js";
import { parseUtcDateTime } from "../time/index.js";
import type { RequestDocument } from "./request-document.js";

/** Most octets of a value. */
const maxOctets = 1_024;

/** What variables are read from. */
export interface VariableSources {
  readonly headers: RequestHeaders;
  readonly document: RequestDocument | undefined;
  readonly facts: Readonly<Record<string, string>>;
  readonly paths: PathCache;
}

/** Resolves content variables. One that is not there, too long, or not what it should be is left out. */
export function resolveVariables(requests: readonly VariableRequest[], sources: VariableSources): Variables {
  const values: Record<string, string | number | boolean> = Object.create(null);
  for (const request of requests) {
    const text = textOf(request, sources);
    if (text === undefined || Buffer.byteLength(text) > maxOctets) continue;
    const value = typed(text, request.as ?? "string");
    if (value !== undefined) values[request.name] = value;
  }
  return values;
}

function textOf(request: VariableRequest, { headers, document, facts, paths }: VariableSources): string | undefined {
  if (request.of === "transport") return onlyLine(headers, request.header);
  if (request.of === "agent") return Object.hasOwn(facts, request.fact) ? facts[request.fact] : undefined;
  const from = document && startOf(document, request.of);
  if (document === undefined || from === undefined) return undefined;
  const located = paths.compile(request.path, request.namespaces).read(document.document, from);
  return located.found === "value" ? located.text : undefined;
}

/** A header that was sent twice has no value that every reader agrees on. */
function onlyLine(headers: RequestHeaders, name: string): string | undefined {
  const [value, second] = headerLines(headers, name.toLowerCase());
  return second === undefined ? value : undefined;
}

/** The element whose children a path's first step means; undefined where there is no such part. */
export function startOf({ envelope }: RequestDocument, part: "body" | "header"): number | undefined {
  if (envelope === undefined) return part === "body" ? -1 : undefined;
  if (part === "body") return envelope.body;
  return envelope.header === -1 ? undefined : envelope.header;
}

function typed(text: string, as: NonNullable<VariableRequest["as"]>): string | number | boolean | undefined {
  const trimmed = text.trim();
  switch (as) {
    case "string":
      return text;
    case "number":
      return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/.test(trimmed) ? finite(Number(trimmed)) : undefined;
    case "boolean":
      return trimmed === "true" || trimmed === "1" ? true : trimmed === "false" || trimmed === "0" ? false : undefined;
    case "date":
      return parseUtcDateTime(trimmed);
  }
}

/** What is too large for a number is none: JSON, by which decisions are kept apart and sent, has no infinity. */
const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);
