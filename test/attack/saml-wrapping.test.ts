import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import type { SoapMessage } from "../support/messages.js";
import { assertion, type SamlVersion } from "../support/saml.js";
import { attack } from "./attack.js";
import { part, rebuilt, replaced } from "./support/edit.js";
import { renamed, type SamlWords, words11, words20 } from "./support/saml-words.js";
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
const evil = (text: string) => replaced(renamed(text), /(?<= (?:Assertion)?ID=")_assertion-1"/, '_evil-1"');
const evilUnsigned = (text: string) => evil(unsigned(text));

/** Puts something before the end tag of an element. */
const appended = (text: string, endTag: RegExp | string, inside: string) =>
  replaced(text, endTag, (tag) => inside + tag);

const end = /<\/saml2?:Assertion>/;
const withAdvice = (text: string, content: string) =>
  replaced(text, /<\/(saml2?):Conditions>/, (tag) => {
    const advice = tag.replace("</", "").replace("Conditions>", "Advice");
    return `${tag}<${advice}>${content}</${advice}>`;
  });

/** Attacks on the genuine assertion's text: what stands in its place. */
const shapes: Readonly<Record<string, (genuine: string, saml: SamlWords) => string>> = {
  "1: evil Response around the genuine assertion": (a) =>
    `<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol">${evilUnsigned(a)}${a}</p:Response>`,
  "2: genuine assertion detached behind the evil one": (a) => evilUnsigned(a) + a,
  "3: evil assertion before the genuine one": (a) => evilUnsigned(a) + a,
  "4: genuine assertion inside the evil one": (a) => appended(evilUnsigned(a), end, a),
  "5: genuine signature in the evil assertion, genuine assertion behind": (a, { signedWith }) =>
    signedWith(evilUnsigned(a), signatureOf(a)) + unsigned(a),
  "6: genuine assertion inside its signature inside the evil one": (a, { signedWith }) =>
    signedWith(evilUnsigned(a), appended(signatureOf(a), "</ds:Signature>", unsigned(a))),
  "7: evil assertion in an Extensions before the genuine one": (a) =>
    `<p:Extensions xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol">${evilUnsigned(a)}</p:Extensions>${a}`,
  "8: genuine assertion in a ds:Object of the evil one's signature": (a, { signedWith }) =>
    signedWith(evilUnsigned(a), appended(signatureOf(a), "</ds:Signature>", `<ds:Object>${unsigned(a)}</ds:Object>`)),
};

/** An attack on the assertion of a message. */
const onAssertion =
  (change: (genuine: string) => string) =>
  (message: SoapMessage): Sent =>
    rebuilt(message, { parts: { assertion: change(part(message, "assertion")) } });

for (const scene of assertionScenes) {
  const { saml } = scene;
  describe(scene.title, () => {
    for (const [title, change] of Object.entries(shapes)) {
      attack(
        "A13",
        title,
        against(
          scene,
          onAssertion((a) => change(a, saml)),
        ),
      );
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
        onAssertion((a) => a + byStranger(saml.version)),
      ),
    );
    attack(
      "A14",
      "a second assertion of the issuer behind",
      against(
        scene,
        onAssertion((a) => a + ofAnother(saml.version)),
      ),
    );
    const other = saml.version === "1.1" ? "2.0" : "1.1";
    attack(
      "G18",
      `an assertion of SAML ${other} behind, which the route does not take`,
      against(
        scene,
        onAssertion((a) => a + byStranger(other)),
      ),
    );
    attack("A14", `a second assertion of the issuer, of SAML ${other}, where the route takes both`, async (expect) => {
      const { alternative } = other === "1.1" ? words11 : words20;
      const bearers = alternative({ audience: "urn:orders", confirm: "bearer", over: "transport" });
      const route = scene.route.with({ accept: [...scene.accept, bearers] });
      const message = scene.genuine();
      const both = (change: (genuine: string) => string) => route.refuses(onAssertion(change)(message));
      await route.admits(message);
      expect(await both((a) => ofAnother(other) + a)).toBe("IT");
      // By one identifier two readers would find two assertions.
      expect(await both((a) => a + ofAnother(other, "_assertion-1"))).toBe("IS");
      return both((a) => a + ofAnother(other));
    });
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
          replaced(withAdvice(evilUnsigned(a), a), /<saml2?:Advice>/, (tag) => `${tag}${tag.replace("<", "</")}${tag}`),
        ),
      ),
    );
    attack(
      "A15",
      "genuine signature in the evil assertion, genuine assertion in its Advice",
      against(
        scene,
        onAssertion((a) => withAdvice(saml.signedWith(evilUnsigned(a), signatureOf(a)), unsigned(a))),
      ),
    );
  });
}

/** An evil assertion that a stranger signed under the issuer's name. */
function byStranger(version: SamlVersion): string {
  return assertion({ version, issuedBy: stranger, id: "_evil-1", subject: "admin" }).text;
}

/** A genuine assertion of the same issuer for somebody else. */
function ofAnother(version: SamlVersion, id = "_evil-1"): string {
  const other = { version, id, issuedBy: issuer, subject: "admin" } as const;
  return assertion({ ...other, confirmation: "holder-of-key", holder: signer }).text;
}
