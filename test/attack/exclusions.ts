import type { AttackId } from "./catalogue.js";

/*
 * Rows of the catalogue without a test, each with its reason: take an id out when its test is written. A row stands
 * here or has a test, never both; test/attack/catalogue.test.ts holds that.
 */

/** Rows about something this product does not do. */
export const notApplicable: Partial<Record<AttackId, string>> = {
  G25: "the redirect binding of SAML is not offered, so nothing reads its parameters",
};

const noKerberos = "Kerberos tokens are not taken yet: their ValueType is refused as unsupported";
const inTrust = "tested by this id in test/trust, on the client and the broker instead of a guarded route";
const noMetadata = "nothing is imported from metadata or WSDL yet, so there is nothing to fetch";
const noTenants = "one broker signs with one key and serves one tenant";
const noTickets = "no route accepts session tickets and cookies yet; tickets themselves are attacked by M1 to M9";
const noRateLimit = "a rate limit is not offered yet; cheap checks come before every callback (K27, E6)";

/** Rows whose test is still to be written. */
export const notYet: Partial<Record<AttackId, string>> = {
  H1: noKerberos,
  H2: noKerberos,
  H3: noKerberos,
  H4: noKerberos,
  H5: noKerberos,
  H6: noKerberos,
  H7: noKerberos,
  H8: noKerberos,
  J4: inTrust,
  J23: noMetadata,
  J25: noTenants,
  K25: noRateLimit,
  L23: noTickets,
  L24: noTickets,
  M5: noTickets,
  M10: noTickets,
};
