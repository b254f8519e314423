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

/**
 * What xml-crypto finds of the message signatures (children of wsse:Security) under the signer's certificate: that all of them
 * hold, that one fails, or `none` where it does not read the message as it is: where a parser complains, where white space
 * stands in an end tag (the parser within xml-crypto 6 stumbles over it), and where an attribute of a payload has the value of
 * an Id, which it takes for a second one.
 */
export function xmlCryptoOpinion(
  xml: string,
  { certificate }: Pick<Signer, "certificate">,
): "holds" | "fails" | "none" {
  let complaints = 0;
  const document = new DOMParser({ onError: () => void complaints++ }).parseFromString(xml, "text/xml");
  if (complaints > 0 || /<\/[^<>]*\s>/.test(xml)) return "none";
  const signatures = Array.from(document.getElementsByTagNameNS(namespaces.ds ?? "", "Signature")).filter(
    ({ parentNode }) => parentNode?.localName === "Security",
  );
  if (signatures.length === 0) return "fails";
  const publicCert = `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64")}\n-----END CERTIFICATE-----`;
  for (const signature of signatures) {
    const verifier = new SignedXml({ publicCert });
    verifier.loadSignature(signature as unknown as Parameters<SignedXml["loadSignature"]>[0]);
    try {
      if (!verifier.checkSignature(xml)) return "fails";
    } catch (error) {
      return error instanceof Error && error.message.includes("multiple elements with the same value")
        ? "none"
        : "fails";
    }
  }
  return "holds";
}
