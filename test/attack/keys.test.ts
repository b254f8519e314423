import { X509Certificate } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { x509 } from "@countersign/core";
import { createTestAuthority, testKeyPair } from "@countersign/core/testing";
import { describe } from "vitest";
import { credentials, type Signer } from "../support/credentials.js";
import { holderOfKeyMessage, type SoapMessage, senderVouchesMessage, x509Message } from "../support/messages.js";
import { namespaces, profile } from "../support/namespaces.js";
import { attack } from "./attack.js";
import type { AttackVerdict } from "./catalogue.js";
import { part, rebuilt, replaced } from "./support/edit.js";
import { resigned } from "./support/resign.js";
import {
  against,
  authority,
  direct,
  holderOfKey,
  holderOfKey11,
  type Scene,
  senderVouches,
  senderVouches11,
} from "./support/scenes.js";
import type { Sent } from "./support/sent.js";
import { withKeyInfo } from "./support/tokens.js";

/*
 * Whose key it is: what a message says about keys is a hint, and only configuration and verified assertions make a key
 * somebody's.
 */

const { signer, other, stranger, issuer } = credentials();

const base64 = (octets: Uint8Array) => Buffer.from(octets).toString("base64");
const x509Data = (...by: readonly Signer[]) =>
  `<ds:X509Data>${by.map(({ certificate }) => `<ds:X509Certificate>${base64(certificate)}</ds:X509Certificate>`).join("")}</ds:X509Data>`;
const reference = (content: string, id = "STR-1") =>
  `<wsse:SecurityTokenReference wsu:Id="${id}">${content}</wsse:SecurityTokenReference>`;
const uriReference = (uri: string, id?: string) => reference(`<wsse:Reference URI="${uri}"></wsse:Reference>`, id);
const identifier = (valueType: string, value: Uint8Array) =>
  reference(
    `<wsse:KeyIdentifier EncodingType="${profile.base64Binary}" ValueType="${valueType}">${base64(value)}</wsse:KeyIdentifier>`,
  );

/** A certificate with the names and the serial number of the requestor's, by an authority with the name of the genuine one. */
const clone: Signer = (() => {
  const keyPair = testKeyPair("rsa", "clone");
  const serialNumber = BigInt(`0x${new X509Certificate(signer.certificate).serialNumber}`);
  const twin = createTestAuthority({ subject: "CN=Example CA,O=Example", keyPair: testKeyPair("ec", "clone") });
  return { ...keyPair, certificate: twin.issue({ subject: "CN=alice,O=Example", serialNumber, keyPair }).der };
})();

/** A message that somebody else made, sent where the genuine one is admitted. */
const instead = (scene: Scene, forge: () => SoapMessage | Sent) => against(scene, () => sent(forge()));
const sent = (message: SoapMessage | Sent): Sent =>
  "bytes" in message ? { soap: message.soap, body: message.bytes } : message;

describe("certificates that nobody trusts", () => {
  for (const scene of [direct, authority]) {
    for (const kind of ["direct", "embedded-data"] as const) {
      attack(
        "C1",
        `${kind}, ${scene.title}`,
        instead(scene, () => x509Message({ signer: stranger, reference: kind })),
      );
      attack(
        "C2",
        `${kind}, ${scene.title}`,
        instead(scene, () => x509Message({ signer: clone, reference: kind })),
      );
    }
    attack(
      "C1",
      `beside the trusted one, ${scene.title}`,
      instead(scene, () => withKeyInfo(x509Message({ signer: stranger }), x509Data(stranger, signer))),
    );
    attack(
      "C1",
      `behind the trusted one, ${scene.title}`,
      instead(scene, () => withKeyInfo(x509Message({ signer: stranger }), x509Data(signer, stranger))),
    );
  }
  for (const [held, vouched] of [
    [holderOfKey, senderVouches],
    [holderOfKey11, senderVouches11],
  ] as const) {
    const { version } = held.saml;
    const assertion = { version, issuedBy: issuer } as const;
    const stolen = () => holderOfKeyMessage({ signer: stranger, assertion: { ...assertion, holder: signer } });
    attack("C1", `signature of a stranger that names the assertion of SAML ${version}`, instead(held, stolen));
    attack(
      "C1",
      `signature of a stranger beside the assertion of SAML ${version}`,
      instead(held, () => withKeyInfo(stolen(), x509Data(stranger))),
    );
    attack(
      "C1",
      `signature of a stranger as attester of an assertion of SAML ${version}`,
      instead(vouched, () => senderVouchesMessage({ signer: stranger, assertion })),
    );
    attack(
      "C1",
      `signature of the authority's other certificate as attester of an assertion of SAML ${version}`,
      instead(vouched, () => senderVouchesMessage({ signer: other, assertion })),
    );
  }
  attack(
    "C2",
    "by issuer and serial number of the genuine one",
    instead(direct, () => {
      const name = "CN=Example CA,O=Example";
      const serial = BigInt(`0x${new X509Certificate(signer.certificate).serialNumber}`);
      const issuerSerial = `<ds:X509IssuerSerial><ds:X509IssuerName>${name}</ds:X509IssuerName><ds:X509SerialNumber>${serial}</ds:X509SerialNumber></ds:X509IssuerSerial>`;
      return withKeyInfo(x509Message({ signer: clone }), reference(`<ds:X509Data>${issuerSerial}</ds:X509Data>`));
    }),
  );
});

