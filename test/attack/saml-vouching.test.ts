import { ConfigurationError, createGuard, saml2, saml11 } from "@countersign/core";
import { describe } from "vitest";
import { credentials, type Signer } from "../support/credentials.js";
import { type SigningOptions, senderVouchesMessage, x509Message } from "../support/messages.js";
import { namespaces } from "../support/namespaces.js";
import { attack } from "./attack.js";
import { changed, evilBody, part, rebuilt, replaced } from "./support/edit.js";
import { ownSignature, reissued, says } from "./support/reissue.js";
import { resigned } from "./support/resign.js";
import { Route } from "./support/route.js";
import { renamed, type SamlWords } from "./support/saml-words.js";
import { against, type Scene, senderVouches, senderVouches11 } from "./support/scenes.js";

/*
 * Sender-vouches: the attester speaks for the subject. His certificate is on the route's list, and his signature (or his
 * TLS certificate) covers assertion, Body and Timestamp; the issuer's signature is there all the same.
 */

const { signer, issuer, other, stranger } = credentials();
const audience = "urn:orders";
const issuers = [{ name: "https://sts.example", certificates: [issuer.certificate] }];

describe.each([senderVouches, senderVouches11])("$title", (scene) => {
  const { saml } = scene;
  const { version, alternative } = saml;
  /** The genuine message, but for who attests and what is signed. */
  const attested = (attester: Signer, more?: Partial<SigningOptions>) => {
    const { soap, bytes } = senderVouchesMessage({
      signer: attester,
      assertion: { version, issuedBy: issuer },
      ...more,
    });
    return { soap, body: bytes };
  };

  describe("the issuer's part", () => {
    const again = (text: string) => resigned(text, { signer, digests: "sha256" });
    attack(
      "G5",
      "an assertion that nobody signed, under the attester's signature",
      against(scene, (message) => {
        const { soap, body } = changed(message, "assertion", (text) => replaced(text, ownSignature, ""));
        return { soap, body: again(body.toString()) };
      }),
    );
    attack(
      "G5",
      "an assertion that the attester signed himself",
      against(scene, (message) => {
        const { soap, body } = changed(message, "assertion", (text) => reissued(text, (same) => same, { signer }));
        return { soap, body: again(body.toString()) };
      }),
    );
    attack(
      "G5",
      "an unsigned assertion with the attacker's key in its confirmation, which signs",
      against(scene, (message) => {
        const { soap, body } = changed(message, "assertion", (text) =>
          withKey(saml, replaced(text, ownSignature, ""), stranger),
        );
        return { soap, body: resigned(body.toString(), { signer: stranger, digests: "sha256" }) };
      }),
    );
    attack(
      "G5",
      "a subject changed by the attester",
      against(scene, (message) => {
        const { soap, body } = changed(message, "assertion", (text) => renamed(text));
        return { soap, body: again(body.toString()) };
      }),
    );
    attack(
      "G5",
      "an assertion that is confirmed by its bearer",
      against(scene, (message) =>
        says(
          message,
          saml.method((uri) => uri.replace("sender-vouches", "bearer")),
        ),
      ),
    );
  });

  describe("the attester's part", () => {
    attack(
      "G5",
      "a stranger's signature",
      against(scene, () => attested(stranger)),
    );
    attack(
      "G5",
      "a signature by another certificate of the attester's authority",
      against(scene, () => attested(other)),
    );
    attack(
      "G5",
      "a signature by the key in the confirmation of a genuine assertion",
      against(scene, (message) => {
        const { soap, body } = says(message, (text) => withKey(saml, text, stranger));
        const token = stranger.certificate.toString("base64");
        const named = replaced(body.toString(), /(?<=wsu:Id="X509-1"[^>]*>)[^<]*/, token);
        return { soap, body: resigned(named, { signer: stranger }) };
      }),
    );
    attack(
      "G5",
      "no signature",
      against(scene, (message) => rebuilt(message, { security: ["timestamp", "assertion"] })),
    );
    attack(
      "G5",
      "a signature that does not cover the assertion",
      against(scene, () => attested(signer, { signed: ["timestamp", "body"] })),
    );
    attack(
      "G5",
      "a signature that does not cover the Body",
      against(scene, () => attested(signer, { signed: ["assertion", "timestamp"] })),
    );
    attack(
      "G5",
      "a signature that does not cover the Timestamp",
      against(scene, () => attested(signer, { signed: ["assertion", "body"] })),
    );
    attack("G5", "the assertion by one attester, the Body by another", async () => {
      const both = alternative({
        audience,
        confirm: "sender-vouches",
        attesters: [signer.certificate, other.certificate],
      });
      const route = new Route({ trust: { issuers }, accept: [both] });
      await route.admits(scene.genuine());
      const vouched = senderVouchesMessage({
        signer,
        assertion: { version, issuedBy: issuer },
        signed: ["assertion", "timestamp"],
      });
      const bodied = x509Message({ signer: other, signed: ["body"] });
      const renamed = (name: string) => part(bodied, name).replaceAll(/(?<=["#])(SIG|STR|X509)-1/g, "$1-2");
      return route.refuses(
        rebuilt(vouched, {
          parts: { token2: renamed("token"), signature2: renamed("signature") },
          security: [...vouched.security, "token2", "signature2"],
        }),
      );
    });
    attack("G5", "an attester of another issuer's assertions", async (expect) => {
      const partner = { name: "https://partner.example", certificates: [stranger.certificate] };
      const vouching = (names: readonly string[], attester: Signer) =>
        alternative({ audience, confirm: "sender-vouches", issuers: names, attesters: [attester.certificate] });
      const route = new Route({
        trust: { issuers: [...issuers, partner] },
        accept: [vouching(["https://sts.example"], signer), vouching(["https://partner.example"], other)],
      });
      const ofPartner = senderVouchesMessage({
        signer: other,
        assertion: { version, issuedBy: stranger, issuer: partner.name },
      });
      await route.admits(ofPartner);
      const ours = scene.genuine();
      await route.admits(ours);
      expect((await route.refusal(attested(other))).record.error?.reason).toMatch(
        /no signature by an attester|not on this route/,
      );
      return route.refuses(attested(other));
    });
  });

  describe("over TLS", () => {
    const byTls: Scene = {
      ...scene,
      route: new Route({
        trust: { issuers },
        accept: [
          alternative({ audience, confirm: "sender-vouches", attesters: [signer.certificate], over: "transport" }),
        ],
      }),
    };
    const bare = () => rebuilt(byTls.genuine(), { security: ["timestamp", "assertion"] });
    const from = (peerCertificate: Uint8Array) => ({ ...bare(), transport: { peerCertificate } });
    for (const [title, transport] of [
      ["somebody else's TLS certificate", { peerCertificate: other.certificate }],
      ["no TLS certificate", {}],
    ] as const) {
      attack("G5", title, async (expect) => {
        expect((await byTls.route.send(from(signer.certificate))).verdict).toBe("accepted");
        return byTls.route.refuses({ ...bare(), transport });
      });
    }
    attack("G5", "the right TLS certificate and a stranger's signature over another Body", async (expect) => {
      expect((await byTls.route.send(from(signer.certificate))).verdict).toBe("accepted");
      const message = byTls.genuine();
      const { soap, body } = rebuilt(message, { parts: { body: evilBody(message, ' wsu:Id="Body-1"') } });
      return byTls.route.refuses({ soap, body, transport: { peerCertificate: signer.certificate } });
    });
  });
});

/** A KeyInfo in the confirmation: who vouches is the route's list, never the assertion. */
function withKey(saml: SamlWords, assertion: string, { certificate }: Signer): string {
  const keyInfo = `<ds:KeyInfo xmlns:ds="${namespaces.ds}"><ds:X509Data><ds:X509Certificate>${certificate.toString("base64")}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
  return saml.confirmed((found) =>
    saml.version === "2.0"
      ? replaced(
          found,
          "</saml2:SubjectConfirmation>",
          `<saml2:SubjectConfirmationData>${keyInfo}</saml2:SubjectConfirmationData></saml2:SubjectConfirmation>`,
        )
      : replaced(found, "</saml:ConfirmationMethod>", `</saml:ConfirmationMethod>${keyInfo}`),
  )(assertion);
}

attack("G5", "a route that names no attesters", (expect) => {
  for (const alternative of [saml2, saml11]) {
    const guarded = (attesters: readonly Uint8Array[] | undefined) =>
      createGuard({
        origin: "https://orders.example",
        trust: { issuers },
        accept: [alternative({ audience, confirm: "sender-vouches", attesters })],
      });
    expect(() => guarded([signer.certificate])).not.toThrow();
    for (const none of [undefined, []]) expect(() => guarded(none)).toThrow(ConfigurationError);
  }
  return "start refused";
});
