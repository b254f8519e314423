/**
 * The layout of the tape: one scanned message as flat integers. Each kind of row has a fixed number of integers (`...Width`);
 * the other constants are positions in a row. Offsets count octets of the message from its first octet.
 */

/** Element rows stand in document order: the descendants of row `e` are the rows from `e + 1` up to its `elementAfter`. */
export const elementWidth = 8;
/** Elements to offsets of rows and back: `element << elementShift`. */
export const elementShift = 3;
/** Offset of `<`. */
export const elementStart = 0;
/** Offset behind the start tag. */
export const elementContentStart = 1;
/** Offset of the end tag; of an empty-element tag the offset behind it. */
export const elementContentEnd = 2;
/** Index of the first element behind the subtree. */
export const elementAfter = 3;
/** Index of the parent, -1 for the root. */
export const elementParent = 4;
/** NameId. */
export const elementName = 5;
/** Declaration row that binds the element's prefix, shifted left by {@link bindingShift}, and the tag flags below. */
export const elementBinding = 6;
/** Index of the tag row; 0 where the start tag has neither attributes nor declarations. */
export const elementTag = 7;

/** What start tags have besides a name. Row 0 is that of all tags that have nothing. */
export const tagWidth = 4;
/** Index of the first attribute, and behind the last. */
export const tagAttributes = 0;
export const tagAttributesEnd = 1;
/** Index of the first namespace declaration, and behind the last. */
export const tagDeclarations = 2;
export const tagDeclarationsEnd = 3;

/** Flags stand below this bit. */
export const bindingShift = 6;
/** The start tag is not written as Canonical XML writes it: white space, quotes, values. */
export const tagRewrite = 1;
/** The attributes do not stand in canonical order. */
export const tagUnordered = 2;
/** The tag declares namespaces. */
export const tagDeclares = 4;
/** Its declarations do not all stand before the attributes in canonical order, or are not written canonically. */
export const tagDeclaresUnordered = 8;
/** Some attribute has a prefix other than `xml`. */
export const tagPrefixed = 16;
/** An empty-element tag. */
export const tagEmpty = 32;

export const attributeWidth = 6;
/** NameId. */
export const attributeName = 0;
/** Offset of the qualified name. */
export const attributeStart = 1;
/** Octets of the qualified name, shifted left by one; bit 0 is set where the value is not written canonically. */
export const attributeLength = 2;
/** Offset of the value, behind the quote. */
export const attributeValue = 3;
/** Offset of the closing quote. */
export const attributeValueEnd = 4;
/** Declaration row that binds the prefix; 0 where there is none. */
export const attributeBinding = 5;

export const declarationWidth = 6;
/** Number of the prefix: equal numbers are equal prefixes. 0 is the default namespace. */
export const declarationPrefix = 0;
/** Number of the namespace: equal numbers are equal names. 0 is the empty name. */
export const declarationUri = 1;
/** Offset of `xmlns`. */
export const declarationStart = 2;
/** Octets of the prefix, shifted left by one; bit 0 is set where the declaration is not written canonically. */
export const declarationLength = 3;
/** Offset of the value, behind the quote. */
export const declarationValue = 4;
/** Offset of the closing quote. */
export const declarationValueEnd = 5;

/** Row 0 stands for "no namespace", row 1 for the built-in `xml` prefix; the message's own declarations follow. */
export const noBinding = 0;
export const xmlBinding = 1;
export const firstDeclaration = 2;

/** Places where the message may differ from its canonical form, ordered by offset; everything between them is canonical. */
export const differenceWidth = 3;
/** Offset of the first octet concerned. */
export const differenceStart = 0;
/** Offset behind the last octet concerned. */
export const differenceEnd = 1;
/** What differs: the index of an element (its start tag), or one of the two kinds below. */
export const differenceKind = 2;
/** Character data: references, carriage returns, CDATA sections, comments, `>`. */
export const differenceText = -1;
/** An end tag with white space in it. */
export const differenceEndTag = -2;

/** Attributes that may be identifiers. */
export const identifierWidth = 2;
export const identifierElement = 0;
export const identifierAttribute = 1;

/** The integers of one document. Each kind of row starts at its base; small documents share an array. */
export interface Tape {
  readonly ints: Int32Array;
  readonly elementBase: number;
  readonly elementCount: number;
  readonly tagBase: number;
  readonly attributeBase: number;
  readonly attributeCount: number;
  readonly declarationBase: number;
  readonly differenceBase: number;
  readonly differenceCount: number;
  readonly identifierBase: number;
  readonly identifierCount: number;
  /** Behind the last integer. */
  readonly end: number;
  /** Numbers of prefixes and namespaces in the declaration rows are below this. */
  readonly symbolEnd: number;
}
