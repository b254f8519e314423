import { continuesName, nameClass, startsName } from "./characters.js";
import { xmlNamespace, xmlnsNamespace } from "./names.js";
import { xmlBinding } from "./tape.js";

/**
 * Interned octet strings (names, prefixes, local parts, namespace names) and the expanded names made of them. The table lives
 * from message to message, so that a message shaped like an earlier one meets names that are already known. It is bounded:
 * {@link prepareSymbols} drops everything but registered names when it has grown. Hashes are seeded per process and per drop.
 *
 * A symbol is the index of its row in `ints`; rows are 16 integers, one cache line.
 */

/** An expanded name: equal ids are equal names. Ids below {@link dynamicNames} are registered and stable in the process. */
export type NameId = number;

export const symbolWidth = 16;
/** Which word of the arena the octets start at, and how many they are. */
export const symbolWord = 0;
export const symbolLength = 1;
/** For an element name: its expansion holds while `symbols.epoch` has this value. */
export const symbolEpoch = 2;
/** The namespace under which the name was last expanded, -1 for none, and the declaration row of an element that did. */
export const symbolUri = 3;
/** One of the kinds below. */
export const symbolKind = 4;
/** Symbols of the two parts of a qualified name. */
export const symbolPrefix = 5;
export const symbolLocal = 6;
/** The scan that last met this name. */
export const symbolScan = 7;
export const symbolBinding = 8;
/** What it was expanded into. */
export const symbolName = 9;
export const symbolPair = 10;
/** For an element name: the element name that came next the last time. A guess that saves hashing. */
export const symbolNext = 11;
/** For a prefix: the declaration row that binds it at the place being scanned. */
export const symbolBound = 12;
/** For a namespace: the scan that last met it. Of a field that names have not: the octets may be a name too, but no prefix. */
export const symbolMet = 12;
/**
 * For `xmlns` attributes: the namespace they last declared; for a namespace: the one that the attribute had declared before it.
 * Guesses, and always symbols of namespaces, also where the octets of a namespace are the name of such an attribute.
 */
export const symbolValue = 13;
/** For an element name: its first attribute the last time; for an attribute name: the attribute that came next. A guess. */
export const symbolAttribute = 14;
/** The last four octets as one word; of a symbol shorter than that all of them, zeros above. */
export const symbolTail = 15;

/** Not looked at as a name yet. */
export const kindUnknown = 0;
/** An NCName. */
export const kindPlain = 1;
/** A prefixed name. */
export const kindPrefixed = 2;
/** The attribute name `xmlns`, or `xmlns:` and a prefix. */
export const kindDeclaration = 3;
/** Not a qualified name. */
export const kindInvalid = 4;
/** The bits of the kind. */
export const kindMask = 7;
/** Set besides the kind where the local part is one that identifiers have: Id, ID, id, AssertionID. */
export const kindIdentifies = 8;
/** Set besides the kind where the octets are an absolute URI. The same octets may be a name: `soap:Body` is both. */
export const kindUri = 16;

export const pairWidth = 8;
export const pairUri = 0;
export const pairLocal = 1;
export const pairChain = 2;
export const pairName = 3;
/** The scan that last met this name. */
export const pairScan = 4;
/** The start tag that last had this name on an attribute. */
export const pairTag = 5;
/** The name that was last found to stand before this one in canonical order, -1 for none. */
export const pairBefore = 6;
/** What the qualified name that was expanded into this meant before: a guess. */
export const pairOther = 7;

/** Ids from here on belong to names that nobody registered: they say something only within one message. */
export const dynamicNames = 0x10000;

/** The empty string, and symbols at fixed places. */
export const emptySymbol = 0;
export const xmlSymbol = symbolWidth;
export const xmlnsSymbol = 2 * symbolWidth;
export const xmlUriSymbol = 3 * symbolWidth;
export const xmlnsUriSymbol = 4 * symbolWidth;
const reserved = ["", "xml", "xmlns", xmlNamespace, xmlnsNamespace];
const identifying = ["Id", "ID", "id", "AssertionID"];

const smallSymbols = 8_192;
const smallArena = 1 << 18;

