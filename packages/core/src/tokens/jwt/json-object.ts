import { maxJsonDepth } from "./limits.js";

/** A JSON object as a map, so that no member name (`__proto__`, `constructor`) means anything. */
export type JsonObject = ReadonlyMap<string, unknown>;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Strings, with the colon behind a member's name, and brackets: all that matters in text known to be JSON. */
const structure = /"[^"\\]*(?:\\.[^"\\]*)*"([ \t\r\n]*:)?|[{}[\]]/g;

/**
 * Reads a JSON object strictly: valid UTF-8, no member twice at any level (RFC 7519 section 4 allows refusal; readers
 * differ on which one counts), at most `maxJsonDepth` levels.
 * @returns The members, or the reason of the refusal.
 */
export function parseJsonObject(octets: Uint8Array): JsonObject | string {
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(octets);
    value = JSON.parse(text);
  } catch {
    return "is not JSON in UTF-8";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "is not a JSON object";
  return structureFault(text) ?? new Map(Object.entries(value));
}

function structureFault(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, colon] of json.matchAll(structure)) {
    if (token === "{" || token === "[") {
      if (open.length === maxJsonDepth) return `has more than ${maxJsonDepth} levels`;
      open.push(new Set());
    } else if (token === "}" || token === "]") {
      open.pop();
    } else if (colon !== undefined) {
      const name = String(JSON.parse(token.slice(0, -colon.length)));
      const names = open.at(-1);
      if (names?.has(name)) return "has a member twice";
      names?.add(name);
    }
  }
  return undefined;
}
