import type { RawExtension } from "../crypto/index.js";
import { derValue } from "./der-value.js";

/** The extension by which a certificate names the address of a revocation list (RFC 5280 section 4.2.1.13). */
export function listAddress(address: string): RawExtension {
  const name = derValue(0xa0, derValue(0xa0, uri(address)));
  return { id: "2.5.29.31", value: derValue(0x30, derValue(0x30, name)) };
}

/** The extension by which a certificate names its OCSP responder (RFC 5280 section 4.2.2.1, RFC 6960 section 3.1). */
export function responderAddress(address: string): RawExtension {
  return { id: "1.3.6.1.5.5.7.1.1", value: derValue(0x30, derValue(0x30, ocspMethod, uri(address))) };
}

/** 1.3.6.1.5.5.7.48.1 */
const ocspMethod = Buffer.from("06082b06010505073001", "hex");

const uri = (address: string) => derValue(0x86, Buffer.from(address));
