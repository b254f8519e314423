import type { SamlVersion } from "./assertion.js";

/** Where each version's core specification says what an assertion is judged by. */
const sections = {
  assertion: { "2.0": "2.3.3", "1.1": "2.3.2" },
  issuer: { "2.0": "2.2.5", "1.1": "2.3.2" },
  subject: { "2.0": "2.4.1", "1.1": "2.4.2" },
  conditions: { "2.0": "2.5.1", "1.1": "2.3.2.1" },
  times: { "2.0": "2.5.1.2", "1.1": "2.3.2.1.1" },
  audience: { "2.0": "2.5.1.4", "1.1": "2.3.2.1.3" },
  proxy: { "2.0": "2.5.1.6", "1.1": "2.3.2.1" },
  authentication: { "2.0": "2.7.2", "1.1": "2.4.3" },
  signature: { "2.0": "5", "1.1": "5" },
} as const;

/** What a rule of SAML is about. */
export type CoreTopic = keyof typeof sections;

/**
 * The section of a version's core specification on a topic, for refusals:
 * https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf and
 * https://www.oasis-open.org/committees/download.php/3406/oasis-sstc-saml-core-1.1.pdf
 */
export const coreSection = (version: SamlVersion, topic: CoreTopic): string =>
  `SAML ${version} core section ${sections[topic][version]}`;
