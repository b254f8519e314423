import { randomBytes } from "node:crypto";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { encryptedData, encryptedKey, encryptionUri, sealGcm, sealKey } from "../support/encryption.js";
import { holderOfKeyMessage } from "../support/messages.js";
import { namespaces } from "../support/namespaces.js";
import { attack } from "./attack.js";
import { part, rebuilt, replaced } from "./support/edit.js";
import { ownSignature, reissued } from "./support/reissue.js";
import { assertionRoute } from "./support/sealed.js";

/*
 * Assertions that come encrypted: what is inside is judged like any other.
 */

const { signer, service, issuer } = credentials();

describe("encrypted assertions", () => {
  const issued = (change: (assertion: string) => string = (text) => text) => {
    const message = holderOfKeyMessage({ signer, assertion: { issuedBy: issuer } });
    const key = randomBytes(32);
    const sealedAssertion =
      `<saml2:EncryptedAssertion xmlns:saml2="${namespaces.saml2}">` +
      `${encryptedData("ED-A", sealGcm(key, change(part(message, "assertion"))), { type: encryptionUri.element })}` +
      `${encryptedKey(service, sealKey(service, key), [], { id: "EK-A" })}</saml2:EncryptedAssertion>`;
    return { ...message, parts: { ...message.parts, assertion: sealedAssertion } };
  };
  const admitted = async () => {
    const genuine = issued();
    await assertionRoute.admits({ ...genuine, bytes: Buffer.from(rebuilt(genuine, {}).body) });
  };
  attack("D12", "no signature inside", async () => {
    await admitted();
    return assertionRoute.refuses(
      rebuilt(
        issued((text) => replaced(text, ownSignature, "")),
        {},
      ),
    );
  });
  attack("D12", "a changed subject inside", async () => {
    await admitted();
    return assertionRoute.refuses(
      rebuilt(
        issued((text) => replaced(text, ">alice<", ">admin<")),
        {},
      ),
    );
  });
  attack("G15", "another audience inside", async () => {
    await admitted();
    return assertionRoute.refuses(
      rebuilt(
        issued((text) => reissued(text, (said) => replaced(said, ">urn:orders<", ">urn:other<"))),
        {},
      ),
    );
  });
  attack("G15", "another issuer inside", async () => {
    await admitted();
    return assertionRoute.refuses(
      rebuilt(
        issued((text) => reissued(text, (said) => replaced(said, ">https://sts.example<", ">urn:else<"))),
        {},
      ),
    );
  });
});
