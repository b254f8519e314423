import { randomBytes } from "node:crypto";
import { x509 } from "@countersign/core";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { encryptedData, encryptionUri, sealed, sealGcm, wrap } from "../support/encryption.js";
import { assemble, type SoapMessage, x509Message } from "../support/messages.js";
import { attack } from "./attack.js";
import { part, rebuilt, replaced } from "./support/edit.js";
import { against, type Scene } from "./support/scenes.js";
import { encryptedFirst, sealedFirstScene, sealedRoute, sealedScene, signedFirst } from "./support/sealed.js";
import { agreed, agreementRoute, headerRoute, sealedHeader, sealedSignature, sent } from "./support/sealed-parts.js";
import type { Sent } from "./support/sent.js";

/*
 * XML Encryption: what comes out of cipher text, and by which algorithms. Padding and timing have a file of their own.
 */

const { signer, service, stranger } = credentials();
const scenes: readonly Scene[] = [signedFirst, encryptedFirst];
const cipherReference = '<xenc:CipherReference URI="http://127.0.0.1:9/secret"></xenc:CipherReference>';

const inKey = (message: SoapMessage, change: (text: string) => string): Sent =>
  rebuilt(message, { parts: { key: change(part(message, "key")) } });
const inBody = (message: SoapMessage, change: (text: string) => string): Sent =>
  rebuilt(message, { parts: { body: change(part(message, "body")) } });

describe("plaintext (B22, B23)", () => {
  const hostile: Readonly<Record<string, (content: string) => string>> = {
    "a document type": (content) => `<!DOCTYPE a [<!ENTITY e "x">]>${content}`,
    "an entity": (content) => replaced(content, "<o:Sku>A-100001", "<o:Sku>&e;"),
    "a processing instruction": (content) => `<?p q?>${content}`,
    "an end of the Body and a new one": (content) => `${content}</soap:Body><soap:Body>`,
    "an open comment": (content) => `${content}<!--`,
    "an open CDATA section": (content) => `${content}<![CDATA[`,
    "an open start tag": (content) => `${content}<a b="`,
    "an element that is not closed": (content) => `${content}<o:Line>`,
    "a prefix that nothing declares": (content) => `${content}<q:a/>`,
  };
  for (const [title, plaintext] of Object.entries(hostile)) {
    attack("B22", title, async () => {
      await sealedRoute.admits(signedFirst.genuine());
      return sealedRoute.refuses(sent(sealed(x509Message({ signer }), { recipient: service, plaintext })));
    });
    attack("B22", `${title}, signed as cipher text`, async () => {
      await sealedRoute.admits(encryptedFirst.genuine());
      return sealedRoute.refuses(sent(sealedFirstScene("", { plaintext }).genuine()));
    });
  }
  attack("B22", "a second root in the header", async () => {
    await headerRoute.admits(sealedHeader());
    return headerRoute.refuses(sent(sealedHeader((text) => `${text}<x:evil xmlns:x="urn:x"/>`)));
  });
  attack("B22", "two that are content only together", async () => {
    const route = sealedRoute.with({ accept: [x509()] });
    const message = (first: string, second: string) => {
      const genuine = x509Message({ signer, payload: '<o:A xmlns:o="urn:o"><o:B>1</o:B><o:C>2</o:C></o:A>' });
      const key = randomBytes(32);
      const data = (id: string, plaintext: string) => encryptedData(id, sealGcm(key, plaintext), { key: "EK-1" });
      const body = replaced(part(genuine, "body"), ">1<", `>${data("ED-1", first)}<`).replace(
        ">2<",
        () => `>${data("ED-2", second)}<`,
      );
      const parts = { ...genuine.parts, body, key: wrap(service, key, ["ED-1", "ED-2"]) };
      const sealedMessage = { ...genuine, parts, security: ["key", ...genuine.security] };
      const text = assemble(sealedMessage);
      return { ...sealedMessage, text, bytes: Buffer.from(text) };
    };
    await route.admits(message("1", "2"));
    await route.refuses(sent(message("<!--", "--></o:B><o:C>2")));
    await route.refuses(sent(message("1</o:B><o:C>2</o:C><!--", "-->")));
    return route.refuses(sent(message("1</o:B><o:B>", "2")));
  });
  attack("B22", "its own signature, by a stranger", async () => {
    const genuine = sealedSignature(x509Message({ signer }));
    await headerRoute.admits(genuine);
    return headerRoute.refuses(sent(sealedSignature(x509Message({ signer: stranger }))));
  });
  attack("B22", "a signature in the Body and none in the header", async () => {
    await sealedRoute.admits(signedFirst.genuine());
    const message = x509Message({ signer });
    const body = replaced(part(message, "body"), "</soap:Body>", `${part(message, "signature")}</soap:Body>`);
    const swapped = sealed({ ...message, parts: { ...message.parts, body } }, { recipient: service });
    return sealedRoute.refuses(rebuilt(swapped, { security: swapped.security.filter((name) => name !== "signature") }));
  });

  for (const scene of scenes) {
    attack(
      "B23",
      `Content said to be an Element, ${scene.title}`,
      against(scene, (message) => inBody(message, (text) => replaced(text, "#Content", "#Element"))),
    );
    attack(
      "B23",
      `no Type, ${scene.title}`,
      against(scene, (message) => inBody(message, (text) => replaced(text, ` Type="${encryptionUri.content}"`, ""))),
    );
  }
  attack("B23", "an Element said to be Content", async () => {
    await headerRoute.admits(sealedHeader());
    return headerRoute.refuses(sent(sealedHeader((text) => text, encryptionUri.content)));
  });
});

