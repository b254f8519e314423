import { DOMParser } from "@xmldom/xmldom";
import { XmlDocument } from "libxml2-wasm";
import { SignedXml } from "xml-crypto";
import type { Signer } from "../../support/credentials.js";
import { namespaces } from "../../support/namespaces.js";

/*
 * Other readers of the same octets: xml-crypto for signatures, libxml2 for what stands where.
 */

/** The texts of what an XPath finds with libxml2, by the prefixes of the messages in these tests. */
export function libxml2Texts(xml: Uint8Array | string, xpath: string): readonly string[] {
  const document = XmlDocument.fromBuffer(typeof xml === "string" ? Buffer.from(xml, "utf8") : xml);
  try {
    return document.find(xpath, { ...namespaces }).map(({ content }) => content);
  } finally {
    document.dispose();
  }
}

/** Whether xml-crypto finds that every message signature (a child of wsse:Security) holds under the signer's certificate. */
export function xmlCryptoHolds(xml: string, { certificate }: Pick<Signer, "certificate">): boolean {
  const document = new DOMParser().parseFromString(xml, "text/xml");
  const signatures = Array.from(document.getElementsByTagNameNS(namespaces.ds ?? "", "Signature")).filter(
    ({ parentNode }) => parentNode?.localName === "Security",
  );
  const publicCert = `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64")}\n-----END CERTIFICATE-----`;
  return (
    signatures.length > 0 &&
    signatures.every((signature) => {
      const verifier = new SignedXml({ publicCert });
      verifier.loadSignature(signature as unknown as Parameters<SignedXml["loadSignature"]>[0]);
      try {
        return verifier.checkSignature(xml);
      } catch {
        return false;
      }
    })
  );
}
