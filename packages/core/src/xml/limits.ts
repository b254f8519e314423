import { ConfigurationError } from "../errors/index.js";

/** Structural limits of one message, applied while it is scanned. Lengths are octets of the UTF-8 message. */
export interface XmlLimits {
  /** Elements inside each other; the root counts 1. */
  readonly maxDepth: number;
  /** Elements in all. */
  readonly maxElements: number;
  /** Different element and attribute names; the same bound holds for different prefixes and different namespaces. */
  readonly maxDistinctNames: number;
  /** Attributes of one element, without namespace declarations. */
  readonly maxAttributesPerElement: number;
  /** Attributes in all, without namespace declarations. */
  readonly maxAttributes: number;
  /** Octets between the quotes of one attribute. */
  readonly maxAttributeValue: number;
  /** Octets of one qualified name. */
  readonly maxName: number;
  /** Octets of one namespace name. */
  readonly maxNamespaceUri: number;
  /** Namespace declarations of one element. */
  readonly maxNamespacesPerElement: number;
  /** Prefixes (the default one counts) bound at one place. */
  readonly maxNamespacesInScope: number;
  /** Namespace declarations in all. */
  readonly maxNamespaces: number;
  /** Comments in all. */
  readonly maxComments: number;
}

/** What a message may hold unless a route says otherwise: about ten times what ordinary messages need. */
export const defaultXmlLimits: XmlLimits = Object.freeze({
  maxDepth: 100,
  maxElements: 200_000,
  maxDistinctNames: 16_384,
  maxAttributesPerElement: 64,
  maxAttributes: 400_000,
  maxAttributeValue: 16_384,
  maxName: 1_024,
  maxNamespaceUri: 2_048,
  maxNamespacesPerElement: 32,
  maxNamespacesInScope: 128,
  maxNamespaces: 200_000,
  maxComments: 1_000,
});

/** The largest value of each limit: beyond these the offsets and counters of the tape would not fit. */
const ceilings: XmlLimits = Object.freeze({
  maxDepth: 10_000,
  maxElements: 16_000_000,
  maxDistinctNames: 1_000_000,
  maxAttributesPerElement: 10_000,
  maxAttributes: 16_000_000,
  maxAttributeValue: 64 * 1024 * 1024,
  maxName: 65_535,
  maxNamespaceUri: 65_535,
  maxNamespacesPerElement: 10_000,
  maxNamespacesInScope: 10_000,
  maxNamespaces: 16_000_000,
  maxComments: 16_000_000,
});

/**
 * Completes limits from configuration with the defaults.
 *
 * @param overrides the limits to change; each a positive integer. A limit cannot be switched off.
 * @param option the path of the option, for the error.
 * @throws ConfigurationError ERR_CONFIG_INVALID for anything else.
 */
export function xmlLimits(overrides: Partial<XmlLimits> = {}, option = "limits"): XmlLimits {
  const limits: Record<string, number> = { ...defaultXmlLimits };
  for (const [name, value] of Object.entries(overrides)) {
    const ceiling = (ceilings as unknown as Record<string, number>)[name];
    if (ceiling === undefined) {
      const known = `Known are ${Object.keys(ceilings).join(", ")}.`;
      throw new ConfigurationError("ERR_CONFIG_INVALID", `${option}.${name}`, "no such limit.", known);
    }
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < 1 || value > ceiling) {
      const remedy = `Give an integer from 1 to ${ceiling}, or leave it out for the default.`;
      throw new ConfigurationError("ERR_CONFIG_INVALID", `${option}.${name}`, "not a usable limit.", remedy);
    }
    limits[name] = value;
  }
  return Object.freeze(limits) as unknown as XmlLimits;
}