describe("references", () => {
  /** Sends a message whose Reference to the Body has another URI, and asserts that no server was asked. */
  const pointing =
    (attribute: (port: number) => string) =>
    async (expect: typeof import("vitest").expect): Promise<AttackVerdict> => {
      let asked = 0;
      const server = createServer((_, response) => {
        asked++;
        response.end();
      });
      await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
      try {
        const { port } = server.address() as AddressInfo;
        const { text } = direct.genuine();
        await direct.route.admits(direct.genuine());
        const pointed = replaced(text, '<ds:Reference URI="#Body-1"', `<ds:Reference ${attribute(port)}`);
        const verdict = await direct.route.refuses({ soap: "1.1", body: resigned(pointed, { signer }) });
        expect(asked).toBe(0);
        return verdict;
      } finally {
        server.close();
      }
    };
  for (const [title, attribute] of Object.entries<(port: number) => string>({
    "an http URL": (port) => `URI="http://127.0.0.1:${port}/body"`,
    "an http URL with the fragment": (port) => `URI="http://127.0.0.1:${port}/#Body-1"`,
    "a file": () => 'URI="file:///etc/passwd"',
    "a part of a multipart message": () => 'URI="cid:body@example"',
    "a query": () => 'URI="?q"',
    "a query with the fragment": () => 'URI="?q#Body-1"',
    "the whole document": () => 'URI=""',
    "the whole document by XPointer": () => 'URI="#xpointer(/)"',
    "the Body by XPointer": () => "URI=\"#xpointer(id('Body-1'))\"",
    "no URI": () => "",
  })) {
    attack("C11", title, pointing(attribute));
  }
  for (const uri of [
    "#a' or '1'='1",
    "#Body-1' or '1'='1",
    "#*",
    "#//soap:Body",
    "#Body-1 ",
    "#1",
    "#",
    "#Body-1#",
    "#x&quot;]|//*[&quot;",
  ]) {
    attack(
      "C16",
      `Reference to ${uri}`,
      against(direct, ({ text, soap }) => ({
        soap,
        body: resigned(replaced(text, 'URI="#Body-1"', `URI="${uri}"`), { signer }),
      })),
    );
    attack(
      "C16",
      `token reference to ${uri}`,
      against(direct, (message) => withKeyInfo(message, uriReference(uri))),
    );
  }
});

describe("hints that lead elsewhere", () => {
  const retrieval = `<ds:RetrievalMethod Type="${namespaces.ds}X509Data" URI="#KI-2"></ds:RetrievalMethod>`;
  for (const [title, content] of Object.entries({
    RetrievalMethod: retrieval,
    "RetrievalMethod to a URL": `<ds:RetrievalMethod URI="http://192.0.2.9/key"></ds:RetrievalMethod>`,
    "RetrievalMethod behind a reference": reference(`<wsse:Reference URI="#X509-1"></wsse:Reference>`) + retrieval,
    "RetrievalMethod to itself": '<ds:RetrievalMethod Id="KI-1" URI="#KI-1"></ds:RetrievalMethod>',
    KeyInfoReference:
      '<d:KeyInfoReference xmlns:d="http://www.w3.org/2009/xmldsig11#" URI="#KI-1"></d:KeyInfoReference>',
  })) {
    attack(
      "C12",
      title,
      against(direct, (message) => withKeyInfo(message, content)),
    );
  }
  attack(
    "C13",
    "a reference to itself",
    against(direct, (message) => withKeyInfo(message, uriReference("#STR-1"))),
  );
  attack(
    "C13",
    "two references to one another",
    against(direct, (message) => {
      const withSecond = rebuilt(message, {
        parts: { second: uriReference("#STR-1", "STR-2") },
        security: [...message.security, "second"],
      });
      return withKeyInfo({ text: withSecond.body.toString(), soap: "1.1" }, uriReference("#STR-2"));
    }),
  );
  attack(
    "C13",
    "a reference in a reference",
    against(direct, (message) =>
      withKeyInfo(message, reference(`<wsse:Embedded>${uriReference("#X509-1", "STR-2")}</wsse:Embedded>`)),
    ),
  );
  attack("C14", "token behind the signature that uses it: accepted where the layout is lax", async (expect) => {
    const message = direct.genuine({ securityOrder: ["signature", "timestamp", "token"] });
    await direct.route.admits(message);
    const evil = rebuilt(message, { parts: { body: replaced(part(message, "body"), ">A-100001<", ">A-2<") } });
    expect(await direct.route.refuses(evil)).toBe("FC");
    return (await direct.route.send({ soap: "1.1", body: message.bytes })).verdict;
  });
});