/** The table's arrays. They are replaced when they grow: read them again after {@link prepareSymbols}. */
export const symbols = {
  ints: new Int32Array(smallSymbols * symbolWidth),
  /** The octets of the symbols, each from the start of a word on, each with room for four words at least. */
  arena: new Uint8Array(smallArena),
  /** The same as words of four octets, the first octet lowest; zeros behind the end of a symbol. */
  words: new Int32Array(smallArena / 4),
  pairs: new Int32Array(smallSymbols * pairWidth),
  /** Used lengths of the three arrays. */
  symbolEnd: 0,
  arenaEnd: 0,
  pairEnd: 0,
  /** Serial numbers of the scan and of the start tag at work: what carries an older number is stale. */
  scan: 0,
  tag: 0,
  /** Goes up whenever any prefix is bound to something else. */
  epoch: 1,
};

let symbolHeads = new Int32Array(smallSymbols * 2);
/** For each symbol the next one with the same hash. */
let symbolChains = new Int32Array(smallSymbols);
/** By a hash of their octets: valid names of up to 15 octets. One of those with the same hash, the one met last. */
const shortNames = new Int32Array(16_384);
let pairHeads = new Int32Array(smallSymbols * 2);
const seeds = new Uint32Array(2);
let seed = 0;
let multiplier = 0;

/** Registered names in the order of their ids, and the ids by name. */
const registered: { readonly namespace: string; readonly localName: string }[] = [];
const registeredIds = new Map<string, NameId>();
const encoder = new TextEncoder();

function clear(): void {
  globalThis.crypto.getRandomValues(seeds);
  seed = (seeds[0] as number) | 0;
  multiplier = (seeds[1] as number) | 1;
  symbolHeads.fill(-1);
  shortNames.fill(0);
  pairHeads.fill(-1);
  symbols.symbolEnd = 0;
  symbols.arenaEnd = 0;
  symbols.pairEnd = 0;
  symbols.scan = 0;
  symbols.tag = 0;
  symbols.epoch = 1;
  for (const text of reserved) internText(text);
  symbols.ints[xmlSymbol + symbolBound] = xmlBinding;
  for (const text of identifying) symbols.ints[internText(text) + symbolKind] = kindIdentifies;
  for (let id = 0; id < registered.length; id++) {
    const { namespace, localName } = registered[id] as { namespace: string; localName: string };
    symbols.pairs[internPair(internText(namespace), internText(localName)) + pairName] = id;
  }
}

function grown(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(array.subarray(0, Math.min(array.length, length)));
  return larger;
}

/**
 * Makes room for everything a message of `octets` octets may add, so that nothing grows while it is scanned.
 *
 * @param names the limit on distinct names: qualified names, local parts, prefixes and namespaces each stay below it.
 */
export function prepareSymbols(octets: number, names: number): void {
  // A declared prefix takes two symbols, a namespace one, a qualified name two besides its prefix.
  const more = Math.min(octets, 5 * names) + 64;
  if (
    symbols.symbolEnd > smallSymbols * symbolWidth * 3 ||
    symbols.arenaEnd > smallArena * 4 ||
    symbols.epoch > 0x40000000
  ) {
    clear();
  }
  const neededSymbols = symbols.symbolEnd / symbolWidth + more;
  if (neededSymbols * symbolWidth > symbols.ints.length) {
    let count = smallSymbols;
    while (count < neededSymbols) count *= 2;
    symbols.ints = grown(symbols.ints, count * symbolWidth);
    symbolChains = new Int32Array(count);
    rehash(count * 2);
  }
  const neededPairs = symbols.pairEnd / pairWidth + more;
  if (neededPairs * pairWidth > symbols.pairs.length) {
    let count = smallSymbols;
    while (count < neededPairs) count *= 2;
    symbols.pairs = grown(symbols.pairs, count * pairWidth);
    rehashPairs(count * 2);
  }
  const neededArena = symbols.arenaEnd + 2 * octets + 16 * more + 64;
  if (neededArena > symbols.arena.length) {
    const larger = new Uint8Array(2 ** Math.ceil(Math.log2(neededArena)));
    larger.set(symbols.arena.subarray(0, symbols.arenaEnd));
    symbols.arena = larger;
    const largerWords = new Int32Array(larger.length / 4);
    largerWords.set(symbols.words);
    symbols.words = largerWords;
  }
}

