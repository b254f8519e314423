import { xmlsec } from "@countersign/core/testing";
import { DOMParser, type Element as XmldomElement } from "@xmldom/xmldom";
import { describe, expect, it } from "vitest";
import { SignedXml } from "xml-crypto";
import {
  coveredByUs,
  digests,
  envelope,
  type Keys,
  layouts,
  rsaKeys,
  rsaPssSha256,
  secretKeys,
  signatures,
  signedByUs,
} from "./message.js";

const { sha1, sha256, sha512 } = digests as Record<string, string>;

/** The algorithms that xml-crypto knows, and the keys for each. */
const algorithms: readonly (readonly [name: string, algorithm: string, digest: string, keys: Keys])[] = [
  ["RSA-SHA1", signatures["rsa-sha1"] as string, sha1 as string, rsaKeys],
  ["RSA-SHA256", signatures["rsa-sha256"] as string, sha256 as string, rsaKeys],
  ["RSA-SHA512", signatures["rsa-sha512"] as string, sha512 as string, rsaKeys],
  ["RSA-PSS with SHA-256", rsaPssSha256, sha256 as string, rsaKeys],
  ["HMAC-SHA1", signatures["hmac-sha1"] as string, sha1 as string, secretKeys],
];

function keyOf(keys: Keys, sign: boolean): string | Buffer {
  if (keys.signing.type === "secret") return keys.signing.export();
  const pem = sign
    ? keys.signing.export({ type: "pkcs8", format: "pem" })
    : keys.verifying.export({ type: "spki", format: "pem" });
  return pem as string;
}

/** xml-crypto's verdict. */
function verifies(text: string, keys: Keys): boolean {
  const document = new DOMParser().parseFromString(text, "text/xml");
  const [signature] = Array.from(document.getElementsByTagNameNS(xmlsec.dsNamespace, "Signature")) as XmldomElement[];
  const signed = new SignedXml({
    idMode: "wssecurity",
    publicCert: keyOf(keys, false),
    getCertFromKeyInfo: () => null,
  });
  if (keys.signing.type === "secret") signed.enableHMAC();
  signed.loadSignature(String(signature));
  try {
    return signed.checkSignature(text);
  } catch {
    return false;
  }
}

function signedByXmlCrypto(body: string, algorithm: string, digestAlgorithm: string, keys: Keys, form: string): string {
  const signed = new SignedXml({
    idMode: "wssecurity",
    privateKey: keyOf(keys, true),
    signatureAlgorithm: algorithm,
    canonicalizationAlgorithm: form,
  });
  if (keys.signing.type === "secret") signed.enableHMAC();
  for (const name of ["Body", "Timestamp"]) {
    signed.addReference({ xpath: `//*[local-name(.)='${name}']`, transforms: [form], digestAlgorithm });
  }
  signed.computeSignature(envelope({ body }), {
    prefix: "ds",
    location: { reference: "//*[local-name(.)='Timestamp']", action: "after" },
  });
  return signed.getSignedXml();
}

const spoilt = (text: string) => text.replace("10:00:00Z", "10:00:01Z");

describe("xml-crypto", () => {
  it.each(algorithms)("accepts our %s, and we accept its own", (_, algorithm, digest, keys) => {
    for (const { body } of layouts) {
      const ours = signedByUs(body, { algorithm, digest, key: keys.signing });
      expect(verifies(ours, keys)).toBe(true);
      expect(verifies(spoilt(ours), keys)).toBe(false);
      for (const form of [xmlsec.exclusiveC14n, xmlsec.exclusiveC14nWithComments]) {
        const theirs = signedByXmlCrypto(body, algorithm, digest, keys, form);
        expect(coveredByUs(theirs, keys.verifying)).toEqual(["Body", "Timestamp"]);
        expect(() => coveredByUs(spoilt(theirs), keys.verifying)).toThrow(
          expect.objectContaining({ code: "ERR_WSS_FAILED_CHECK" }),
        );
      }
    }
  });
});
