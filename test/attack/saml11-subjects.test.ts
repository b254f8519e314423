import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { attack } from "./attack.js";
import { replaced } from "./support/edit.js";
import { says } from "./support/reissue.js";
import { against, holderOfKey11 } from "./support/scenes.js";

/*
 * In SAML 1.1 the Subject stands in every statement. A reader that takes it from one of them and the attributes from another
 * gives one subject what was said of the other: so they must be the same, whoever signed them.
 */

const { stranger } = credentials();
const keyInfo = /<ds:KeyInfo[\s\S]*<\/ds:KeyInfo>/;

describe("statements of SAML 1.1 about different subjects", () => {
  const { route, genuine, saml } = holderOfKey11;
  const statement = /<saml:AttributeStatement>[\s\S]*<\/saml:AttributeStatement>/;
  /** Changes the subject of the second statement alone. */
  const second = (change: (found: string) => string) =>
    against(holderOfKey11, (message) => says(message, (text) => replaced(text, statement, change)));
  attack(
    "G4",
    "the attacker's key in one of two statements",
    second((found) => replaced(found, keyInfo, otherKey)),
  );
  attack(
    "G6",
    "another method in one of two statements",
    second((found) => replaced(found, ":holder-of-key", ":bearer")),
  );
  attack(
    "G7",
    "no confirmation in one of two statements",
    second((found) => saml.confirmed(() => "")(found)),
  );
  attack(
    "G17",
    "another name in one of two statements",
    second((found) => replaced(found, ">alice<", ">admin<")),
  );
  attack(
    "G17",
    "a name of another domain in one of two statements",
    second((found) => replaced(found, "<saml:NameIdentifier ", '<saml:NameIdentifier NameQualifier="other" ')),
  );
  attack("G6", "data that no method here has a meaning for", async (expect) => {
    const message = genuine();
    await route.admits(message);
    const [method, filled] = [
      "</saml:ConfirmationMethod>",
      "<saml:SubjectConfirmationData>x</saml:SubjectConfirmationData>",
    ];
    expect(await route.refuses(says(message, (text) => text.replaceAll(method, method + filled)))).toBe("IT");
    return route.refuses(says(message, (text) => text.replaceAll(method, `${method}<saml:SubjectConfirmationData/>`)));
  });
});

/** The stranger's certificate in a ds:KeyInfo. */
function otherKey(found: string): string {
  return replaced(found, /(?<=<ds:X509Certificate>)[^<]*/, stranger.certificate.toString("base64"));
}
