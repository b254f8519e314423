import { createHmac } from "node:crypto";
import { describe } from "vitest";
import type { SignatureAlgorithmName } from "../support/algorithms.js";
import { credentials, type Signer } from "../support/credentials.js";
import { x509Message } from "../support/messages.js";
import { namespaces, profile } from "../support/namespaces.js";
import { attack } from "./attack.js";
import type { AttackVerdict } from "./catalogue.js";
import { replaced } from "./support/edit.js";
import { resigned, withSignatureValue } from "./support/resign.js";
import { direct } from "./support/scenes.js";

/*
 * Algorithms off the list. All messages are signed with the requestor's own key, so that nothing but the algorithm, the
 * transform or the value is wrong.
 */

const { signer, elliptic, edwards } = credentials();
const dsig = namespaces.ds ?? "";
const more = "http://www.w3.org/2001/04/xmldsig-more#";
const route = direct.route.with({
  trust: { certificates: [signer, elliptic, edwards].map(({ certificate }) => certificate) },
});
const exclusive = `<ds:Transform Algorithm="${namespaces.ec}"></ds:Transform>`;

/** A message of a signer: genuine, then with its text changed and signed again with the same key. */
function signedAnew(
  change: (text: string) => string,
  by: Signer = signer,
  algorithm: SignatureAlgorithmName = "rsa-sha256",
): () => Promise<AttackVerdict> {
  return async () => {
    const message = x509Message({ signer: by, algorithm });
    await route.admits(message);
    return route.refuses({ soap: "1.1", body: resigned(change(message.text), { signer: by, algorithm }) });
  };
}

/** The same with another URI as signature method. */
const method =
  (uri: string, parameters = "") =>
  (text: string) =>
    replaced(
      text,
      /<ds:SignatureMethod Algorithm="[^"]*"><\/ds:SignatureMethod>/,
      `<ds:SignatureMethod Algorithm="${uri}">${parameters}</ds:SignatureMethod>`,
    );

/** The same with the Body's transforms, or the one before the canonical form. */
const transforms = (content: string) => (text: string) =>
  replaced(
    text,
    /URI="#Body-1"><ds:Transforms>[\s\S]*?<\/ds:Transforms>/,
    `URI="#Body-1"><ds:Transforms>${content}</ds:Transforms>`,
  );
const transform = (uri: string, parameters = "") => `<ds:Transform Algorithm="${uri}">${parameters}</ds:Transform>`;

const xpath = "http://www.w3.org/TR/1999/REC-xpath-19991116";
const filter2 = "http://www.w3.org/2002/06/xmldsig-filter2";
const xslt = "http://www.w3.org/TR/1999/REC-xslt-19991116";
const filter = `<f:XPath xmlns:f="${filter2}" Filter="intersect">/soap:Envelope/soap:Body</f:XPath>`;
const stylesheet =
  '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"><xsl:template match="/">' +
  "<xsl:value-of select=\"document('file:///etc/passwd')\"/></xsl:template></xsl:stylesheet>";

describe("transforms", () => {
  attack("A17", "XPath", signedAnew(transforms(transform(xpath, "<ds:XPath>self::soap:Body</ds:XPath>") + exclusive)));
  attack("A17", "XPath Filter 2", signedAnew(transforms(transform(filter2, filter) + exclusive)));
  attack(
    "A18",
    "XPath whose prefix is bound anew around it",
    signedAnew((text) =>
      transforms(
        transform(xpath, '<ds:XPath xmlns:soap="urn:evil">ancestor-or-self::soap:Body</ds:XPath>') + exclusive,
      )(text),
    ),
  );
  attack("C9", "XSLT", signedAnew(transforms(transform(xslt, stylesheet))));
  attack("C9", "XSLT before the canonical form", signedAnew(transforms(transform(xslt, stylesheet) + exclusive)));
  attack("C10", "base64", signedAnew(transforms(transform(`${dsig}base64`))));
  attack("C10", "XPath Filter 2", signedAnew(transforms(transform(filter2, filter))));
  attack("C10", "decryption", signedAnew(transforms(transform("http://www.w3.org/2002/07/decrypt#XML") + exclusive)));
  attack(
    "C10",
    "SwA attachment",
    signedAnew(
      transforms(
        transform("http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#Attachment-Content-Signature-Transform"),
      ),
    ),
  );
  attack("C10", "unknown", signedAnew(transforms(transform("urn:example:unknown") + exclusive)));
  attack(
    "C10",
    "one more behind the canonical form",
    signedAnew(transforms(exclusive + transform(`${dsig}enveloped-signature`))),
  );
  attack(
    "C10",
    "STR-Transform behind enveloped-signature",
    signedAnew(transforms(transform(`${dsig}enveloped-signature`) + transform(profile.strTransform))),
  );
  for (const [uri, parameters] of [
    [xpath, "<ds:XPath>count(//. | //@* | //namespace::*)</ds:XPath>"],
    [xslt, stylesheet],
    [filter2, filter],
  ] as const) {
    attack("K20", `${uri}, under a garbage signature`, async () => {
      const message = x509Message({ signer });
      await route.admits(message);
      return route.refuses({ soap: "1.1", body: transforms(transform(uri, parameters) + exclusive)(message.text) });
    });
  }
});

