import type { CanonicalForm } from "./canonical-form.js";
import type { XmlDocument } from "./document.js";
import { xmlNamespace } from "./names.js";
import { registerName } from "./symbols.js";
import * as tape from "./tape.js";
import { joinReferences } from "./xml-base.js";

const xmlBase = registerName(xmlNamespace, "base");
const xmlLang = registerName(xmlNamespace, "lang");
const xmlSpace = registerName(xmlNamespace, "space");

/** Attributes that the apex takes over from elements outside the subset (inclusive methods). */
export interface InheritedAttributes {
  /** Attribute rows of ancestors. */
  readonly rows: readonly number[];
  /** The own or inherited `xml:base` row whose value is replaced, -1 for none; an empty value leaves it out. */
  readonly baseRow: number;
  readonly base: string;
}

/**
 * The `xml:` attributes that the apex of a subset takes over from its ancestors. Canonical XML 1.0, section 2.4: all of them,
 * the nearest of each name. Canonical XML 1.1, section 2.4: `xml:lang` and `xml:space` so, `xml:base` joined, `xml:id` not.
 */
export function inheritAttributes(
  document: XmlDocument,
  apex: number,
  method: CanonicalForm["method"],
): InheritedAttributes | undefined {
  const { ints, attributeBase } = document.tape;
  const rows: number[] = [];
  const seen = new Set<number>();
  /** `xml:base` rows from the apex outwards. */
  const bases: number[] = [];
  let own = false;
  for (let element = apex; element >= 0; element = document.parent(element)) {
    const end = document.attributesEnd(element);
    for (let row = document.attributesStart(element); row < end; row++) {
      const at = attributeBase + row * tape.attributeWidth;
      if (ints[at + tape.attributeBinding] !== tape.xmlBinding) continue;
      const name = document.attributeName(row);
      if (method === "inclusive11") {
        if (name === xmlBase) {
          if (element === apex) own = true;
          bases.push(row);
          continue;
        }
        if (name !== xmlLang && name !== xmlSpace) continue;
      }
      if (seen.has(name)) continue;
      seen.add(name);
      if (element !== apex) rows.push(row);
    }
  }
  const nearest = bases[0];
  if (nearest === undefined || (bases.length === 1 && own)) {
    return rows.length === 0 ? undefined : { rows, baseRow: -1, base: "" };
  }
  let base = document.attributeValue(bases[bases.length - 1] as number);
  for (let i = bases.length - 2; i >= 0; i--) base = joinReferences(base, document.attributeValue(bases[i] as number));
  if (!own) rows.push(nearest);
  return { rows, baseRow: nearest, base };
}
