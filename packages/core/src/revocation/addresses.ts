import { type BaseBlock, ObjectIdentifier, Primitive, Sequence } from "asn1js";
import { type Certificate, readDer } from "../crypto/index.js";
import { isCountersignError } from "../errors/index.js";

const distributionPoints = "2.5.29.31";
const authorityInformation = "1.3.6.1.5.5.7.1.1";
const ocspAccess = "1.3.6.1.5.5.7.48.1";

/** Most addresses that are tried for one certificate. */
const maxAddresses = 2;
const maxAddressCharacters = 2048;

/** The class of tags that belong to their place, as asn1js numbers it. */
const contextSpecific = 3;

/**
 * Where a certificate says that its authority publishes complete lists (RFC 5280 section 4.2.1.13). Points for some reasons
 * only, or of another issuer, are left out.
 */
export const listAddresses: (certificate: Certificate) => readonly string[] = onceEach((certificate) =>
  childrenOf(certificate, distributionPoints).flatMap((point) => {
    const parts = point instanceof Sequence ? point.valueBlock.value : [];
    const complete = parts.every((part) => tagOf(part) === 0);
    return complete && parts[0] ? pointUris(parts[0]) : [];
  }),
);

/** Where a certificate says that its status can be asked for (RFC 6960 section 3.1). */
export const responderAddresses: (certificate: Certificate) => readonly string[] = onceEach((certificate) =>
  childrenOf(certificate, authorityInformation).flatMap((access) => {
    const [method, location] = access instanceof Sequence ? access.valueBlock.value : [];
    const asked = method instanceof ObjectIdentifier && method.getValue() === ocspAccess;
    return asked && location ? uriOf(location) : [];
  }),
);

/** Reads a certificate once, however often it is asked for. */
function onceEach(
  read: (certificate: Certificate) => readonly string[],
): (certificate: Certificate) => readonly string[] {
  const known = new WeakMap<Certificate, readonly string[]>();
  return (certificate) => {
    const found = known.get(certificate) ?? read(certificate);
    known.set(certificate, found);
    return found;
  };
}

/** The URIs of a DistributionPointName with a full name, in its tag [0]. */
export function pointUris(name: BaseBlock): readonly string[] {
  const [choice] = contentsOf(name);
  return choice && tagOf(choice) === 0 ? contentsOf(choice).flatMap(uriOf) : [];
}

/** Those of the addresses that may be asked: of an allowed origin, and not too many. */
export function allowedAddresses(addresses: readonly string[], origins: ReadonlySet<string>): readonly URL[] {
  return addresses
    .filter((address) => address.length <= maxAddressCharacters && URL.canParse(address))
    .map((address) => new URL(address))
    .filter(({ origin, username, password }) => origins.has(origin) && username === "" && password === "")
    .slice(0, maxAddresses);
}

/** Number of a context-specific tag. */
export function tagOf({ idBlock }: BaseBlock): number | undefined {
  return idBlock.tagClass === contextSpecific ? idBlock.tagNumber : undefined;
}

/** The values inside a constructed one. */
export function contentsOf(block: BaseBlock): readonly BaseBlock[] {
  const { value } = block.valueBlock as { readonly value?: unknown };
  return Array.isArray(value) ? value : [];
}

/** A GeneralName that is a URI. */
function uriOf(name: BaseBlock): readonly string[] {
  if (tagOf(name) !== 6 || !(name instanceof Primitive)) return [];
  return [Buffer.from(name.valueBlock.valueHexView).toString("latin1")];
}

/** An extension that cannot be read names no address. */
function childrenOf(certificate: Certificate, extension: string): readonly BaseBlock[] {
  const octets = certificate.extensions.octets(extension);
  if (octets === undefined) return [];
  try {
    const value = readDer(octets);
    return value instanceof Sequence ? value.valueBlock.value : [];
  } catch (error) {
    if (isCountersignError(error)) return [];
    throw error;
  }
}
