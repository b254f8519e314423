import { ampersand, quote } from "./characters.js";
import type { XmlLimits } from "./limits.js";
import { characterAt, referenceShift, scanReference } from "./references.js";
import { forbiddenAt, limitAt, malformedAt } from "./refusal.js";
import { compareSymbols, startsWith } from "./scan-names.js";
import { growScratch, scratch } from "./scratch.js";
import * as table from "./symbols.js";
import { emptySymbol, symbols, xmlnsSymbol, xmlnsUriSymbol, xmlSymbol, xmlUriSymbol } from "./symbols.js";
import * as tape from "./tape.js";

/** What the scan does with namespace declarations: binds prefixes where they open and looses them where they close. */

const declarationWidth = tape.declarationWidth;

/**
 * The namespace that a declaration's value is, where it is one of the two that this attribute declared last: its octets need not
 * be looked at one by one then.
 *
 * @param name the symbol of the attribute.
 * @returns the symbol of the namespace; the empty one where the value is something else.
 */
export function expectedNamespace(view: DataView, lastWord: number, name: number, valueStart: number): number {
  const { ints } = symbols;
  const prefix = ints[name + table.symbolPrefix]!;
  // What these two may be bound to is looked at every time.
  if (prefix === xmlSymbol || prefix === xmlnsSymbol) return emptySymbol;
  let uri = ints[name + table.symbolValue]!;
  if (isValue(view, lastWord, valueStart, uri)) return uri;
  const last = uri;
  uri = ints[last + table.symbolValue]!;
  if (!isValue(view, lastWord, valueStart, uri)) return emptySymbol;
  ints[uri + table.symbolValue] = last;
  ints[name + table.symbolValue] = uri;
  return uri;
}

/** Whether the attribute value that starts at `from` is a symbol's octets, in double quotes. */
function isValue(view: DataView, lastWord: number, from: number, symbol: number): boolean {
  const end = (from + symbols.ints[symbol + table.symbolLength]!) | 0;
  return end <= lastWord && view.getUint8(end) === quote && startsWith(view, from, symbol, lastWord);
}

/**
 * Takes a namespace declaration of the start tag at work.
 *
 * @param expected what {@link expectedNamespace} found.
 * @param altered not 0 where the declaration is not written canonically.
 * @param first the first declaration of this tag.
 * @returns the flags it adds to the tag.
 */
export function openNamespace(
  view: DataView,
  expected: number,
  name: number,
  nameStart: number,
  valueStart: number,
  valueEnd: number,
  altered: number,
  first: number,
  limits: XmlLimits,
): number {
  const { ints, scan } = symbols;
  const prefix = ints[name + table.symbolPrefix]!;
  if (ints[prefix + table.symbolBound]! >= first) {
    malformedAt(
      nameStart,
      "A start tag declares a prefix twice.",
      "Leave one out.",
      "Namespaces in XML 1.0 section 6.3",
    );
  }

  let uri = expected;
  if (uri === emptySymbol) {
    uri = declaredNamespace(view, prefix, nameStart, valueStart, valueEnd, limits);
    if (prefix === xmlSymbol) {
      // It declares what is so anyway, once: it has no row.
      if (scratch.xmlDeclared === symbols.tag) {
        malformedAt(
          nameStart,
          "A start tag declares a prefix twice.",
          "Leave one out.",
          "Namespaces in XML 1.0 section 6.3",
        );
      }
      scratch.xmlDeclared = symbols.tag;
      return tape.tagRewrite;
    }
    // What is written with references is not what its octets say: it must never be expected.
    if (scratch.referenced === 0 && uri !== emptySymbol && uri !== ints[name + table.symbolValue]) {
      ints[uri + table.symbolValue] = ints[name + table.symbolValue]!;
      ints[name + table.symbolValue] = uri;
    }
  }
  if (uri !== emptySymbol && ints[uri + table.symbolMet] !== scan) {
    if (ints[uri + table.symbolLength]! > limits.maxNamespaceUri) {
      limitAt(nameStart, "a longer namespace name", limits.maxNamespaceUri, "maxNamespaceUri");
    }
    ints[uri + table.symbolMet] = scan;
    if (++scratch.namespaces > limits.maxDistinctNames) {
      limitAt(nameStart, "more different namespaces", limits.maxDistinctNames, "maxDistinctNames");
    }
  }

  const row = scratch.declarationCount;
  const at = row * declarationWidth;
  if (row - tape.firstDeclaration === limits.maxNamespaces) {
    limitAt(nameStart, "more namespace declarations", limits.maxNamespaces, "maxNamespaces");
  }
  if (row - first === limits.maxNamespacesPerElement) {
    const limit = limits.maxNamespacesPerElement;
    limitAt(nameStart, "more namespace declarations on one element", limit, "maxNamespacesPerElement");
  }
  if (at + declarationWidth > scratch.declarations.length) growScratch("declarations");
  if (row >= scratch.shadowed.length) growScratch("shadowed");
  const { declarations } = scratch;
  declarations[at + tape.declarationPrefix] = prefix;
  declarations[at + tape.declarationUri] = uri;
  declarations[at + tape.declarationStart] = nameStart;
  declarations[at + tape.declarationLength] = (ints[prefix + table.symbolLength]! << 1) | (altered === 0 ? 0 : 1);
  declarations[at + tape.declarationValue] = valueStart;
  declarations[at + tape.declarationValueEnd] = valueEnd;
  const outer = ints[prefix + table.symbolBound]!;
  scratch.shadowed[row] = outer;
  ints[prefix + table.symbolBound] = row;
  scratch.declarationCount = row + 1;
  symbols.epoch++;
  if (outer === 0 && ++scratch.inScope > limits.maxNamespacesInScope) {
    limitAt(nameStart, "more prefixes in scope", limits.maxNamespacesInScope, "maxNamespacesInScope");
  }
  if (row > first && compareSymbols(declarations[at - declarationWidth + tape.declarationPrefix]!, prefix) >= 0) {
    return tape.tagDeclares | tape.tagDeclaresUnordered;
  }
  return tape.tagDeclares;
}