function rehash(size: number): void {
  symbolHeads = new Int32Array(size).fill(-1);
  const { ints, symbolEnd } = symbols;
  const view = new DataView(symbols.arena.buffer);
  for (let symbol = 0; symbol < symbolEnd; symbol += symbolWidth) {
    const start = ints[symbol + symbolWord]! << 2;
    const slot = hashOctets(view, start, ints[symbol + symbolLength]!) & (size - 1);
    symbolChains[symbol / symbolWidth] = symbolHeads[slot]!;
    symbolHeads[slot] = symbol;
  }
}

function rehashPairs(size: number): void {
  pairHeads = new Int32Array(size).fill(-1);
  const { pairs, pairEnd } = symbols;
  for (let pair = 0; pair < pairEnd; pair += pairWidth) {
    const slot = pairSlot(pairs[pair + pairUri]!, pairs[pair + pairLocal]!);
    pairs[pair + pairChain] = pairHeads[slot]!;
    pairHeads[slot] = pair;
  }
}

/** The hash of `length` octets, four at a time. */
function hashOctets(view: DataView, from: number, length: number): number {
  let hash = seed ^ length;
  const whole = (from + (length & ~3)) | 0;
  for (let q = from | 0; q < whole; q = (q + 4) | 0) {
    hash = Math.imul(hash ^ view.getInt32(q, true), multiplier);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ restWord(view, whole, length & 3), multiplier);
  return hash ^ (hash >>> 15);
}

/** Which bits of the last word belong to a symbol of `length` octets; none where it ends with a whole word. */
export function restMask(length: number): number {
  return (1 << ((length & 3) << 3)) - 1;
}

/** Up to three octets as one word, the first lowest. */
function restWord(view: DataView, from: number, length: number): number {
  let word = 0;
  for (let i = 0; i < length; i++) word |= view.getUint8(from + i) << (8 * i);
  return word;
}

/** The symbol of the octets from `from` up to `to`. */
export function intern(view: DataView, from: number, to: number): number {
  const length = (to - from) | 0;
  const hash = hashOctets(view, from, length);
  const whole = (from + (length & ~3)) | 0;
  const rest = restWord(view, whole, length & 3);
  const { ints, words } = symbols;
  let symbol = symbolHeads[hash & (symbolHeads.length - 1)]!;
  while (symbol >= 0) {
    if (ints[symbol + symbolLength] === length) {
      let word = ints[symbol + symbolWord]!;
      let q = from | 0;
      while (q < whole && view.getInt32(q, true) === words[word]) {
        q = (q + 4) | 0;
        word = (word + 1) | 0;
      }
      if (q === whole && ((words[word]! ^ rest) & restMask(length)) === 0) return symbol;
    }
    symbol = symbolChains[symbol / symbolWidth]!;
  }
  return add(view, from, length, hash);
}

/** One bit for each octet that ends a name in a well-formed message (white space, `=`, `/`, `>`) or cannot stand in one. */
function nameStops(word: number): number {
  const solidus = word ^ 0x2f2f2f2f;
  const relation = (word | 0x03030303) ^ 0x3f3f3f3f;
  return (
    (((word - 0x2d2d2d2d) & ~word) | ((solidus - 0x01010101) & ~solidus) | ((relation - 0x01010101) & ~relation)) &
    -0x7f7f7f80
  );
}

/** The bits below the octet of the lowest stop; all bits where there is none. */
function belowStops(stops: number): number {
  // The lowest set bit is bit 7 of its octet.
  return ((stops & -stops) >>> 7) - 1;
}

/**
 * The symbol of the name that starts at `from` and ends before the first octet that cannot stand in a name. Names of up to 15
 * octets that were met before are found without a loop: by four words, zeros behind their end.
 *
 * @param lastWord the last offset at which four octets can be read.
 */
