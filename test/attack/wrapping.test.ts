import { describe } from "vitest";
import { type SoapMessage, soapPrefix } from "../support/messages.js";
import { namespaces } from "../support/namespaces.js";
import { attack } from "./attack.js";
import { evilBody, part, rebuilt, replaced, wrapped } from "./support/edit.js";
import { against, signedScenes } from "./support/scenes.js";
import type { Sent } from "./support/sent.js";

const { wsse } = namespaces;

/*
 * Signature wrapping: what was signed stands where nobody reads it, and something else stands where it is read. All of
 * them leave the signature valid for a reader that looks elements up by their identifiers.
 */

/** The signed Body somewhere in `changed` parts, and an evil one in its place. */
function swapped(
  message: SoapMessage,
  changed: Readonly<Record<string, string>>,
  attributes = ' wsu:Id="Body-2"',
): Sent {
  return rebuilt(message, { parts: { ...changed, body: evilBody(message, attributes) } });
}

/** The signed Body in a header block, before or behind the others. */
function inHeader(message: SoapMessage, where: "first" | "last", attributes?: string): Sent {
  const header = where === "first" ? ["wrap", ...message.header] : [...message.header, "wrap"];
  return swapped({ ...message, header }, { wrap: wrapped(part(message, "body")) }, attributes);
}

/** A part with something more before its end tag. */
function extended(
  message: SoapMessage,
  name: string,
  endTag: string,
  content: string,
): Readonly<Record<string, string>> {
  return { [name]: replaced(part(message, name), endTag, `${content}${endTag}`) };
}

for (const scene of signedScenes) {
  describe(scene.title, () => {
    for (const where of ["first", "last"] as const) {
      attack(
        "A1",
        `signed Body as the ${where} header block`,
        against(scene, (message) => inHeader(message, where)),
      );
      attack(
        "A2",
        `and the same Id, ${where}`,
        against(scene, (message) => inHeader(message, where, ' wsu:Id="Body-1"')),
      );
      attack(
        "A3",
        `and no Id, ${where}`,
        against(scene, (message) => inHeader(message, where, "")),
      );
    }

    attack(
      "A4",
      "two Bodies, the signed one second",
      against(scene, (message) =>
        rebuilt(message, { parts: { evil: evilBody(message) }, envelope: ["header", "evil", "body"] }),
      ),
    );
    attack(
      "A4",
      "two Bodies, the signed one first",
      against(scene, (message) =>
        rebuilt(message, { parts: { evil: evilBody(message) }, envelope: ["header", "body", "evil"] }),
      ),
    );

    attack(
      "A5",
      "in a Security header for another node",
      against(scene, (message) => {
        const actor = message.soap === "1.1" ? 'soap:actor="urn:other"' : 'env:role="urn:other"';
        const other = `<wsse:Security xmlns:wsse="${wsse}" ${actor}>${part(message, "body")}</wsse:Security>`;
        return swapped({ ...message, header: [...message.header, "other"] }, { other });
      }),
    );
    attack(
      "A5",
      "in a second Security header for us",
      against(scene, (message) => {
        const other = `<wsse:Security xmlns:wsse="${wsse}">${part(message, "body")}</wsse:Security>`;
        return swapped({ ...message, header: ["other", ...message.header] }, { other });
      }),
    );

    attack(
      "A6",
      "in a ds:Object of the signature",
      against(scene, (message) => {
        const object = `<ds:Object>${part(message, "body")}</ds:Object>`;
        return swapped(message, extended(message, "signature", "</ds:Signature>", object));
      }),
    );

    for (const [name, endTag] of [
      ["timestamp", "</wsu:Timestamp>"],
      ["signature", "</ds:KeyInfo>"],
      ["signature", "</wsse:SecurityTokenReference>"],
    ] as const) {
      attack(
        "A7",
        `before ${endTag}`,
        against(scene, (message) => swapped(message, extended(message, name, endTag, part(message, "body")))),
      );
    }

    attack(
      "A8",
      "the Envelope, without its Security header, in the Body of another",
      against(scene, (message) => {
        const soap = soapPrefix(message.soap);
        const inner = `<${soap}:Envelope>${part(message, "body")}</${soap}:Envelope>`;
        return rebuilt(message, { parts: { body: `<${soap}:Body>${inner}</${soap}:Body>` } });
      }),
    );

    attack(
      "A9",
      "signed Timestamp in a header block, a fresh one in its place",
      against(scene, (message) => {
        const signed = part(message, "timestamp");
        const fresh = replaced(signed, 'wsu:Id="TS-1"', 'wsu:Id="TS-2"');
        return rebuilt(message, {
          parts: { timestamp: fresh, wrap: wrapped(signed) },
          header: [...message.header, "wrap"],
        });
      }),
    );
  });
}
