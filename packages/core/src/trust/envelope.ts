import { addressingNamespace, type SoapVersion, soap11Namespace, soap12Namespace } from "../soap/index.js";
import { element, escapeText } from "../xml/index.js";

/** A WS-Trust message without its Security header. */
export interface TrustEnvelope {
  readonly version: SoapVersion;
  /** WS-Addressing action. */
  readonly action: string;
  /** Address of the issuer; requests only. */
  readonly to?: string | undefined;
  /** Own id; requests only. */
  readonly messageId?: string | undefined;
  /** Id of the request that this answers. */
  readonly relatesTo?: string | undefined;
  /** The one element of the Body, XML text. */
  readonly content: string;
}

/** Writes the SOAP envelope around a WS-Trust message, with WS-Addressing 1.0 headers; replies go back on the connection. */
export function writeTrustEnvelope({ version, action, to, messageId, relatesTo, content }: TrustEnvelope): string {
  const header = [writeAddressing("Action", action)];
  if (messageId !== undefined) header.push(writeAddressing("MessageID", messageId));
  if (relatesTo !== undefined) header.push(writeAddressing("RelatesTo", relatesTo));
  if (to !== undefined) header.push(writeAddressing("To", to));
  return element(
    "s:Envelope",
    { "xmlns:s": version === "1.1" ? soap11Namespace : soap12Namespace },
    element("s:Header", {}, ...header),
    element("s:Body", {}, content),
  );
}

function writeAddressing(name: string, text: string): string {
  return element(`wsa:${name}`, { "xmlns:wsa": addressingNamespace }, escapeText(text));
}