describe("signature methods", () => {
  for (const hash of ["sha1", "sha256"] as const) {
    const secrets = {
      "public key in PEM": signer.publicKey.export({ type: "spki", format: "pem" }),
      "public key in DER": signer.publicKey.export({ type: "spki", format: "der" }),
      certificate: signer.certificate,
    };
    for (const [name, secret] of Object.entries(secrets)) {
      attack("C3", `hmac-${hash} with the ${name} as secret`, signedWithSecret(hash, secret));
    }
  }
  for (const length of ["0", "8", "40", "100", "128", "1000000000", "-1", ""]) {
    const parameter = `<ds:HMACOutputLength>${length}</ds:HMACOutputLength>`;
    attack("C4", `HMACOutputLength ${length || "empty"}`, signedAnew(method(`${more}hmac-sha256`, parameter)));
    attack("C4", `HMACOutputLength ${length || "empty"} with RSA`, signedAnew(method(`${more}rsa-sha256`, parameter)));
  }
  const honest: readonly [string, () => ReturnType<typeof x509Message>][] = [
    ["rsa-sha1", () => x509Message({ signer, algorithm: "rsa-sha1" })],
    ["digests by SHA-1", () => x509Message({ signer, digest: "sha1" })],
  ];
  for (const [title, message] of honest) {
    attack("C5", `${title}, made honestly`, async (expect) => {
      await route.admits(x509Message({ signer }));
      const { verdict } = await route
        .with({ algorithms: { suite: "legacySha1" } })
        .send({ soap: "1.1", body: message().bytes });
      expect(verdict).toBe("accepted");
      return route.refuses({ soap: "1.1", body: message().bytes });
    });
  }
  for (const uri of [
    `${more}rsa-md5`,
    `${more}rsa-ripemd160`,
    `${dsig}dsa-sha1`,
    "http://www.w3.org/2009/xmldsig11#dsa-sha256",
    "urn:example:unknown",
    "",
    `${more}RSA-SHA256`,
    `${more}rsa-sha256 `,
  ]) {
    attack("C5", `signature method "${uri}"`, signedAnew(method(uri)));
  }
  for (const uri of [
    `${more}md5`,
    `${more}sha224`,
    "http://www.w3.org/2001/04/xmlenc#ripemd160",
    "urn:example:unknown",
    "",
  ]) {
    attack(
      "C5",
      `digest method "${uri}"`,
      signedAnew((text) =>
        replaced(text, /URI="#Body-1">[\s\S]*?<ds:DigestMethod Algorithm="[^"]*"/, (found) =>
          found.replace(/"[^"]*"$/, `"${uri}"`),
        ),
      ),
    );
  }
  attack("C6", "an RSA method for an elliptic key", signedAnew(method(`${more}rsa-sha256`), elliptic, "ecdsa-sha256"));
  attack("C6", "an RSA method for an Edwards key", signedAnew(method(`${more}rsa-sha256`), edwards, "ed25519"));
  attack("C6", "an ECDSA method for an RSA key", signedAnew(method(`${more}ecdsa-sha256`)));
  attack(
    "C6",
    "an Edwards method for an RSA key",
    signedAnew(method("http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519")),
  );
  attack(
    "C6",
    "an HMAC method for an elliptic key",
    signedAnew(method(`${more}hmac-sha256`), elliptic, "ecdsa-sha256"),
  );
});

/** A message "signed" with a secret that everybody knows. */
function signedWithSecret(hash: "sha1" | "sha256", secret: string | Buffer): () => Promise<AttackVerdict> {
  return async () => {
    const message = x509Message({ signer });
    await route.admits(message);
    const uri = hash === "sha1" ? `${dsig}hmac-sha1` : `${more}hmac-sha256`;
    const changed = method(uri)(message.text);
    const [record] = message.signatures;
    const signedInfo =
      record?.signedInfo.toString().replace(/(<ds:SignatureMethod Algorithm=")[^"]*/, `$1${uri}`) ?? "";
    return route.refuses({
      soap: "1.1",
      body: withSignatureValue(changed, createHmac(hash, secret).update(signedInfo).digest()),
    });
  };
}
