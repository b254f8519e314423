import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { libxml2Canonical } from "../support/libxml2.js";
import { bearerMessage } from "../support/messages.js";
import { namespaces } from "../support/namespaces.js";
import { attack } from "./attack.js";
import { changed, part, rebuilt, replaced } from "./support/edit.js";
import { ownSignature, reissued, says } from "./support/reissue.js";
import { renamed } from "./support/saml-words.js";
import { against, bearer, bearer11 } from "./support/scenes.js";

/*
 * Right signatures of the right issuer, over something else than the assertion that is read.
 */

const { issuer } = credentials();
const protocol = "urn:oasis:names:tc:SAML:2.0:protocol";
const unsigned = (text: string) => replaced(text, ownSignature, "");

describe.each([bearer, bearer11])("what the assertion's signature covers: $title", (scene) => {
  const reference = (uri: string) => (text: string) => replaced(text, /(?<=<ds:Reference URI=")[^"]*/, uri);
  const transform = '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform>';
  attack(
    "G20",
    "another element of the message",
    against(scene, (message) =>
      says(message, reference("#TS-1"), {
        over: libxml2Canonical(
          part(message, "timestamp").replace("<wsu:Timestamp", `<wsu:Timestamp xmlns:wsu="${namespaces.wsu}"`),
        ),
      }),
    ),
  );
  attack(
    "G20",
    "the whole message, by an empty URI",
    against(scene, (message) => {
      const whole = rebuilt(message, { parts: { assertion: unsigned(part(message, "assertion")) } });
      return says(message, reference(""), { over: libxml2Canonical(whole.body.toString()) });
    }),
  );
  attack(
    "G20",
    "an id that nothing has",
    against(scene, (message) => says(message, reference("#_assertion-2"))),
  );
  attack(
    "G20",
    "its own id in capitals",
    against(scene, (message) => says(message, reference("#_ASSERTION-1"))),
  );
  attack(
    "G20",
    "itself, by XPointer",
    against(scene, (message) => says(message, reference("#xpointer(id('_assertion-1'))"))),
  );
  attack(
    "G20",
    "itself, without the enveloped transform",
    against(scene, (message) =>
      says(message, (text) =>
        replaced(text, /<ds:Transform Algorithm="[^"]*enveloped-signature"><\/ds:Transform>/, ""),
      ),
    ),
  );
  attack(
    "G20",
    "itself, by three transforms",
    against(scene, (message) => says(message, (text) => replaced(text, transform, transform + transform))),
  );
  attack(
    "G20",
    "itself twice",
    against(scene, (message) =>
      says(message, (text) => {
        const once = /<ds:Reference [\s\S]*<\/ds:Reference>/.exec(reissued(text, (same) => same))?.[0] ?? "";
        return replaced(text, once, once + once.replace("<ds:Reference ", '<ds:Reference Id="R2" '));
      }),
    ),
  );
  attack(
    "G20",
    "nothing",
    against(scene, (message) =>
      changed(message, "assertion", (text) => replaced(text, /<ds:Reference [\s\S]*<\/ds:Reference>/, "")),
    ),
  );
});

describe.each([bearer, bearer11])("other signed documents of the issuer: $title", (scene) => {
  const { saml } = scene;
  const response = (inside: string) =>
    `<p:Response xmlns:p="${protocol}" ID="_response-1" IssueInstant="2026-01-01T00:00:00Z" Version="2.0">${inside}</p:Response>`;
  const logout = (inside: string) =>
    `<p:LogoutRequest xmlns:p="${protocol}" ID="_logout-1" IssueInstant="2026-01-01T00:00:00Z" Version="2.0"><saml2:Issuer xmlns:saml2="${namespaces.saml2}">https://sts.example</saml2:Issuer>${inside}<saml2:NameID xmlns:saml2="${namespaces.saml2}">admin</saml2:NameID></p:LogoutRequest>`;
  const metadata = (inside: string) =>
    `<m:EntityDescriptor xmlns:m="urn:oasis:names:tc:SAML:2.0:metadata" ID="_metadata-1" entityID="https://sts.example">${inside}</m:EntityDescriptor>`;
  /** The issuer's signature of another document, moved into an assertion; the document stands beside it. */
  const borrowed = (id: string, document: (inside: string) => string) =>
    against(scene, (message) => {
      const signed = reissued(
        part(message, "assertion"),
        (text) => replaced(text, /(?<=<ds:Reference URI=")[^"]*/, `#${id}`),
        { over: libxml2Canonical(document("")) },
      );
      return rebuilt(message, {
        parts: { assertion: renamed(signed), document: document("") },
        header: ["document", ...message.header],
      });
    });
  attack("G22", "the signature of a LogoutRequest", borrowed("_logout-1", logout));
  attack("G22", "the signature of metadata", borrowed("_metadata-1", metadata));
  for (const [title, document] of [
    ["a LogoutRequest", logout],
    ["metadata", metadata],
  ] as const) {
    attack(
      "G22",
      `${title} in the place of the assertion`,
      against(scene, (message) => changed(message, "assertion", () => document(""))),
    );
  }
  attack(
    "G22",
    "a LogoutRequest under the name of an assertion",
    against(scene, (message) =>
      says(message, (text) => {
        const signature = ownSignature.exec(text)?.[0] ?? "";
        const [start = ""] = /<saml2?:Assertion [^>]*>/.exec(text) ?? [];
        const issuedBy = saml.version === "2.0" ? "<saml2:Issuer>https://sts.example</saml2:Issuer>" : "";
        const name = `<${saml.nameElement}>admin</${saml.nameElement}>`;
        return `${start}${issuedBy}${signature}${name}</${saml.prefix}:Assertion>`;
      }),
    ),
  );
  attack(
    "G23",
    "an assertion of which only its response was signed",
    borrowed("_response-1", () => response("")),
  );
  attack(
    "G23",
    "an unsigned assertion taken out of a signed response",
    against(scene, (message) => changed(message, "assertion", unsigned)),
  );
  attack(
    "G23",
    "an evil assertion with the signature of one from another response",
    against(scene, (message) => {
      const theirs = part(
        bearerMessage({ assertion: { version: saml.version, issuedBy: issuer, id: "_theirs-1", subject: "bob" } }),
        "assertion",
      );
      return changed(message, "assertion", (text) =>
        replaced(renamed(text), ownSignature, ownSignature.exec(theirs)?.[0] ?? ""),
      );
    }),
  );
});
