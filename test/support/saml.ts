import { type CanonicalForm, canonical, write } from "./markup.js";
import type { AssertionOptions, SamlVersion } from "./saml-options.js";
import { saml2Element } from "./saml2.js";
import { saml11Element } from "./saml11.js";
import { certificateData } from "./security-header.js";
import { makeSignature, type SignatureRecord } from "./signature.js";

export type { AssertionOptions, SamlVersion };

/** A signed assertion: finished text that stands on its own, and what was signed. */
export interface MadeAssertion {
  readonly id: string;
  readonly version: SamlVersion;
  readonly text: string;
  readonly signature: SignatureRecord;
}

const form: CanonicalForm = { method: "exclusive" };

/** Issues a signed assertion of either version (SAML core sections 2 and 5), canonical as it stands. */
export function assertion(options: AssertionOptions): MadeAssertion {
  const { version = "2.0" } = options;
  const [elementOf, prefix] =
    version === "2.0" ? ([saml2Element, "saml2"] as const) : ([saml11Element, "saml"] as const);
  const id = options.id ?? "_assertion-1";
  const now = options.now ?? new Date();
  const octets = canonical(elementOf(id, options, now, []), form);
  const signature = makeSignature({
    part: "assertion",
    algorithm: options.algorithm ?? "rsa-sha256",
    digest: options.digest ?? "sha256",
    form,
    signer: options.issuedBy,
    targets: [{ part: "assertion", uri: `#${id}`, octets, transform: "enveloped" }],
    keyInfo: [certificateData(options.issuedBy.certificate)],
    around: new Set([prefix]),
  });
  return { id, version, text: write(elementOf(id, options, now, [signature.element])), signature: signature.record };
}
