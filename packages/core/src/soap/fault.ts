import { element, escapeText } from "../xml/index.js";
import type { SoapVersion } from "./envelope.js";
import { addressingNamespace, soap11Namespace, soap12Namespace } from "./names.js";

/** What a SOAP fault says. */
export interface FaultContent {
  readonly version: SoapVersion;
  /** Whose fault it is, in SOAP 1.2 words; SOAP 1.1 says Client and Server. */
  readonly code: "Sender" | "Receiver" | "VersionMismatch" | "MustUnderstand";
  /** A qualified code below it: SOAP 1.2 Subcode, or SOAP 1.1 faultcode. */
  readonly subcode?: { readonly prefix: string; readonly namespace: string; readonly name: string } | undefined;
  readonly reason: string;
  /** MessageID of the request, echoed as wsa:RelatesTo with the constant fault Action. */
  readonly relatesTo?: string | undefined;
}

/** Media type of a SOAP message by version. */
export const contentTypeOf = (version: SoapVersion): string =>
  version === "1.1" ? "text/xml; charset=utf-8" : "application/soap+xml; charset=utf-8";

/** Writes a fault message (SOAP 1.1 section 4.4, SOAP 1.2 part 1 section 5.4). */
export function writeFault(fault: FaultContent): string {
  const soap = fault.version === "1.1" ? soap11Namespace : soap12Namespace;
  const header =
    fault.relatesTo === undefined
      ? ""
      : element(
          "s:Header",
          {},
          element("wsa:Action", { "xmlns:wsa": addressingNamespace }, `${addressingNamespace}/soap/fault`),
          element("wsa:RelatesTo", { "xmlns:wsa": addressingNamespace }, escapeText(fault.relatesTo)),
        );
  const content = fault.version === "1.1" ? fault11(fault) : fault12(fault);
  return element("s:Envelope", { "xmlns:s": soap }, header, element("s:Body", {}, element("s:Fault", {}, ...content)));
}

const words11 = {
  Sender: "Client",
  Receiver: "Server",
  VersionMismatch: "VersionMismatch",
  MustUnderstand: "MustUnderstand",
};

function fault11({ code, subcode, reason }: FaultContent): string[] {
  const faultcode = subcode
    ? element("faultcode", { [`xmlns:${subcode.prefix}`]: subcode.namespace }, `${subcode.prefix}:${subcode.name}`)
    : element("faultcode", {}, `s:${words11[code]}`);
  return [faultcode, element("faultstring", {}, escapeText(reason))];
}

function fault12({ code, subcode, reason }: FaultContent): string[] {
  const below = subcode
    ? element(
        "s:Subcode",
        {},
        element("s:Value", { [`xmlns:${subcode.prefix}`]: subcode.namespace }, `${subcode.prefix}:${subcode.name}`),
      )
    : "";
  return [
    element("s:Code", {}, element("s:Value", {}, `s:${code}`), below),
    element("s:Reason", {}, element("s:Text", { "xml:lang": "en" }, escapeText(reason))),
  ];
}
