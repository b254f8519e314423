import { apostrophe, less, quote } from "./characters.js";
import type { XmlLimits } from "./limits.js";
import { limitAt, malformedAt } from "./refusal.js";

/** What is wrong with a start tag, told apart only when one is refused. */

/** Refuses what stands in a start tag where white space, an attribute or the tag's end should. */
export function refuseTag(octets: Uint8Array, at: number): never {
  const rule = "XML 1.0 section 3.1";
  if (octets[at] === less)
    malformedAt(at, 'A start tag is not closed before the next "<".', 'Close it with ">".', rule);
  if (octets[at - 1] === quote || octets[at - 1] === apostrophe) {
    malformedAt(at, "An attribute follows another without white space.", "Put a space between them.", rule);
  }
  malformedAt(
    at,
    "A start tag has a character that belongs to no attribute.",
    'Write attributes as name="value".',
    rule,
  );
}

/** Refuses one attribute too many. */
export function refuseAttributes(at: number, count: number, limits: XmlLimits): never {
  if (count >= limits.maxAttributes) limitAt(at, "more attributes", limits.maxAttributes, "maxAttributes");
  limitAt(at, "more attributes on one element", limits.maxAttributesPerElement, "maxAttributesPerElement");
}

export function refusePrefix(at: number): never {
  const rule = "Namespaces in XML 1.0 section 5";
  malformedAt(
    at,
    "A prefix is not declared here.",
    "Declare it with xmlns:prefix on this element or one around it.",
    rule,
  );
}
