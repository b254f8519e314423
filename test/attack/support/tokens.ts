import { derValue } from "@countersign/core/testing";
import type { SoapMessage } from "../../support/messages.js";
import { profile } from "../../support/namespaces.js";
import { replaced } from "./edit.js";
import { messageSignature } from "./resign.js";
import type { Sent } from "./sent.js";

const pkiPath = profile.x509v3.replace("X509v3", "X509PKIPathv1");

/** The message with other content in its BinarySecurityToken, which is not signed. */
export function withToken({ text, soap }: SoapMessage, octets: Uint8Array): Sent {
  const content = Buffer.from(octets).toString("base64");
  return { soap, body: replaced(text, /"X509-1">[^<]*</, `"X509-1">${content}<`) };
}

/** The message with an X509PKIPathv1 of certificates in their order as its token. */
export function withPath({ text, soap }: SoapMessage, ...certificates: readonly Uint8Array[]): Sent {
  const typed = text.replaceAll(profile.x509v3, pkiPath);
  return withToken({ text: typed, soap } as SoapMessage, derValue(0x30, ...certificates));
}

/** The message with other content in the ds:KeyInfo of its message signature, which is not signed. */
export function withKeyInfo({ text, soap }: Pick<SoapMessage, "text" | "soap">, content: string): Sent {
  return {
    soap,
    body: messageSignature(text, (signature) =>
      replaced(signature, /<ds:KeyInfo>[\s\S]*<\/ds:KeyInfo>/, `<ds:KeyInfo>${content}</ds:KeyInfo>`),
    ),
  };
}