describe("two tenants", () => {
  const theirs = direct.route.with({ trust: { certificates: [other.certificate] }, tenant: "theirs" });
  const skiType = profile.x509v3.replace("X509v3", "X509SubjectKeyIdentifier");
  // RFC 5280 section 4.2.1.2, method 1, as the test authority makes it: the SHA-1 of the key, in the extension.
  const ski = (by: Signer) => {
    const at = by.certificate.indexOf(Buffer.from([0x06, 0x03, 0x55, 0x1d, 0x0e]));
    return by.certificate.subarray(at + 9, at + 29);
  };
  for (const [title, genuine] of [
    ["thumbprint", (by: Signer) => x509Message({ signer: by, reference: "thumbprint" }).text],
    [
      "subject key identifier",
      (by: Signer) => withKeyInfo(x509Message({ signer: by }), identifier(skiType, ski(by))).body.toString(),
    ],
  ] as const) {
    attack("C15", `${title} of the other tenant's certificate`, async (expect) => {
      expect((await theirs.send({ soap: "1.1", body: genuine(other) })).verdict).toBe("accepted");
      expect((await direct.route.send({ soap: "1.1", body: genuine(signer) })).verdict).toBe("accepted");
      expect(await theirs.refuses({ soap: "1.1", body: genuine(signer) })).toBe("FC");
      return direct.route.refuses({ soap: "1.1", body: genuine(other) });
    });
  }
  attack(
    "C15",
    "thumbprint of ours under a signature of the other tenant",
    against(direct, () => {
      const mine = x509Message({ signer, reference: "thumbprint" });
      const keyInfo = /<ds:KeyInfo>([\s\S]*)<\/ds:KeyInfo>/.exec(mine.text)?.[1] ?? "";
      return withKeyInfo(x509Message({ signer: other }), keyInfo);
    }),
  );
});

describe("subjects", () => {
  attack(
    "C17",
    "another subject of the same authority",
    against(authority, () => sent(x509Message({ signer: other }))),
  );
  attack("F5", "a valid certificate of a disabled account", async (expect) => {
    const message = direct.genuine();
    await direct.route.admits(message);
    const seen: string[] = [];
    const account = (principal: { readonly name: string }) => {
      seen.push(principal.name);
      return false;
    };
    const verdict = await direct.route
      .with({ accept: [x509({ account })] })
      .refuses({ soap: "1.1", body: message.bytes });
    expect(seen).toEqual(["CN=alice,O=Example"]);
    return verdict;
  });
  attack(
    "F3",
    "the requestor's token is signed, and the message is signed by another",
    against(direct, (message) => {
      const made = x509Message({ signer: other, signed: ["timestamp", "token", "body"], reference: "direct" });
      const swapped = replaced(made.text, /"X509-1">[^<]*</, `"X509-1">${base64(signer.certificate)}<`);
      return withKeyInfo(
        { text: resigned(swapped, { signer: other, digests: "sha256" }), soap: message.soap },
        x509Data(other),
      );
    }),
  );
  attack("F3", "and both are trusted: the signer is who speaks", async (expect) => {
    const both = direct.route.with({ trust: { certificates: [signer.certificate, other.certificate] } });
    const made = x509Message({ signer: other, signed: ["timestamp", "token", "body"] });
    const swapped = replaced(made.text, /"X509-1">[^<]*</, `"X509-1">${base64(signer.certificate)}<`);
    const text = resigned(swapped, { signer: other, digests: "sha256" });
    const { decision } = await both.send(withKeyInfo({ text, soap: "1.1" }, x509Data(other)));
    expect(decision.kind === "admitted" && decision.security.principal.name).toBe("CN=mallory,O=Example");
    return both.refuses({ soap: "1.1", body: text });
  });
});
