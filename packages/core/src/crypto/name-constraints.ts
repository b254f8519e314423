import type { Certificate } from "./certificate.js";
import type { GeneralName, NameConstraints } from "./certificate-extensions.js";

/**
 * Why the names of a certificate break an authority's name constraints (RFC 5280 section 4.2.1.10), or undefined where they
 * keep them. A form of name that is constrained but cannot be evaluated breaks them.
 */
export function nameConstraintFault(constraints: NameConstraints, certificate: Certificate): string | undefined {
  for (const name of namesOf(certificate)) {
    const excluded = constraints.excluded.filter((base) => base.tag === name.tag);
    const permitted = constraints.permitted.filter((base) => base.tag === name.tag);
    if (excluded.some((base) => lies(name, base) !== false)) return `its ${name.kind} name lies in an excluded subtree`;
    if (permitted.length > 0 && !permitted.some((base) => lies(name, base) === true)) {
      return `its ${name.kind} name lies outside the permitted subtrees`;
    }
  }
  return undefined;
}

function namesOf({ subjectName, extensions }: Certificate): readonly GeneralName[] {
  const names: GeneralName[] = [...extensions.subjectAltNames];
  if (subjectName.parts.length > 0) names.push({ tag: 0xa4, kind: "directory", name: subjectName });
  for (const text of subjectName.values("EMAILADDRESS")) names.push({ tag: 0x81, kind: "email", text });
  return names;
}

/** Whether the name lies in the subtree; undefined where that cannot be told. */
function lies(name: GeneralName, base: GeneralName): boolean | undefined {
  if (name.kind === "directory" && base.kind === "directory") return name.name.isWithin(base.name);
  if (name.kind === "dns" && base.kind === "dns") return domainWithin(name.text, base.text);
  if (name.kind === "email" && base.kind === "email") return mailboxWithin(name.text, base.text);
  if (name.kind === "uri" && base.kind === "uri") return uriWithin(name.text, base.text);
  if (name.kind === "ip" && base.kind === "ip") return addressWithin(name.octets, base.octets);
  return undefined;
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
