import { usernameToken, x509 } from "@countersign/core";
import { issueUsernameToken, loadEncryption, secureMessage } from "@countersign/core/sts";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { decryptionKey, encryptionUri } from "../support/encryption.js";
import { type SoapMessage, x509Message } from "../support/messages.js";
import { namespaces } from "../support/namespaces.js";
import { attack } from "./attack.js";
import { service as conversing, establish, type Held, under, words } from "./support/conversing.js";
import { part, rebuilt, replaced } from "./support/edit.js";
import { Route } from "./support/route.js";
import { encryptedFirst, sealedRoute, signedFirst, trust } from "./support/sealed.js";

/*
 * Cipher text of somebody else, in a message of one's own: the service would decrypt it, and the handler show it.
 */

const keys = credentials();
const to11 = { soap: "1.1" } as const;
const password = "wonderland";
const forService = { for: keys.service.certificate } as const;

/** What alice sends: an encrypted UsernameToken, and the key for it. */
function alicesToken(): { readonly key: string; readonly data: string } {
  const plain = `<soap:Envelope xmlns:soap="${namespaces.soap}"><soap:Body><o:Order xmlns:o="${namespaces.o}">1</o:Order></soap:Body></soap:Envelope>`;
  const { envelope } = secureMessage(plain, {
    tokens: [issueUsernameToken({ name: "alice", password, as: "text", now: Date.now() }).xml],
    encrypt: { ...loadEncryption(forService, "encrypt"), parts: ["token"] },
  });
  return cipherTextOf(envelope);
}

function cipherTextOf(envelope: Uint8Array): { readonly key: string; readonly data: string } {
  const text = Buffer.from(envelope).toString();
  const [key = ""] = /<xenc:EncryptedKey.*?<\/xenc:EncryptedKey>/s.exec(text) ?? [];
  const [data = ""] = /<xenc:EncryptedData.*?<\/xenc:EncryptedData>/s.exec(text) ?? [];
  return { key, data };
}

/** The same of a sender that encrypts what the token consists of, and leaves the element around it in clear. */
function alicesTokenContent(): { readonly key: string; readonly data: string } {
  const content = `<w:Username xmlns:w="${namespaces.wsse}">alice</w:Username><w:Password xmlns:w="${namespaces.wsse}">${password}</w:Password>`;
  const plain = `<soap:Envelope xmlns:soap="${namespaces.soap}"><soap:Body>${content}</soap:Body></soap:Envelope>`;
  const { envelope } = secureMessage(plain, { tokens: [], encrypt: loadEncryption(forService, "encrypt") });
  return cipherTextOf(envelope);
}

const asContent = (data: string): string => replaced(data, encryptionUri.element, encryptionUri.content);
const wrapped = (data: string): string => `<x:a xmlns:x="urn:x">${data}</x:a>`;

/** Places in one's own Body. */
const places: Readonly<Record<string, (data: string) => string>> = {
  "an element of the Body": (data) => data,
  "an element in an element of the Body": wrapped,
  "the content of an element of the Body": (data) => wrapped(asContent(data)),
  "the content of the Body": asContent,
};

/** A message of the signer's own with that Body, signed as it stands, and the key in front of the signature or behind it. */
function own(body: string, key: string, where: "front" | "behind"): { readonly soap: "1.1"; readonly body: string } {
  const message: SoapMessage = x509Message({ signer: keys.signer, payload: body });
  const security = where === "front" ? ["key", ...message.security] : [...message.security, "key"];
  const sent = rebuilt(message, { parts: { ...message.parts, key }, security });
  return { ...to11, body: sent.body.toString() };
}

