import { OctetString } from "asn1js";
import { type GeneralName, type GeneralSubtree, type NameConstraints, RelativeDistinguishedNames } from "pkijs";
import type { Certificate } from "./certificate.js";
import { DistinguishedName } from "./distinguished-name.js";

/**
 * Why the names of a certificate break an authority's name constraints (RFC 5280 section 4.2.1.10), or undefined where they
 * keep them. A form of name that is constrained but cannot be evaluated breaks them.
 *
 * pkijs checks name constraints too, but is content when one of several names is permitted, takes a directory name that
 * holds the base somewhere, skips mail addresses in the subject and the constraints of the trusted authority itself.
 */
export function nameConstraintFault(constraints: NameConstraints, certificate: Certificate): string | undefined {
  for (const name of namesOf(certificate)) {
    const excluded = basesFor(name, constraints.excludedSubtrees);
    const permitted = basesFor(name, constraints.permittedSubtrees);
    if (excluded.some((base) => lies(name, base) !== false))
      return `a name of form ${name.type} lies in an excluded subtree`;
    if (permitted.length > 0 && !permitted.some((base) => lies(name, base) === true)) {
      return `a name of form ${name.type} lies outside the permitted subtrees`;
    }
  }
  return undefined;
}

/** Forms of names by their context tag (RFC 5280 section 4.2.1.6). */
const form = Object.freeze({ email: 1, dns: 2, directory: 4, uri: 6, ip: 7 });

/** A name with its value, or with undefined where the value cannot be evaluated. */
interface Name {
  readonly type: number;
  readonly value: string | Uint8Array | DistinguishedName | undefined;
}

function namesOf({ subjectName, extensions }: Certificate): readonly Name[] {
  const names = extensions.subjectAltNames.map(readName);
  if (subjectName.parts.length > 0) names.push({ type: form.directory, value: subjectName });
  for (const value of subjectName.values("EMAILADDRESS")) names.push({ type: form.email, value });
  return names;
}

function basesFor({ type }: Name, subtrees: readonly GeneralSubtree[] = []): readonly Name[] {
  return subtrees.filter(({ base }) => base.type === type).map(({ base }) => readName(base));
}

function readName({ type, value }: GeneralName): Name {
  const given: unknown = value;
  if (given instanceof OctetString) return { type, value: given.valueBlock.valueHexView };
  if (given instanceof RelativeDistinguishedNames) {
    return { type, value: DistinguishedName.fromDer(new Uint8Array(given.valueBeforeDecode)) };
  }
  return { type, value: typeof given === "string" && /^[\x21-\x7e]*$/.test(given) ? given : undefined };
}

/** Whether the name lies in the subtree; undefined where that cannot be told. */
function lies({ type, value }: Name, { value: base }: Name): boolean | undefined {
  if (value instanceof DistinguishedName) return base instanceof DistinguishedName ? value.isWithin(base) : undefined;
  if (value instanceof Uint8Array) return base instanceof Uint8Array ? addressWithin(value, base) : undefined;
  if (value === undefined || typeof base !== "string") return undefined;
  if (type === form.dns) return domainWithin(value, base);
  if (type === form.email) return mailboxWithin(value, base);
  return type === form.uri ? uriWithin(value, base) : undefined;
}

/** The base itself, or labels added in front of it. A wildcard stands for the names it could match. */
function domainWithin(name: string, base: string): boolean {
  const domain = withoutDot(name).toLowerCase().replace(/^\*\./, "");
  const root = withoutDot(base).toLowerCase();
  return root === "" || domain === root || domain.endsWith(`.${root}`);
}

/** A mailbox, a host, or with a leading dot a domain of hosts. The local part counts exactly. */
function mailboxWithin(name: string, base: string): boolean | undefined {
  const at = name.lastIndexOf("@");
  if (at < 1) return undefined;
  if (!base.includes("@")) return hostWithin(name.slice(at + 1), base);
  const baseAt = base.lastIndexOf("@");
  return name.slice(0, at) === base.slice(0, baseAt) && sameText(name.slice(at + 1), base.slice(baseAt + 1));
}

function uriWithin(name: string, base: string): boolean | undefined {
  const host = URL.canParse(name) ? new URL(name).hostname : "";
  // An address has no place in a tree of names.
  if (host === "" || host.startsWith("[") || /^[\d.]+$/.test(host)) return undefined;
  return hostWithin(host, base);
}

function hostWithin(host: string, base: string): boolean {
  return base.startsWith(".") ? host.toLowerCase().endsWith(base.toLowerCase()) : sameText(host, base);
}

/** The base is an address and a mask of the same length. */
function addressWithin(address: Uint8Array, base: Uint8Array): boolean | undefined {
  if (address.length !== 4 && address.length !== 16) return undefined;
  if (base.length !== address.length * 2) return base.length === 8 || base.length === 32 ? false : undefined;
  return address.every((octet, index) => {
    const mask = base[address.length + index] ?? 0;
    return (octet & mask) === ((base[index] ?? 0) & mask);
  });
}

function withoutDot(domain: string): string {
  return domain.startsWith(".") ? domain.slice(1) : domain;
}

function sameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
