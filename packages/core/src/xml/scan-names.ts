import { less, question } from "./characters.js";
import type { XmlLimits } from "./limits.js";
import { forbiddenAt, limitAt, malformedAt } from "./refusal.js";
import { refuseTag } from "./scan-refusals.js";
import { scratch } from "./scratch.js";
import * as table from "./symbols.js";
import { symbols, xmlnsSymbol } from "./symbols.js";

/** What the scan does with names: looks them up, counts them, expands them, puts them in order. */

/** The symbol of the qualified name at `from`; refuses what is none. */
export function knownName(octets: Uint8Array, view: DataView, from: number, lastWord: number): number {
  const symbol = table.internName(view, from, lastWord) | 0;
  const { ints } = symbols;
  const length = ints[symbol + table.symbolLength]!;
  if ((ints[symbol + table.symbolKind]! & table.kindMask) === table.kindInvalid) {
    if (octets[from] === question) {
      forbiddenAt(
        from - 1,
        "The message has a processing instruction.",
        "Leave processing instructions out.",
        "SOAP 1.2 Part 1 section 5",
      );
    }
    if (length === 0 && octets[from - 1] === less) {
      malformedAt(from - 1, 'A "<" starts no tag.', 'Write "<" in text as "&lt;".', "XML 1.0 section 2.4");
    }
    if (length === 0) refuseTag(octets, from);
    malformedAt(
      from,
      "A name is not a qualified name.",
      "Name it by Namespaces in XML 1.0.",
      "Namespaces in XML 1.0 section 4",
    );
  }
  return symbol;
}

/** Whether a symbol's octets stand at `p`, compared word by word. The empty symbol stands nowhere. */
export function startsWith(view: DataView, p: number, symbol: number, lastWord: number): boolean {
  const { ints, words } = symbols;
  const length = ints[symbol + table.symbolLength]!;
  if (length === 0 || p + length > lastWord) return false;
  const whole = (p + (length & ~3)) | 0;
  let word = ints[symbol + table.symbolWord]!;
  let q = p | 0;
  while (q < whole && view.getInt32(q, true) === words[word]) {
    q = (q + 4) | 0;
    word = (word + 1) | 0;
  }
  return q === whole && ((view.getInt32(q, true) ^ words[word]!) & table.restMask(length)) === 0;
}

/** Whether a symbol's octets stand at `from`; also at the end of the message, where words cannot be read. */
export function matchesSymbol(octets: Uint8Array, from: number, symbol: number): boolean {
  const { ints, arena } = symbols;
  const length = ints[symbol + table.symbolLength]!;
  const start = ints[symbol + table.symbolWord]! << 2;
  let i = 0;
  while (i < length && octets[from + i] === arena[start + i]) i++;
  return i === length;
}

/** Counts a name that this message has not had yet, and forgets what it meant in another one. */
export function meetName(symbol: number, at: number, limits: XmlLimits): void {
  const { ints } = symbols;
  if (ints[symbol + table.symbolLength]! > limits.maxName) limitAt(at, "a longer name", limits.maxName, "maxName");
  const limit = limits.maxDistinctNames;
  if ((ints[symbol + table.symbolKind]! & table.kindMask) === table.kindDeclaration) {
    if (++scratch.prefixes > limit) limitAt(at, "more different prefixes", limit, "maxDistinctNames");
  } else if (++scratch.qualifiedNames > limit) {
    limitAt(at, "more different qualified names", limit, "maxDistinctNames");
  }
  ints[symbol + table.symbolScan] = symbols.scan;
  ints[symbol + table.symbolUri] = -1;
}

/** Finds out the NameId of a qualified name in a namespace, and keeps it with its symbol. */
export function expandName(symbol: number, uri: number, at: number, limits: XmlLimits): void {
  const { ints, pairs, scan } = symbols;
  if ((ints[symbol + table.symbolKind]! & table.kindMask) === table.kindDeclaration && symbol !== xmlnsSymbol) {
    malformedAt(at, "An element has the prefix xmlns.", "Use another prefix.", "Namespaces in XML 1.0 section 3");
  }
  let pair = ints[symbol + table.symbolPair]!;
  const local = ints[symbol + table.symbolLocal]!;
  if (pairs[pair + table.pairUri] !== uri || pairs[pair + table.pairLocal] !== local) {
    const last = pair;
    pair = pairs[last + table.pairOther]!;
    if (pairs[pair + table.pairUri] !== uri || pairs[pair + table.pairLocal] !== local) {
      pair = table.internPair(uri, local);
    }
    pairs[pair + table.pairOther] = last;
  }
  if (pairs[pair + table.pairScan] !== scan) {
    pairs[pair + table.pairScan] = scan;
    const limit = limits.maxDistinctNames;
    if (++scratch.names > limit) limitAt(at, "more different names", limit, "maxDistinctNames");
  }
  ints[symbol + table.symbolUri] = uri;
  ints[symbol + table.symbolPair] = pair;
  ints[symbol + table.symbolName] = pairs[pair + table.pairName]!;
}

/** Octet order of two symbols: below 0, 0 or above. */
export function compareSymbols(one: number, other: number): number {
  const { ints, arena } = symbols;
  const a = ints[one + table.symbolWord]! << 2;
  const b = ints[other + table.symbolWord]! << 2;
  const oneLength = ints[one + table.symbolLength]!;
  const otherLength = ints[other + table.symbolLength]!;
  const shorter = Math.min(oneLength, otherLength);
  for (let i = 0; i < shorter; i++) {
    const difference = arena[a + i]! - arena[b + i]!;
    if (difference !== 0) return difference;
  }
  return oneLength - otherLength;
}

/** Whether an attribute stands before another in Canonical XML, which is remembered: by namespace, then by local name (C14N 1.0, section 2.2). */
export function precedes(one: number, other: number): boolean {
  const { pairs } = symbols;
  const uri = pairs[one + table.pairUri]!;
  const otherUri = pairs[other + table.pairUri]!;
  const order =
    uri === otherUri
      ? compareSymbols(pairs[one + table.pairLocal]!, pairs[other + table.pairLocal]!)
      : compareSymbols(uri, otherUri);
  if (order >= 0) return false;
  pairs[other + table.pairBefore] = one;
  return true;
}
