import { randomBytes } from "node:crypto";
import { x509 } from "@countersign/core";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { encryptedData, encryptedKey, referenceList, sealed, sealGcm, sealKey, wrap } from "../support/encryption.js";
import { type SoapMessage, x509Message } from "../support/messages.js";
import { attack } from "./attack.js";
import { contentOf, evilBody, part, rebuilt, replaced, wrapped } from "./support/edit.js";
import { against, type Scene } from "./support/scenes.js";
import { encryptedFirst, sealedRoute, signedFirst } from "./support/sealed.js";
import { encryptedHeader, sealedHeaderRoute, sent } from "./support/sealed-parts.js";
import type { Sent } from "./support/sent.js";

/*
 * XML Encryption: where cipher text stands, what refers to it, and in which order it was signed.
 */

const { signer, service } = credentials();
const data = /<xenc:EncryptedData [\s\S]*<\/xenc:EncryptedData>/;
const scenes: readonly Scene[] = [signedFirst, encryptedFirst];

const inKey = (message: SoapMessage, change: (text: string) => string): Sent =>
  rebuilt(message, { parts: { key: change(part(message, "key")) } });

/** A message with parts changed or added, and possibly others in the header. */
const unsigned = (
  message: SoapMessage,
  changes: Readonly<Record<string, string>>,
  more: Partial<Pick<SoapMessage, "security" | "header">> = {},
): Sent => rebuilt(message, { ...more, parts: changes });

