import { describe, expect, it } from "vitest";
import { createTestAuthority } from "../testing/index.js";
import { Certificate } from "./certificate.js";
import type { AlternativeName } from "./certificate-template.js";
import { nameConstraintFault } from "./name-constraints.js";

type Constraints = { permitted?: AlternativeName[]; excluded?: AlternativeName[] };

function keeps(nameConstraints: Constraints, subject: string, alternativeNames: AlternativeName[] = []): boolean {
  const authority = createTestAuthority({ subject: "CN=CA", nameConstraints });
  const { extensions } = Certificate.parse(authority.der);
  const leaf = Certificate.parse(authority.issue({ subject, alternativeNames }).der);
  if (!extensions.nameConstraints) throw new TypeError("the authority has no constraints");
  return nameConstraintFault(extensions.nameConstraints, leaf) === undefined;
}

/** Whether a name keeps a permitted base; an excluded one must say the opposite. */
function within(base: AlternativeName, name: AlternativeName): boolean {
  const permitted = keeps({ permitted: [base] }, "CN=x", [name]);
  expect(keeps({ excluded: [base] }, "CN=x", [name])).toBe(!permitted);
  return permitted;
}

describe("name constraints (RFC 5280 section 4.2.1.10)", () => {
  it.each([
    ["the domain itself", { dns: "example.com" }, { dns: "Example.COM" }],
    ["a host of the domain", { dns: "example.com" }, { dns: "a.b.example.com" }],
    ["a domain with a leading dot", { dns: ".example.com" }, { dns: "a.example.com" }],
    ["a wildcard of the domain", { dns: "example.com" }, { dns: "*.example.com" }],
    ["a mailbox", { email: "a@example.com" }, { email: "a@EXAMPLE.com" }],
    ["a mailbox at a host", { email: "example.com" }, { email: "a@example.com" }],
    ["a mailbox in a domain", { email: ".example.com" }, { email: "a@mail.example.com" }],
    ["a URI at a host", { uri: "example.com" }, { uri: "https://u@example.com:8443/x" }],
    ["a URI in a domain", { uri: ".example.com" }, { uri: "urn2://a.example.com/x" }],
    ["an address in a network", { ip: "10.1.0.0/255.255.0.0" }, { ip: "10.1.2.3" }],
  ] as [string, AlternativeName, AlternativeName][])("accept %s", (_title, base, name) => {
    expect(within(base, name)).toBe(true);
  });

  it.each([
    ["a domain that only ends alike", { dns: "example.com" }, { dns: "badexample.com" }],
    ["a domain above", { dns: "a.example.com" }, { dns: "example.com" }],
    ["another mailbox", { email: "a@example.com" }, { email: "b@example.com" }],
    ["a mailbox of another case", { email: "a@example.com" }, { email: "A@example.com" }],
    ["a mailbox at a host below", { email: "example.com" }, { email: "a@mail.example.com" }],
    ["a URI at a host below", { uri: "example.com" }, { uri: "https://a.example.com/" }],
    ["an address beside the network", { ip: "10.1.0.0/255.255.0.0" }, { ip: "10.2.0.1" }],
  ] as [string, AlternativeName, AlternativeName][])("reject %s", (_title, base, name) => {
    expect(within(base, name)).toBe(false);
  });

  it.each([
    ["a URI without a host", { uri: "example.com" }, { uri: "urn:x" }],
    ["a URI at an address", { uri: "example.com" }, { uri: "https://10.0.0.1/" }],
    ["a mailbox without a host", { email: "example.com" }, { email: "nobody" }],
    ["an address of an odd length", { ip: "10.1.0.0/255.255.0.0" }, { ip: "10.1.2" }],
    ["a domain outside ASCII", { dns: "example.com" }, { dns: "ä.example.com" }],
  ] as [string, AlternativeName, AlternativeName][])("reject %s, permitted or excluded", (_title, base, name) => {
    expect(keeps({ permitted: [base] }, "CN=x", [name])).toBe(false);
    expect(keeps({ excluded: [base] }, "CN=x", [name])).toBe(false);
    expect(keeps({ excluded: [{ directory: "O=other" }] }, "CN=x", [name])).toBe(true);
  });

  it("bind the subject", () => {
    expect(keeps({ permitted: [{ directory: "O=Example,C=DE" }] }, "CN=a,O=Example,C=DE")).toBe(true);
    expect(keeps({ permitted: [{ directory: "O=Example,C=DE" }] }, "CN=a,O=Evil,C=DE")).toBe(false);
    expect(keeps({ excluded: [{ directory: "O=Evil,C=DE" }] }, "CN=a,O=EVIL ,C=DE")).toBe(false);
  });

  it("bind directory names beside the subject", () => {
    const permitted = [{ directory: "O=Example" }];
    expect(keeps({ permitted }, "CN=a,O=Example", [{ directory: "CN=b,O=Example" }])).toBe(true);
    expect(keeps({ permitted }, "CN=a,O=Example", [{ directory: "CN=b,O=Other" }])).toBe(false);
  });

  it("bind mail addresses in the subject", () => {
    expect(keeps({ permitted: [{ email: "example.com" }] }, "E=a@example.com,CN=x")).toBe(true);
    expect(keeps({ permitted: [{ email: "example.com" }] }, "E=a@evil.com,CN=x")).toBe(false);
  });

  it("bind every name, and one permitted base is enough for each", () => {
    const permitted = [{ dns: "a.example" }, { dns: "b.example" }];
    expect(keeps({ permitted }, "CN=x", [{ dns: "a.example" }, { dns: "x.b.example" }])).toBe(true);
    expect(keeps({ permitted }, "CN=x", [{ dns: "a.example" }, { dns: "c.example" }])).toBe(false);
    expect(keeps({ permitted, excluded: [{ dns: "no.a.example" }] }, "CN=x", [{ dns: "no.a.example" }])).toBe(false);
  });
});
