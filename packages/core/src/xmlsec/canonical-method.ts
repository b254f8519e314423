import { type CanonicalForm, exclusive, type XmlDocument } from "../xml/index.js";
import type { SignatureLimits } from "./limits.js";
import {
  attributeNames,
  c14n10,
  c14n10WithComments,
  c14n11,
  c14n11WithComments,
  excC14nNamespace,
  exclusiveC14n,
  exclusiveC14nWithComments,
  inclusiveNamespaces,
} from "./names.js";
import { isNcName } from "./nc-name.js";
import { refuseAlgorithm, refuseShape } from "./refusals.js";

/** A canonical form as a message names it. */
export interface CanonicalMethod {
  /** The algorithm's URI: what a route's list of allowed forms is compared with. */
  readonly uri: string;
  readonly form: CanonicalForm;
}

const forms: ReadonlyMap<string, CanonicalForm> = new Map([
  [exclusiveC14n, exclusive],
  [exclusiveC14nWithComments, { method: "exclusive", comments: true }],
  [c14n10, { method: "inclusive", comments: false }],
  [c14n10WithComments, { method: "inclusive", comments: true }],
  [c14n11, { method: "inclusive11", comments: false }],
  [c14n11WithComments, { method: "inclusive11", comments: true }],
]);

/** What a Reference without a canonicalization transform means: XML Signature 1.1 section 4.4.3.2. */
export const implicitMethod: CanonicalMethod = Object.freeze({
  uri: c14n10,
  form: Object.freeze({ method: "inclusive", comments: false } as const),
});

/** The canonical form with that URI; undefined for any other algorithm. */
export function canonicalForm(uri: string): CanonicalForm | undefined {
  return forms.get(uri);
}

/** The URI of a canonical form. */
export function canonicalFormUri(form: CanonicalForm): string {
  switch (form.method) {
    case "exclusive":
      return form.comments ? exclusiveC14nWithComments : exclusiveC14n;
    case "inclusive":
      return form.comments ? c14n10WithComments : c14n10;
    case "inclusive11":
      return form.comments ? c14n11WithComments : c14n11;
  }
}

/** Whether two forms give the same octets for every element. Lists of prefixes are compared as written. */
export function sameForm(a: CanonicalForm, b: CanonicalForm): boolean {
  if (a === b) return true;
  if (a.method !== b.method || a.comments !== b.comments) return false;
  const mine = a.inclusivePrefixes ?? [];
  const other = b.inclusivePrefixes ?? [];
  return mine.length === other.length && mine.every((prefix, index) => prefix === other[index]);
}

/**
 * Reads the canonical form of a CanonicalizationMethod or Transform with its parameters.
 * @returns undefined where the algorithm is no canonicalization.
 * @throws ERR_WSS_INVALID_SECURITY for parameters that do not belong there, or exceed a limit.
 */
export function parseCanonicalMethod(
  doc: XmlDocument,
  element: number,
  uri: string,
  limits: SignatureLimits,
): CanonicalMethod | undefined {
  const form = forms.get(uri);
  if (form === undefined) return undefined;
  const parameters = doc.firstChild(element);
  if (parameters < 0) return { uri, form };
  if (form.method !== "exclusive" || doc.name(parameters) !== inclusiveNamespaces || doc.nextSibling(parameters) >= 0) {
    refuseShape(
      doc,
      parameters,
      `${doc.qualifiedName(parameters)} is no parameter of ${uri}`,
      "XML Exclusive C14N section 4",
    );
  }
  const inclusivePrefixes = parsePrefixList(doc, parameters, limits);
  return { uri, form: inclusivePrefixes.length === 0 ? form : { ...form, inclusivePrefixes } };
}

/** As {@link parseCanonicalMethod} for a ds:CanonicalizationMethod element, which can be nothing else. */
export function parseCanonicalizationMethod(
  doc: XmlDocument,
  element: number,
  limits: SignatureLimits,
): CanonicalMethod {
  const uri = requiredAlgorithm(doc, element);
  return (
    parseCanonicalMethod(doc, element, uri, limits) ??
    refuseAlgorithm(doc, element, `${uri} is no canonicalization method we take`, "BSP R5404", remedy)
  );
}

/** The Algorithm attribute, which must be there. */
export function requiredAlgorithm(doc: XmlDocument, element: number): string {
  return (
    doc.attribute(element, attributeNames.algorithm) ??
    refuseShape(doc, element, `${doc.qualifiedName(element)} has no Algorithm attribute`, "XML Signature 1.1 section 4")
  );
}

const remedy = `Use ${exclusiveC14n}`;

function parsePrefixList(doc: XmlDocument, element: number, limits: SignatureLimits): readonly string[] {
  const list = doc.attribute(element, attributeNames.prefixList);
  if (list === undefined || doc.firstChild(element) >= 0) {
    refuseShape(doc, element, "InclusiveNamespaces is an empty element with a PrefixList", excC14nNamespace);
  }
  if (list.length > limits.maxPrefixList) {
    refuseShape(doc, element, `the PrefixList has ${list.length} characters, more than ${limits.maxPrefixList}`);
  }
  // Order, repetition and white space do not matter (BSP R5414, R5415); attribute values hold no line ends but escaped ones.
  const prefixes = list.split(/[ \t\r\n]+/).filter((prefix) => prefix !== "");
  if (prefixes.length > limits.maxPrefixes) {
    refuseShape(doc, element, `the PrefixList has ${prefixes.length} prefixes, more than ${limits.maxPrefixes}`);
  }
  for (const prefix of prefixes) {
    if (prefix !== "#default" && !isNcName(prefix)) {
      refuseShape(doc, element, "the PrefixList holds something that is no namespace prefix", "BSP R5415");
    }
  }
  return prefixes;
}