describe("places", () => {
  for (const scene of scenes) {
    const key = randomBytes(32);
    const evil = () => encryptedData("ED-2", sealGcm(key, contentOf(evilBody(scene.genuine()))));
    const evilKey = () => encryptedKey(service, sealKey(service, key), ["ED-2"], { id: "EK-2" });
    const first = scene === signedFirst;
    const security = (message: SoapMessage) =>
      first ? ["evilKey", ...message.security] : [...message.security, "evilKey"];
    const shapes: Readonly<Record<string, (message: SoapMessage) => Sent>> = {
      "another Body, the signed one in a header block": (message) =>
        unsigned(
          message,
          {
            evilKey: evilKey(),
            wrap: wrapped(part(message, "body")),
            body: `<soap:Body wsu:Id="Body-2">${evil()}</soap:Body>`,
          },
          { security: security(message), header: [...message.header, "wrap"] },
        ),
      "another Body, with the key of the first": (message) =>
        unsigned(
          message,
          { wrap: wrapped(part(message, "body")), body: `<soap:Body wsu:Id="Body-2">${evil()}</soap:Body>` },
          { header: [...message.header, "wrap"] },
        ),
      "beside the signed cipher text": (message) =>
        unsigned(
          message,
          { evilKey: evilKey(), body: replaced(part(message, "body"), "</soap:Body>", `${evil()}</soap:Body>`) },
          { security: security(message) },
        ),
      "in a wrapper in the Body": (message) =>
        unsigned(
          message,
          {
            evilKey: evilKey(),
            body: replaced(part(message, "body"), "</soap:Body>", `<x:a xmlns:x="urn:x">${evil()}</x:a></soap:Body>`),
          },
          { security: security(message) },
        ),
      "in a header block": (message) =>
        unsigned(
          message,
          { evilKey: evilKey(), wrap: wrapped(evil()) },
          { security: security(message), header: [...message.header, "wrap"] },
        ),
      "as a header block": (message) =>
        unsigned(
          message,
          { evilKey: evilKey(), wrap: replaced(evil(), "#Content", "#Element") },
          { security: security(message), header: [...message.header, "wrap"] },
        ),
      "in a header block, a Body in clear in its place": (message) =>
        unsigned(
          message,
          { wrap: wrapped(part(message, "body")), body: evilBody(message, ' wsu:Id="Body-2"') },
          { header: [...message.header, "wrap"] },
        ),
      "in the Timestamp": (message) =>
        unsigned(
          message,
          {
            evilKey: evilKey(),
            timestamp: replaced(part(message, "timestamp"), "</wsu:Timestamp>", `${evil()}</wsu:Timestamp>`),
          },
          { security: security(message) },
        ),
      "in the Security header": (message) =>
        unsigned(message, { evilKey: evilKey(), evil: evil() }, { security: [...security(message), "evil"] }),
    };
    for (const [title, shape] of Object.entries(shapes))
      attack("D7", `${title}, ${scene.title}`, against(scene, shape));

    attack(
      "D8",
      `instead of the EncryptedKey that was there, ${scene.title}`,
      against(scene, (message) =>
        unsigned(message, { key: encryptedKey(service, sealKey(service, randomBytes(32)), ["ED-1"], { id: "EK-2" }) }),
      ),
    );
    attack(
      "D8",
      `besides the EncryptedKey that was there, ${scene.title}`,
      against(scene, (message) =>
        unsigned(
          message,
          { more: encryptedKey(service, sealKey(service, randomBytes(32)), ["ED-1"], { id: "EK-2" }) },
          { security: [...message.security, "more"] },
        ),
      ),
    );
    attack(
      "D9",
      `in two lists, ${scene.title}`,
      against(scene, (message) =>
        unsigned(message, { more: referenceList(["ED-1"]) }, { security: [...message.security, "more"] }),
      ),
    );
    attack(
      "D9",
      `twice in a list, ${scene.title}`,
      against(scene, (message) =>
        inKey(message, (text) => replaced(text, "<xenc:DataReference", (found) => `${found} URI="#ED-1"/>${found}`)),
      ),
    );
    attack(
      "D9",
      `with an Id that stands twice, ${scene.title}`,
      against(scene, (message) =>
        unsigned(
          message,
          { copy: wrapped(data.exec(part(message, "body"))?.[0] ?? "") },
          { header: [...message.header, "copy"] },
        ),
      ),
    );
  }
  attack("D9", "ten thousand of them", async () => {
    await sealedRoute.admits(signedFirst.genuine());
    const key = randomBytes(32);
    const ids = Array.from({ length: 10_000 }, (_, i) => `ED-${i}`);
    const one = sealGcm(key, "");
    const message = x509Message({ signer });
    const body = `<soap:Body wsu:Id="Body-1">${ids.map((id) => `<a>${encryptedData(id, one)}</a>`).join("")}</soap:Body>`;
    const route = sealedRoute.with({
      limits: { maxBody: 16 << 20, workerThreshold: 16 << 20, maxEncryptedMessage: 16 << 20 },
    });
    return route.refuses(
      rebuilt(message, {
        parts: { ...message.parts, body, key: encryptedKey(service, sealKey(service, key), ids) },
        security: ["key", ...message.security],
      }),
    );
  });
  attack("D9", "cipher text that comes out of cipher text", async () => {
    await sealedRoute.admits(signedFirst.genuine());
    const key = randomBytes(32);
    const inner = encryptedData("ED-2", sealGcm(key, "<o:Order xmlns:o='urn:example:orders'/>"));
    return sealedRoute.refuses(
      sent(
        sealed(x509Message({ signer }), {
          recipient: service,
          key,
          plaintext: () => inner,
          wrapped: (recipient, octets) => wrap(recipient, octets, ["ED-1", "ED-2"]),
        }),
      ),
    );
  });
  attack("D10", "another block beside it", async () => {
    const genuine = encryptedHeader();
    await sealedHeaderRoute.admits(genuine);
    return sealedHeaderRoute.refuses(
      rebuilt(genuine, {
        parts: {
          note: replaced(
            part(genuine, "note"),
            "</wsse11:EncryptedHeader>",
            "<x:a xmlns:x='urn:x'/></wsse11:EncryptedHeader>",
          ),
        },
      }),
    );
  });
  attack("D13", "encrypted before it was signed", async () => {
    const route = sealedRoute.with({ accept: [x509({ encrypted: ["body"], order: "sign-then-encrypt" })] });
    await route.admits(signedFirst.genuine());
    return route.refuses(sent(encryptedFirst.genuine()));
  });
  attack("D13", "signed before it was encrypted", async () => {
    const route = sealedRoute.with({ accept: [x509({ encrypted: ["body"], order: "encrypt-then-sign" })] });
    await route.admits(encryptedFirst.genuine());
    return route.refuses(sent(signedFirst.genuine()));
  });
  attack(
    "D17",
    "no signature at all",
    against(signedFirst, (message) =>
      rebuilt(message, { security: message.security.filter((name) => name !== "signature" && name !== "token") }),
    ),
  );
});