/** Undoes the declarations of the element at `row` when it closes. */
export function closeNamespaces(row: number): void {
  const { elements, tags, declarations, shadowed } = scratch;
  const tag = elements[row + tape.elementTag]! * tape.tagWidth;
  const first = tags[tag + tape.tagDeclarations]!;
  const { ints } = symbols;
  for (let d = tags[tag + tape.tagDeclarationsEnd]! - 1; d >= first; d--) {
    const outer = shadowed[d]!;
    ints[declarations[d * declarationWidth + tape.declarationPrefix]! + table.symbolBound] = outer;
    if (outer === 0) scratch.inScope--;
  }
  symbols.epoch++;
}

/** After a refusal: no prefix stays bound. */
export function forgetNamespaces(): void {
  const { declarations, declarationCount } = scratch;
  for (let d = tape.firstDeclaration; d < declarationCount; d++) {
    symbols.ints[declarations[d * declarationWidth + tape.declarationPrefix]! + table.symbolBound] = tape.noBinding;
  }
}

const namespaceRule = "Namespaces in XML 1.0 section 3";

/** Reads the value of a namespace declaration and refuses what Namespaces in XML 1.0, or the threat of differing readers, forbids. */
function declaredNamespace(
  view: DataView,
  prefix: number,
  at: number,
  start: number,
  end: number,
  limits: XmlLimits,
): number {
  if (prefix === xmlnsSymbol) malformedAt(at, "The prefix xmlns is declared.", "Leave it out.", namespaceRule);
  const { maxNamespaceUri } = limits;
  if (end - start > 8 * maxNamespaceUri) limitAt(at, "a longer namespace name", maxNamespaceUri, "maxNamespaceUri");
  const uri = scratch.referenced === 0 ? table.intern(view, start, end) : decodeNamespace(start, end);
  const { ints } = symbols;
  if (prefix === xmlSymbol || uri === xmlUriSymbol) {
    if (prefix === xmlSymbol && uri === xmlUriSymbol) return uri;
    malformedAt(
      at,
      "The prefix xml and its namespace are bound to something else.",
      "Leave the declaration out.",
      namespaceRule,
    );
  }
  if (uri === xmlnsUriSymbol)
    malformedAt(at, "The namespace of xmlns is bound to a prefix.", "Leave it out.", namespaceRule);
  if ((ints[uri + table.symbolKind]! & table.kindUri) !== 0) return uri;
  if (uri === emptySymbol) {
    if (prefix === emptySymbol) return uri;
    malformedAt(
      at,
      "A prefix is bound to no namespace.",
      "Only the default namespace can be undeclared.",
      namespaceRule,
    );
  }
  const length = ints[uri + table.symbolLength]!;
  if (length > maxNamespaceUri) limitAt(at, "a longer namespace name", maxNamespaceUri, "maxNamespaceUri");
  const first = ints[uri + table.symbolWord]! << 2;
  if (!absoluteUri.test(Buffer.from(symbols.arena.buffer, first, length).toString("latin1"))) {
    const reason = "A namespace name is not an absolute URI.";
    forbiddenAt(
      start,
      reason,
      "Use an absolute URI of ASCII characters, for example urn:example:orders.",
      "RFC 3986 section 4.3",
    );
  }
  ints[uri + table.symbolKind] = ints[uri + table.symbolKind]! | table.kindUri;
  return uri;
}

/** The symbol of a namespace name that is written with references. */
function decodeNamespace(start: number, end: number): number {
  const { octets } = scratch;
  const decoded = new Uint8Array(end - start);
  let length = 0;
  for (let p = start; p < end; ) {
    let octet = octets[p]!;
    if (octet === ampersand) {
      // What is not ASCII is no URI character: any other octet stands for it.
      octet = Math.min(characterAt(octets, p), 0x80);
      p = scanReference(octets, p) >> referenceShift;
    } else {
      p++;
    }
    decoded[length++] = octet;
  }
  return table.intern(new DataView(decoded.buffer), 0, length);
}

/** RFC 3986, Appendix A, `URI`: every repetition is over one class of characters, so that matching is linear. */
const absoluteUri = (() => {
  const character = "(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})";
  const path = `(?:${character}|[:@/])*`;
  const host = `(?:\\[[0-9A-Fa-f:.]+\\]|${character}*)`;
  const authority = `//(?:(?:${character}|:)*@)?${host}(?::[0-9]*)?(?=[/?#]|$)`;
  const rest = `(?:${character}|[:@/?])*`;
  return new RegExp(`^[A-Za-z][A-Za-z0-9+.-]*:(?:${authority}|(?!//))${path}(?:\\?${rest})?(?:#${rest})?$`);
})();
