import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import type { SoapMessage } from "../support/messages.js";
import { assertion } from "../support/saml.js";
import { attack } from "./attack.js";
import { part, rebuilt, replaced } from "./support/edit.js";
import { against, assertionScenes } from "./support/scenes.js";
import type { Sent } from "./support/sent.js";

/*
 * Wrapping of assertions: the issuer's signature stays valid over the genuine assertion, and the subject is read from
 * another. The shapes follow "On Breaking SAML: Be Whoever You Want to Be" (2012), with the Security header as the place
 * that the Response has there.
 */

const { issuer, signer, stranger } = credentials();
const signature = /<ds:Signature [\s\S]*?<\/ds:Signature>/;

const unsigned = (text: string) => replaced(text, signature, "");
const signatureOf = (text: string) => signature.exec(text)?.[0] ?? "";

/** The assertion with another subject and ID; whatever signature is in it no longer fits. */
const evil = (text: string) => replaced(replaced(text, ">alice<", ">admin<"), ' ID="_assertion-1"', ' ID="_evil-1"');
const evilUnsigned = (text: string) => evil(unsigned(text));

/** Puts something into an evil assertion where its signature would stand. */
const signedWith = (assertionText: string, inside: string) =>
  replaced(assertionText, "</saml2:Issuer>", `</saml2:Issuer>${inside}`);

/** Puts something before the end tag of an element. */
const appended = (text: string, endTag: string, inside: string) => replaced(text, endTag, inside + endTag);

const advice = (content: string) => `<saml2:Advice>${content}</saml2:Advice>`;
const withAdvice = (text: string, content: string) =>
  replaced(text, "</saml2:Conditions>", `</saml2:Conditions>${advice(content)}`);

/** Attacks on the genuine assertion's text: what stands in its place. */
const shapes: Readonly<Record<string, (genuine: string) => string>> = {
  "1: evil Response around the genuine assertion": (a) =>
    `<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol">${evilUnsigned(a)}${a}</p:Response>`,
  "2: genuine assertion detached behind the evil one": (a) => evilUnsigned(a) + a,
  "3: evil assertion before the genuine one": (a) => evilUnsigned(a) + a,
  "4: genuine assertion inside the evil one": (a) => appended(evilUnsigned(a), "</saml2:Assertion>", a),
  "5: genuine signature in the evil assertion, genuine assertion behind": (a) =>
    signedWith(evilUnsigned(a), signatureOf(a)) + unsigned(a),
  "6: genuine assertion inside its signature inside the evil one": (a) =>
    signedWith(evilUnsigned(a), appended(signatureOf(a), "</ds:Signature>", unsigned(a))),
  "7: evil assertion in an Extensions before the genuine one": (a) =>
    `<p:Extensions xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol">${evilUnsigned(a)}</p:Extensions>${a}`,
  "8: genuine assertion in a ds:Object of the evil one's signature": (a) =>
    signedWith(evilUnsigned(a), appended(signatureOf(a), "</ds:Signature>", `<ds:Object>${unsigned(a)}</ds:Object>`)),
};

/** An attack on the assertion of a message. */
const onAssertion =
  (change: (genuine: string) => string) =>
  (message: SoapMessage): Sent =>
    rebuilt(message, { parts: { assertion: change(part(message, "assertion")) } });

for (const scene of assertionScenes) {
  describe(scene.title, () => {
    for (const [title, change] of Object.entries(shapes)) {
      attack("A13", title, against(scene, onAssertion(change)));
    }
    attack(
      "A14",
      "an unsigned assertion in front",
      against(
        scene,
        onAssertion((a) => evilUnsigned(a) + a),
      ),
    );
    attack(
      "A14",
      "an unsigned assertion behind",
      against(
        scene,
        onAssertion((a) => a + evilUnsigned(a)),
      ),
    );
    attack(
      "A14",
      "an assertion of a stranger behind",
      against(
        scene,
        onAssertion((a) => a + byStranger()),
      ),
    );
    attack(
      "A14",
      "a second assertion of the issuer behind",
      against(
        scene,
        onAssertion((a) => a + ofAnother()),
      ),
    );
    attack(
      "A15",
      "genuine assertion in the Advice of an unsigned one",
      against(
        scene,
        onAssertion((a) => withAdvice(evilUnsigned(a), a)),
      ),
    );
    attack(
      "A15",
      "unsigned assertion in the Advice of the genuine one",
      against(
        scene,
        onAssertion((a) => withAdvice(a, evilUnsigned(a))),
      ),
    );
    attack(
      "A15",
      "genuine assertion in the second of two Advice",
      against(
        scene,
        onAssertion((a) =>
          replaced(withAdvice(evilUnsigned(a), a), "<saml2:Advice>", "<saml2:Advice></saml2:Advice><saml2:Advice>"),
        ),
      ),
    );
    attack(
      "A15",
      "genuine signature in the evil assertion, genuine assertion in its Advice",
      against(
        scene,
        onAssertion((a) => withAdvice(signedWith(evilUnsigned(a), signatureOf(a)), unsigned(a))),
      ),
    );
  });
}

/** An evil assertion that a stranger signed under the issuer's name. */
function byStranger(): string {
  return assertion({ issuedBy: stranger, id: "_evil-1", subject: "admin" }).text;
}

/** A genuine assertion of the same issuer for somebody else. */
function ofAnother(): string {
  return assertion({ issuedBy: issuer, id: "_evil-1", subject: "admin", confirmation: "holder-of-key", holder: signer })
    .text;
}
