import { saml2, x509 } from "@countersign/core";
import { credentials } from "../../support/credentials.js";
import { decryptionKey, type Sealing, sealed, sealedFirst } from "../../support/encryption.js";
import { x509Message } from "../../support/messages.js";
import { orders } from "../../support/payload.js";
import { Route } from "./route.js";
import type { Scene } from "./scenes.js";

/*
 * Where attacks on encryption start from: messages with an encrypted Body, signed before or after, and routes that demand it.
 */

const keys = credentials();

/** What routes that decrypt trust. */
export const trust = {
  certificates: [keys.signer.certificate],
  issuers: [{ name: "https://sts.example", certificates: [keys.issuer.certificate] }],
  decryption: [decryptionKey(keys.service)],
};

/** A route that demands an encrypted Body. */
export const sealedRoute = new Route({ trust, accept: [x509({ encrypted: ["body"] })] });

/** A scene whose messages are sealed in some way: signed, then encrypted. */
export const sealedScene = (
  title: string,
  sealing: Partial<Sealing> = {},
  options: Partial<ConstructorParameters<typeof Route>[0]> = {},
): Scene => ({
  title,
  route: sealedRoute.with(options),
  genuine: (more) => sealed(x509Message({ signer: keys.signer, ...more }), { recipient: keys.service, ...sealing }),
});

/** A scene whose messages are encrypted, then signed. */
export const sealedFirstScene = (
  title: string,
  sealing: Partial<Sealing> = {},
  options: Partial<ConstructorParameters<typeof Route>[0]> = {},
): Scene => ({
  title,
  route: sealedRoute.with(options),
  genuine: (more) =>
    sealedFirst((payload) => x509Message({ signer: keys.signer, ...more, payload }), orders({ octets: 1000 }), {
      recipient: keys.service,
      ...sealing,
    }),
});

/** Signed, then encrypted. */
export const signedFirst = sealedScene("signed, then encrypted");
/** Encrypted, then signed. */
export const encryptedFirst = sealedFirstScene("encrypted, then signed");

/** A route of holder-of-key assertions that may come encrypted. */
export const assertionRoute = new Route({
  trust,
  accept: [saml2({ audience: "urn:orders", confirm: "holder-of-key" })],
});