describe("algorithms and parameters", () => {
  const rsa15 = `<xenc:EncryptionMethod Algorithm="${encryptionUri.rsa15}"></xenc:EncryptionMethod>`;
  for (const suite of ["default", "legacyCbc"] as const) {
    const scene = sealedScene(suite, {}, { algorithms: { suite } });
    attack(
      "D1",
      `in the suite ${suite}`,
      against(scene, (message) =>
        inKey(message, (text) => replaced(text, /<xenc:EncryptionMethod .*<\/xenc:EncryptionMethod>/, rsa15)),
      ),
    );
  }
  const sealing = (title: string, seal: (key: Buffer, plaintext: string) => Uint8Array): [string, Scene] => [
    title,
    sealedScene(title, { seal }),
  ];
  for (const [title, scene] of [
    sealing("GCM tag of 4 octets", (key, plaintext) => sealGcm(key, plaintext, { tag: 4 })),
    sealing("GCM tag of 12 octets", (key, plaintext) => sealGcm(key, plaintext, { tag: 12 })),
  ]) {
    attack("D5", title, async () => {
      await sealedRoute.admits(signedFirst.genuine());
      return scene.route.refuses(sent(scene.genuine()));
    });
  }
  for (const [title, scene] of [
    sealing("nonce of 8 octets", (key, plaintext) => sealGcm(key, plaintext, { nonce: randomBytes(8) })),
    sealing("nonce of 16 octets", (key, plaintext) => sealGcm(key, plaintext, { nonce: randomBytes(16) })),
    sealing("nothing", () => Buffer.alloc(0)),
    sealing("a nonce alone", () => randomBytes(12)),
  ]) {
    attack("D6", title, async () => {
      await sealedRoute.admits(signedFirst.genuine());
      return scene.route.refuses(sent(scene.genuine()));
    });
  }
  attack(
    "D11",
    "of the Body",
    against(signedFirst, (message) =>
      inBody(message, (text) => replaced(text, /<xenc:CipherValue>.*<\/xenc:CipherValue>/, cipherReference)),
    ),
  );
  attack(
    "D11",
    "of the key",
    against(signedFirst, (message) =>
      inKey(message, (text) => replaced(text, /<xenc:CipherValue>.*<\/xenc:CipherValue>/, cipherReference)),
    ),
  );
  for (const attribute of [
    'Recipient="https://orders.example"',
    'MimeType="text/xml"',
    `Type="${encryptionUri.element}"`,
  ]) {
    attack(
      "D14",
      attribute,
      against(signedFirst, (message) =>
        inKey(message, (text) => replaced(text, ' Id="EK-1"', ` Id="EK-1" ${attribute}`)),
      ),
    );
  }
  for (const attribute of ['MimeType="application/gzip"', 'Encoding="http://www.w3.org/2000/09/xmldsig#base64"']) {
    attack(
      "D18",
      attribute,
      against(signedFirst, (message) =>
        inBody(message, (text) => replaced(text, ' Id="ED-1"', ` Id="ED-1" ${attribute}`)),
      ),
    );
  }
  attack("D16", "a point that is not on its curve", () =>
    agreementRoute
      .admits(agreed())
      .then(() => agreementRoute.refuses(sent(agreed({ point: (point) => point.fill(7, 40, 50) })))),
  );
  attack("D16", "SHA-1 in the derivation", () =>
    agreementRoute
      .admits(agreed())
      .then(() => agreementRoute.refuses(sent(agreed({ digest: "http://www.w3.org/2000/09/xmldsig#sha1" })))),
  );
  attack("D15", "a wrapped key with a bit changed", () =>
    agreementRoute
      .admits(agreed())
      .then(() =>
        agreementRoute.refuses(sent(agreed({ wrapped: (octets) => octets.fill((octets[9] ?? 0) ^ 1, 9, 10) }))),
      ),
  );
});