describe("tokens that are passed on", () => {
  const route = new Route({ trust, accept: [x509()] });
  for (const [title, place] of Object.entries(places)) {
    attack("D8", `an encrypted UsernameToken as ${title}, signed as cipher text`, async (expect) => {
      await route.admits(encryptedFirst.genuine());
      const { key, data } = alicesToken();
      const { verdict, record } = await route.refusal(own(place(data), key, "behind"));
      expect(record.error?.reason).toMatch(/UsernameToken came out of cipher text outside/);
      return verdict;
    });
  }

  attack(
    "D8",
    "what an encrypted UsernameToken consists of, as the content of an element of the Body",
    async (expect) => {
      const { key, data } = alicesTokenContent();
      const { verdict, record } = await route.refusal(own(wrapped(data), key, "behind"));
      expect(record.error?.reason).toMatch(/Username came out of cipher text outside/);
      return verdict;
    },
  );

  for (const shape of ["EncryptedHeader", "Body"] as const) {
    attack("D8", `an encrypted UsernameToken in the ${shape} of a message with another, over TLS`, async (expect) => {
      const accept = [usernameToken({ verify: (_name, given) => given === password, over: "transport" })];
      const over = new Route({ trust: { decryption: [decryptionKey(keys.service)] }, accept });
      const { key, data } = alicesToken();
      const message = (header: string, body: string) => {
        const plain =
          `<soap:Envelope xmlns:soap="${namespaces.soap}"><soap:Header>${header}</soap:Header>` +
          `<soap:Body>${body}</soap:Body></soap:Envelope>`;
        const tokens = [issueUsernameToken({ name: "mallory", password, as: "text", now: Date.now() }).xml];
        return Buffer.from(secureMessage(plain, { tokens }).envelope).toString();
      };
      expect((await over.send({ ...to11, body: message("", "<a/>") })).verdict).toBe("accepted");
      const encryptedHeader = `<e:EncryptedHeader xmlns:e="${namespaces.wsse11}">${data}</e:EncryptedHeader>`;
      const sent = shape === "Body" ? message("", data) : message(encryptedHeader, "<a/>");
      const body = replaced(sent, "</wsse:Security>", `${key}</wsse:Security>`);
      const { verdict, record } = await over.refusal({ ...to11, body });
      expect(record.error?.reason).toMatch(/UsernameToken came out of cipher text outside/);
      return verdict;
    });
  }
});

describe("a Body that is passed on", () => {
  attack("D13", "where the route demands that what is encrypted was signed in clear", async (expect) => {
    const demanding = sealedRoute.with({ accept: [x509({ encrypted: ["body"], order: "sign-then-encrypt" })] });
    const alices = signedFirst.genuine();
    await demanding.admits(alices);
    const [data = ""] = /<xenc:EncryptedData.*<\/xenc:EncryptedData>/s.exec(part(alices, "body")) ?? [];
    const { verdict } = await demanding.refusal(own(data, part(alices, "key"), "behind"));
    const front = await demanding.refusal(own(data, part(alices, "key"), "front"));
    expect(front.verdict).toBe("FC");
    return verdict;
  });

  const order = `<s:Envelope xmlns:s="${namespaces.env}"><s:Body><o:Order xmlns:o="urn:orders">1</o:Order></s:Body></s:Envelope>`;
  const recipient = (held: Held) => ({ name: { words: words.conversation, ...held }, secret: held.secret });
  const sent = (header: Parameters<typeof secureMessage>[1]) => {
    const { envelope } = secureMessage(order, header);
    return { soap: "1.2" as const, body: Buffer.from(envelope).toString() };
  };

  for (const protection of ["sign-then-encrypt", "encrypt-then-sign"] as const) {
    attack("D8", `cipher text under another's security context, ${protection}`, async (expect) => {
      const route = conversing();
      const [alices, mallorys] = [await establish(route, "alice"), await establish(route, "mallory")];
      const byMallory = (owner: Held) => ({
        ...under(mallorys),
        encrypt: { for: recipient(owner), order: protection },
      });
      expect((await route.send(sent(byMallory(mallorys)))).verdict).toBe("accepted");
      return route.refuses(sent(byMallory(alices)));
    });
  }

  attack("D17", "encryption under one's context offered as proof", async (expect) => {
    const route = conversing();
    const alices = await establish(route, "alice");
    const header = { ...under(alices), encrypt: { for: recipient(alices) } };
    expect((await route.send(sent(header))).verdict).toBe("accepted");
    return route.refuses(sent({ ...header, signatures: [] }));
  });
});