export function internName(view: DataView, from: number, lastWord: number): number {
  if (from + 12 > lastWord) return internAnyName(view, from);
  let one = view.getInt32(from, true);
  let two = view.getInt32(from + 4, true);
  let three = 0;
  let four = 0;
  let stops = nameStops(one);
  one &= belowStops(stops);
  // Nothing of the second word where the first has a stop, without a branch: lengths cannot be foretold.
  const short = ~((stops | -stops) >> 31);
  stops = nameStops(two);
  two &= belowStops(stops) & short;
  if ((stops | ~short) === 0) {
    three = view.getInt32(from + 8, true);
    stops = nameStops(three);
    three &= belowStops(stops);
    if (stops === 0) {
      four = view.getInt32(from + 12, true);
      stops = nameStops(four);
      if (stops === 0) return internAnyName(view, from);
      four &= belowStops(stops);
    }
  }
  const hash = Math.imul(
    Math.imul(one ^ seed, multiplier) ^ Math.imul(two, 0x2c1b3c6d) ^ Math.imul(three, 0x297a2d39) ^ four,
    multiplier,
  );
  const slot = hash >>> 18;
  let symbol = shortNames[slot]!;
  const { ints, words } = symbols;
  const word = ints[symbol + symbolWord]!;
  if (
    one === 0 ||
    ((words[word]! ^ one) | (words[word + 1]! ^ two) | (words[word + 2]! ^ three) | (words[word + 3]! ^ four)) !== 0
  ) {
    symbol = internAnyName(view, from) | 0;
    if ((ints[symbol + symbolKind]! & kindMask) !== kindInvalid && ints[symbol + symbolLength]! < 16)
      shortNames[slot] = symbol;
  }
  return symbol;
}

function internAnyName(view: DataView, from: number): number {
  let end = from | 0;
  while (nameClass[view.getUint8(end)] === 1) end = (end + 1) | 0;
  const symbol = intern(view, from, end);
  if ((symbols.ints[symbol + symbolKind]! & kindMask) === kindUnknown) classify(symbol);
  return symbol;
}

function add(view: DataView, from: number, length: number, hash: number): number {
  const { ints, arena, words } = symbols;
  const symbol = symbols.symbolEnd;
  const start = symbols.arenaEnd;
  for (let i = 0; i < length; i++) arena[start + i] = view.getUint8(from + i);
  for (let i = 0; i < Math.max(16, length); i += 4)
    words[(start + i) >> 2] = wordAt(arena, start + i, Math.min(4, length - i));
  ints.fill(0, symbol, symbol + symbolWidth);
  ints[symbol + symbolWord] = start >> 2;
  ints[symbol + symbolLength] = length;
  ints[symbol + symbolTail] = length < 4 ? restWord(view, from, length) : view.getInt32(from + length - 4, true);
  const slot = hash & (symbolHeads.length - 1);
  symbolChains[symbol / symbolWidth] = symbolHeads[slot]!;
  symbolHeads[slot] = symbol;
  symbols.symbolEnd = symbol + symbolWidth;
  // Four words at least, zeros behind the end: see `internName`.
  symbols.arenaEnd = start + Math.max(16, (length + 3) & ~3);
  return symbol;
}

/** Up to four octets as one word, the first lowest. */
function wordAt(octets: Uint8Array, from: number, count: number): number {
  let word = 0;
  for (let i = 0; i < count; i++) word |= octets[from + i]! << (8 * i);
  return word;
}

