import { saml2 } from "@countersign/core";
import { describe } from "vitest";
import { credentials, type Signer } from "../support/credentials.js";
import { holderOfKeyMessage, type SoapMessage, x509Message } from "../support/messages.js";
import { assertion } from "../support/saml.js";
import { attack } from "./attack.js";
import { changed, part, rebuilt, replaced } from "./support/edit.js";
import { ownSignature, reissued, says } from "./support/reissue.js";
import { resigned } from "./support/resign.js";
import { renamed } from "./support/saml-words.js";
import {
  type AssertionScene,
  against,
  assertionScenes,
  bearer,
  bearer11,
  holderOfKey,
  holderOfKey11,
  type Scene,
} from "./support/scenes.js";
import type { Sent } from "./support/sent.js";

/*
 * Who may use an assertion: confirmation by the bearer, by a key, by somebody who vouches.
 */

const { signer, issuer, other, stranger } = credentials();
const unsigned = (assertionText: string) => replaced(assertionText, ownSignature, "");
const keyInfo = /<ds:KeyInfo[\s\S]*<\/ds:KeyInfo>/;
const data = /<saml2:SubjectConfirmationData[\s\S]*?<\/saml2:SubjectConfirmationData>/;
/** A message whose assertion is not signed again after the change. */
const tampered =
  (change: (assertionText: string) => string) =>
  (message: SoapMessage): Sent => {
    const sent = changed(message, "assertion", change);
    const attested = message.security.includes("token");
    return attested ? { ...sent, body: resigned(sent.body.toString(), { signer, digests: "sha256" }) } : sent;
  };

for (const scene of assertionScenes) {
  const { saml } = scene;
  const issues = (change: (text: string) => string) => against(scene, (message) => says(message, change));
  describe(scene.title, () => {
    attack("G1", "unsigned", against(scene, tampered(unsigned)));
    attack(
      "G1",
      "signed by a stranger, with his certificate",
      against(
        scene,
        tampered((text) => reissued(text, certified, { signer: stranger })),
      ),
    );
    attack("G1", "with a changed subject", against(scene, tampered(renamed)));
    attack("G6", "an unknown confirmation method", issues(saml.method(() => "urn:example:cm:trust-me")));
    attack(
      "G6",
      "the method in capitals",
      issues(saml.method((uri) => uri.replace(/cm:.*/, (name) => name.toUpperCase()))),
    );
    attack(
      "G6",
      "the method of the other version of SAML",
      issues(saml.method((uri) => uri.replace(/SAML:\d/, (version) => (version === "SAML:1" ? "SAML:2" : "SAML:1")))),
    );
    attack("G6", "an unknown method and the right one behind it", async (expect) => {
      const unknown = "urn:example:cm:trust-me";
      const message = scene.genuine();
      const both =
        saml.version === "2.0"
          ? saml.confirmed((right) => saml.confirmation(unknown) + right)
          : saml.method((right) => `${unknown}</saml:ConfirmationMethod><saml:ConfirmationMethod>${right}`);
      expect((await scene.route.send(says(message, both))).verdict).toBe("accepted");
      return scene.route.refuses(
        says(
          message,
          saml.confirmed(() => saml.confirmation(unknown)),
        ),
      );
    });
    attack("G7", "no SubjectConfirmation", issues(saml.confirmed(() => "")));
    attack(
      "G7",
      "no Subject",
      issues((text) => text.replace(/<(saml2?:Subject)>[\s\S]*?<\/\1>/g, "")),
    );
  });
}

/** The stranger's certificate in the place of the issuer's. */
function certified(text: string): string {
  return replaced(text, ownSignature, (signature) =>
    replaced(signature, /(?<=<ds:X509Certificate>)[^<]*/, stranger.certificate.toString("base64")),
  );
}

/** A holder-of-key message by somebody else's key, with the genuine assertion or another. */
const signedBy = (key: Signer, { saml: { version } }: AssertionScene, assertionText?: string): Sent => {
  const message = holderOfKeyMessage({ signer: key, assertion: { version, issuedBy: issuer, holder: signer } });
  return rebuilt(message, { parts: assertionText === undefined ? {} : { assertion: assertionText } });
};

