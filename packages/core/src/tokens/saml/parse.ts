import { refuse } from "../../errors/index.js";
import { registerName, type XmlDocument } from "../../xml/index.js";
import { samlNames } from "../../xmlsec/index.js";
import type { AssertionSyntax } from "./assertion.js";
import { parseSaml2 } from "./saml2-parse.js";
import { parseSaml11 } from "./saml11-parse.js";
import { refuseUnsupported } from "./schema-reader.js";

/** Octets of one assertion. */
const maxAssertionOctets = 262_144;

const numbers = [registerName("", "Version"), registerName("", "MajorVersion"), registerName("", "MinorVersion")];

/** The reader of each version by its element, and how that element numbers its version. */
const versions = new Map([
  [samlNames.assertion20, { read: parseSaml2, numbered: ["2.0", undefined, undefined] }],
  [samlNames.assertion11, { read: parseSaml11, numbered: [undefined, "1", "1"] }],
]);

/**
 * Reads an assertion of SAML 2.0 or 1.1: structure only, in the order and number of the schema, no trust. Only what stands
 * directly in this element is read: an Advice is passed over, and assertions inside are nobody's.
 * @param element The Assertion element: a direct child of the Security header.
 * @throws ERR_WSS_UNSUPPORTED_TOKEN for other versions, for an element of one version with the number of another, and for
 * encrypted identifiers and attributes
 * @throws ERR_WSS_INVALID_SECURITY for an assertion of more than 256 KiB
 * @throws ERR_TOKEN_SIGNATURE for a malformed ds:Signature, ERR_WSS_UNSUPPORTED_ALGORITHM for its unknown transforms
 * @throws ERR_TOKEN_MALFORMED for every other departure from the schema
 */
export function parseAssertion(document: XmlDocument, element: number): AssertionSyntax {
  const version = versions.get(document.name(element));
  if (version === undefined || numbers.some((name, i) => document.attribute(element, name) !== version.numbered[i])) {
    refuseUnsupported(
      document,
      element,
      "this is not an assertion of SAML 2.0 or 1.1",
      "Send an assertion of one of these versions, with that version's number.",
    );
  }
  if (document.end(element) - document.start(element) > maxAssertionOctets) {
    refuse("ERR_WSS_INVALID_SECURITY", `the assertion has more than ${maxAssertionOctets} octets`, {
      place: () => document.place(element),
      rule: "limits",
      remedy: "Have the issuer put less into the assertion.",
    });
  }
  return version.read(document, element);
}