/** Finds out whether a symbol is a qualified name (Namespaces in XML 1.0, production 7) and of which parts. */
function classify(symbol: number): void {
  const { ints, arena } = symbols;
  const start = ints[symbol + symbolWord]! << 2;
  const end = start + ints[symbol + symbolLength]!;
  let divided = -1;
  let first = true;
  let kind = start === end ? kindInvalid : kindPlain;
  for (let i = start; i < end; ) {
    let point = arena[i]!;
    if (point === 0x3a) {
      if (divided >= 0 || first) kind = kindInvalid;
      divided = i++;
      first = true;
      continue;
    }
    let width = 1;
    if (point >= 0xf0) {
      point = ((point & 7) << 18) | ((arena[i + 1]! & 63) << 12) | ((arena[i + 2]! & 63) << 6) | (arena[i + 3]! & 63);
      width = 4;
    } else if (point >= 0xe0) {
      point = ((point & 15) << 12) | ((arena[i + 1]! & 63) << 6) | (arena[i + 2]! & 63);
      width = 3;
    } else if (point >= 0x80) {
      point = ((point & 31) << 6) | (arena[i + 1]! & 63);
      width = 2;
    }
    if (!(first ? startsName(point) : continuesName(point))) kind = kindInvalid;
    first = false;
    i += width;
  }
  if (first) kind = kindInvalid;
  let prefix = emptySymbol;
  let local = symbol;
  if (kind === kindPlain && divided >= 0) {
    kind = kindPrefixed;
    const view = new DataView(arena.buffer);
    prefix = intern(view, start, divided);
    local = intern(view, divided + 1, end);
    if (prefix === xmlnsSymbol) {
      kind = kindDeclaration;
      prefix = local;
    }
  } else if (symbol === xmlnsSymbol) {
    kind = kindDeclaration;
  }
  ints[symbol + symbolPrefix] = prefix;
  ints[symbol + symbolLocal] = local;
  ints[symbol + symbolUri] = -1;
  ints[symbol + symbolKind] =
    (ints[local + symbolKind]! & kindIdentifies) | (ints[symbol + symbolKind]! & kindUri) | kind;
}

function pairSlot(uri: number, local: number): number {
  let hash = Math.imul(seed ^ uri, multiplier);
  hash ^= hash >>> 15;
  hash = Math.imul(hash ^ local, multiplier);
  hash ^= hash >>> 15;
  return hash & (pairHeads.length - 1);
}

/** The expanded name of a namespace and a local part. */
export function internPair(uri: number, local: number): number {
  const slot = pairSlot(uri, local);
  const { pairs } = symbols;
  let pair = pairHeads[slot]!;
  while (pair >= 0) {
    if (pairs[pair + pairUri] === uri && pairs[pair + pairLocal] === local) return pair;
    pair = pairs[pair + pairChain]!;
  }
  pair = symbols.pairEnd;
  pairs.fill(0, pair, pair + pairWidth);
  pairs[pair + pairUri] = uri;
  pairs[pair + pairLocal] = local;
  pairs[pair + pairChain] = pairHeads[slot]!;
  pairs[pair + pairName] = dynamicNames + pair / pairWidth;
  pairs[pair + pairBefore] = -1;
  pairHeads[slot] = pair;
  symbols.pairEnd = pair + pairWidth;
  return pair;
}

/** The symbol of a text. */
export function internText(text: string): number {
  const octets = encoder.encode(text);
  return intern(new DataView(octets.buffer, octets.byteOffset, octets.length), 0, octets.length);
}

/**
 * The id of an expanded name, for comparison with what {@link XmlDocument} answers. Call it when a module loads: a message
 * scanned before its registration knows the name under another id.
 *
 * @param namespace the namespace name, "" for none.
 * @returns the same id for the same name for as long as the process lives; ids of different threads differ.
 */
export function registerName(namespace: string, localName: string): NameId {
  prepareSymbols(3 * (namespace.length + localName.length), 64);
  const pair = internPair(internText(namespace), internText(localName));
  const known = symbols.pairs[pair + pairName]!;
  if (known < dynamicNames) return known;
  const id = registered.push({ namespace, localName }) - 1;
  registeredIds.set(`${namespace} ${localName}`, id);
  symbols.pairs[pair + pairName] = id;
  // The name may stand in the guesses of qualified names already met: make them look again.
  for (let symbol = 0; symbol < symbols.symbolEnd; symbol += symbolWidth) symbols.ints[symbol + symbolScan] = -1;
  return id;
}

/** The id of a name if it is registered. */
export function findRegisteredName(namespace: string, localName: string): NameId | undefined {
  return registeredIds.get(`${namespace} ${localName}`);
}

/** The parts of a registered name; undefined for ids that stand for a name within one message only. */
export function registeredName(id: NameId): { readonly namespace: string; readonly localName: string } | undefined {
  return registered[id];
}

clear();
