import { ConfigurationError, createGuard, saml2 } from "@countersign/core";
import { describe } from "vitest";
import { credentials, type Signer } from "../support/credentials.js";
import { type SigningOptions, senderVouchesMessage, x509Message } from "../support/messages.js";
import { namespaces, profile } from "../support/namespaces.js";
import { attack } from "./attack.js";
import { changed, evilBody, part, rebuilt, replaced } from "./support/edit.js";
import { ownSignature, reissued, says } from "./support/reissue.js";
import { resigned } from "./support/resign.js";
import { Route } from "./support/route.js";
import { against, type Scene, senderVouches } from "./support/scenes.js";

/*
 * Sender-vouches: the attester speaks for the subject. His certificate is on the route's list, and his signature (or his
 * TLS certificate) covers assertion, Body and Timestamp; the issuer's signature is there all the same.
 */

const { signer, issuer, other, stranger } = credentials();
const audience = "urn:orders";
const issuers = [{ name: "https://sts.example", certificates: [issuer.certificate] }];

/** The genuine message, but for who attests and what is signed. */
const attested = (attester: Signer, more?: Partial<SigningOptions>) => {
  const { soap, bytes } = senderVouchesMessage({ signer: attester, assertion: { issuedBy: issuer }, ...more });
  return { soap, body: bytes };
};

describe("the issuer's part", () => {
  const again = (text: string) => resigned(text, { signer, digests: "sha256" });
  attack(
    "G5",
    "an assertion that nobody signed, under the attester's signature",
    against(senderVouches, (message) => {
      const { soap, body } = changed(message, "assertion", (text) => replaced(text, ownSignature, ""));
      return { soap, body: again(body.toString()) };
    }),
  );
  attack(
    "G5",
    "an assertion that the attester signed himself",
    against(senderVouches, (message) => {
      const { soap, body } = changed(message, "assertion", (text) => reissued(text, (same) => same, { signer }));
      return { soap, body: again(body.toString()) };
    }),
  );
  attack(
    "G5",
    "an unsigned assertion with the attacker's key in its confirmation, which signs",
    against(senderVouches, (message) => {
      const { soap, body } = changed(message, "assertion", (text) =>
        withKey(replaced(text, ownSignature, ""), stranger),
      );
      return { soap, body: resigned(body.toString(), { signer: stranger, digests: "sha256" }) };
    }),
  );
  attack(
    "G5",
    "a subject changed by the attester",
    against(senderVouches, (message) => {
      const { soap, body } = changed(message, "assertion", (text) => replaced(text, ">alice<", ">admin<"));
      return { soap, body: again(body.toString()) };
    }),
  );
  attack(
    "G5",
    "an assertion that is confirmed by its bearer",
    against(senderVouches, (message) => says(message, (text) => replaced(text, profile.senderVouches, profile.bearer))),
  );
});

/** A KeyInfo in the confirmation's data: who vouches is the route's list, never the assertion. */
function withKey(assertion: string, { certificate }: Signer): string {
  const keyInfo = `<ds:KeyInfo xmlns:ds="${namespaces.ds}"><ds:X509Data><ds:X509Certificate>${certificate.toString("base64")}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
  const data = `<saml2:SubjectConfirmationData>${keyInfo}</saml2:SubjectConfirmationData>`;
  return replaced(assertion, "</saml2:SubjectConfirmation>", `${data}</saml2:SubjectConfirmation>`);
}

describe("the attester's part", () => {
  attack(
    "G5",
    "a stranger's signature",
    against(senderVouches, () => attested(stranger)),
  );
  attack(
    "G5",
    "a signature by another certificate of the attester's authority",
    against(senderVouches, () => attested(other)),
  );
  attack(
    "G5",
    "a signature by the key in the confirmation of a genuine assertion",
    against(senderVouches, (message) => {
      const { soap, body } = says(message, (text) => withKey(text, stranger));
      const token = stranger.certificate.toString("base64");
      const named = replaced(body.toString(), /(?<=wsu:Id="X509-1"[^>]*>)[^<]*/, token);
      return { soap, body: resigned(named, { signer: stranger }) };
    }),
  );
  attack(
    "G5",
    "no signature",
    against(senderVouches, (message) => rebuilt(message, { security: ["timestamp", "assertion"] })),
  );
  attack(
    "G5",
    "a signature that does not cover the assertion",
    against(senderVouches, () => attested(signer, { signed: ["timestamp", "body"] })),
  );
  attack(
    "G5",
    "a signature that does not cover the Body",
    against(senderVouches, () => attested(signer, { signed: ["assertion", "timestamp"] })),
  );
  attack(
    "G5",
    "a signature that does not cover the Timestamp",
    against(senderVouches, () => attested(signer, { signed: ["assertion", "body"] })),
  );
  attack("G5", "the assertion by one attester, the Body by another", async () => {
    const both = saml2({ audience, confirm: "sender-vouches", attesters: [signer.certificate, other.certificate] });
    const route = new Route({ trust: { issuers }, accept: [both] });
    await route.admits(senderVouches.genuine());
    const vouched = senderVouchesMessage({
      signer,
      assertion: { issuedBy: issuer },
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
      saml2({ audience, confirm: "sender-vouches", issuers: names, attesters: [attester.certificate] });
    const route = new Route({
      trust: { issuers: [...issuers, partner] },
      accept: [vouching(["https://sts.example"], signer), vouching(["https://partner.example"], other)],
    });
    const ofPartner = senderVouchesMessage({ signer: other, assertion: { issuedBy: stranger, issuer: partner.name } });
    await route.admits(ofPartner);
    const ours = senderVouches.genuine();
    await route.admits(ours);
    expect((await route.refusal(attested(other))).record.error?.reason).toMatch(
      /no signature by an attester|not on this route/,
    );
    return route.refuses(attested(other));
  });
});

describe("over TLS", () => {
  const scene: Scene = {
    ...senderVouches,
    route: new Route({
      trust: { issuers },
      accept: [saml2({ audience, confirm: "sender-vouches", attesters: [signer.certificate], over: "transport" })],
    }),
  };
  const bare = () => rebuilt(scene.genuine(), { security: ["timestamp", "assertion"] });
  const from = (peerCertificate: Uint8Array) => ({ ...bare(), transport: { peerCertificate } });
  for (const [title, transport] of [
    ["somebody else's TLS certificate", { peerCertificate: other.certificate }],
    ["no TLS certificate", {}],
  ] as const) {
    attack("G5", title, async (expect) => {
      expect((await scene.route.send(from(signer.certificate))).verdict).toBe("accepted");
      return scene.route.refuses({ ...bare(), transport });
    });
  }
  attack("G5", "the right TLS certificate and a stranger's signature over another Body", async (expect) => {
    expect((await scene.route.send(from(signer.certificate))).verdict).toBe("accepted");
    const message = scene.genuine();
    const { soap, body } = rebuilt(message, { parts: { body: evilBody(message, ' wsu:Id="Body-1"') } });
    return scene.route.refuses({ soap, body, transport: { peerCertificate: signer.certificate } });
  });
});

attack("G5", "a route that names no attesters", (expect) => {
  const guarded = (attesters: readonly Uint8Array[] | undefined) =>
    createGuard({
      origin: "https://orders.example",
      trust: { issuers },
      accept: [saml2({ audience, confirm: "sender-vouches", attesters })],
    });
  expect(() => guarded([signer.certificate])).not.toThrow();
  for (const none of [undefined, []]) expect(() => guarded(none)).toThrow(ConfigurationError);
  return "start refused";
});