describe.each([
  [holderOfKey, bearer],
  [holderOfKey11, bearer11],
])("$title", (held, borne) => {
  const { saml } = held;
  const byTls: Scene = {
    ...held,
    route: held.route.with({
      accept: [saml.alternative({ audience: "urn:orders", confirm: "holder-of-key", over: "transport" })],
    }),
  };
  attack(
    "G2",
    "no signature",
    against(held, (message) => rebuilt(message, { security: ["timestamp", "assertion"] })),
  );
  attack(
    "G2",
    "a signature by another key that refers to the assertion",
    against(held, () => signedBy(stranger, held)),
  );
  attack(
    "G2",
    "a signature by another certificate of the same authority, which it names",
    against(held, (message) => {
      const { parts } = x509Message({ signer: other });
      return rebuilt(message, {
        parts: { token: part({ ...message, parts }, "token"), signature: part({ ...message, parts }, "signature") },
        security: ["timestamp", "assertion", "token", "signature"],
      });
    }),
  );
  attack(
    "G2",
    "an assertion for a holder, presented by a bearer",
    against(borne, (message) => rebuilt(message, { parts: { assertion: part(held.genuine(), "assertion") } })),
  );
  attack(
    "G2",
    "a signature by the confirmed key over something else",
    against(held, (message) => {
      const elsewhere = held.genuine({ payload: '<o:Order xmlns:o="urn:example:orders">other</o:Order>' });
      return changed(message, "signature", () => part(elsewhere, "signature"));
    }),
  );
  attack("G2", "somebody else's TLS certificate", async () => {
    const message = byTls.genuine();
    const { body, soap } = rebuilt(message, { security: ["timestamp", "assertion"] });
    await admitsBody(byTls, { soap, body, transport: { peerCertificate: signer.certificate } });
    return byTls.route.refuses({ soap, body, transport: { peerCertificate: other.certificate } });
  });
  attack("G2", "no TLS certificate", async () => {
    const { body, soap } = rebuilt(byTls.genuine(), { security: ["timestamp", "assertion"] });
    await admitsBody(byTls, { soap, body, transport: { peerCertificate: signer.certificate } });
    return byTls.route.refuses({ soap, body });
  });
  attack("G2", "the right TLS certificate where the route asks for a signature", async (expect) => {
    const message = held.genuine();
    const { body, soap } = rebuilt(message, { security: ["timestamp", "assertion"] });
    expect((await held.route.send({ soap, body: message.bytes })).verdict).toBe("accepted");
    return held.route.refuses({ soap, body, transport: { peerCertificate: signer.certificate } });
  });

  attack(
    "G3",
    "no KeyInfo",
    against(held, (message) =>
      says(
        message,
        saml.confirmed((found) => replaced(found, keyInfo, "")),
      ),
    ),
  );
  const forHolder = { version: saml.version, confirmation: "holder-of-key", holder: stranger } as const;
  for (const [title, made] of [
    ["unsigned", () => unsigned(assertion({ ...forHolder, issuedBy: issuer }).text)],
    ["signed by its holder", () => assertion({ ...forHolder, issuedBy: stranger }).text],
    ["the genuine one with another key in it", () => swappedKey(held)],
  ] as const) {
    attack(
      "G4",
      `the attacker's own key in an assertion ${title}`,
      against(held, () => signedBy(stranger, held, made())),
    );
  }
});

function swappedKey({ saml, genuine }: AssertionScene): string {
  return saml.confirmed((found) =>
    replaced(found, signer.certificate.toString("base64"), stranger.certificate.toString("base64")),
  )(part(genuine(), "assertion"));
}

describe("the data of a holder-of-key confirmation", () => {
  attack(
    "G3",
    "no SubjectConfirmationData",
    against(holderOfKey, (message) => says(message, (text) => replaced(text, data, ""))),
  );
  attack(
    "G3",
    "KeyInfo beside the data",
    against(holderOfKey, (message) =>
      says(message, (text) => replaced(text, data, (found) => keyInfo.exec(found)?.[0] ?? "")),
    ),
  );
});

/** Shows that a message that is attacked by its connection alone is admitted over the right one. */
async function admitsBody({ route }: Scene, sent: Sent): Promise<void> {
  const { decision, record } = await route.send(sent);
  if (decision.kind !== "admitted") throw new TypeError(`not admitted: ${record?.error?.reason}`);
}

describe("the confirmation's data", () => {
  for (const scene of [bearer, holderOfKey]) {
    const conditions: Readonly<Record<string, [wrong: string, right?: string]>> = {
      Recipient: ["https://other.example/orders", "urn:orders"],
      Address: ["192.0.2.2", "192.0.2.1"],
      InResponseTo: ["_request-1"],
    };
    for (const [name, [wrong, right]] of Object.entries(conditions)) {
      const withValue = (value: string) => (text: string) =>
        replaced(text, /<saml2:SubjectConfirmationData /, `<saml2:SubjectConfirmationData ${name}="${value}" `);
      attack("G13", `${name} of another exchange; ${scene.title}`, async (expect) => {
        const message = scene.genuine();
        await scene.route.admits(message);
        if (right !== undefined)
          expect((await scene.route.send(says(message, withValue(right)))).verdict).toBe("accepted");
        return scene.route.refuses(says(message, withValue(wrong)));
      });
    }
    attack("G13", `no Recipient where the route demands one; ${scene.title}`, async (expect) => {
      const { confirm, over } =
        scene === bearer
          ? ({ confirm: "bearer", over: "transport" } as const)
          : ({ confirm: "holder-of-key", over: undefined } as const);
      const recipient = "https://orders.example/orders";
      const route = scene.route.with({ accept: [saml2({ audience: "urn:orders", confirm, over, recipient })] });
      const message = scene.genuine();
      const named = (value: string) => (text: string) =>
        replaced(text, /<saml2:SubjectConfirmationData /, `<saml2:SubjectConfirmationData Recipient="${value}" `);
      expect((await route.send(says(message, named(recipient)))).verdict).toBe("accepted");
      expect(await route.refuses(says(message, named(`${recipient}/`)))).toBe("IT");
      return route.refuses({ soap: message.soap, body: message.bytes });
    });
    attack(
      "G13",
      `somebody else is to confirm; ${scene.title}`,
      against(bearer, (message) =>
        says(message, (text) =>
          replaced(
            text,
            "<saml2:SubjectConfirmationData ",
            "<saml2:NameID>mallory</saml2:NameID><saml2:SubjectConfirmationData ",
          ),
        ),
      ),
    );
  }
});
