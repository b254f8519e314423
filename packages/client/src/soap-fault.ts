import {
  CountersignError,
  type ErrorDetail,
  registerName,
  type SoapVersion,
  type UnverifiedEnvelope,
  type XmlDocument,
} from "@countersign/core/sts";

/** A qualified name, as fault codes are. */
export interface FaultCode {
  readonly namespace: string;
  readonly localName: string;
}

/** What a peer's SOAP fault says. */
export interface SoapFault {
  readonly version: SoapVersion;
  /** SOAP 1.2 Code; SOAP 1.1 faultcode. */
  readonly code: FaultCode;
  /** SOAP 1.2: the innermost Subcode. SOAP 1.1 has none: a code of WS-Security or WS-Trust stands in `code`. */
  readonly subcode?: FaultCode | undefined;
  readonly reason: string;
}

/** The fault that a service (ERR_SERVICE_FAULT) or a security token service (ERR_STS_FAULT) answered with. */
export class SoapFaultError extends CountersignError {
  readonly fault: SoapFault;
  /** HTTP status of the answer. */
  readonly httpStatus: number;
  /** Whether the fault was protected as the client demands of replies; anybody on an unprotected path can make a fault. */
  readonly verified: boolean;

  constructor(
    code: "ERR_SERVICE_FAULT" | "ERR_STS_FAULT",
    answer: { readonly fault: SoapFault; readonly httpStatus: number; readonly verified: boolean },
    more: Omit<ErrorDetail, "reason"> = {},
  ) {
    const { code: outer, subcode = outer, reason } = answer.fault;
    super(code, {
      reason: `the peer answered with the fault {${subcode.namespace}}${subcode.localName}: ${reason}`,
      ...more,
    });
    this.fault = answer.fault;
    this.httpStatus = answer.httpStatus;
    this.verified = answer.verified;
  }
}

const soap11 = "http://schemas.xmlsoap.org/soap/envelope/";
const soap12 = "http://www.w3.org/2003/05/soap-envelope";
const names = {
  fault11: registerName(soap11, "Fault"),
  faultcode: registerName("", "faultcode"),
  faultstring: registerName("", "faultstring"),
  fault12: registerName(soap12, "Fault"),
  code: registerName(soap12, "Code"),
  subcode: registerName(soap12, "Subcode"),
  value: registerName(soap12, "Value"),
  reason: registerName(soap12, "Reason"),
  text: registerName(soap12, "Text"),
};

/** Longest reason that is taken over, in characters. */
const maxReason = 512;
/** Subcodes may be nested; more than that is not looked at. */
const maxSubcodes = 4;

/** Reads the fault in a Body (SOAP 1.1 section 4.4, SOAP 1.2 part 1 section 5.4); undefined where it holds none. */
export function parseFault({ document, version, body }: UnverifiedEnvelope): SoapFault | undefined {
  const fault = document.firstChild(body);
  if (fault === -1) return undefined;
  const name = document.name(fault);
  if (version === "1.1" && name === names.fault11) return parse11(document, fault);
  if (version === "1.2" && name === names.fault12) return parse12(document, fault);
  return undefined;
}

function parse11(document: XmlDocument, fault: number): SoapFault {
  return {
    version: "1.1",
    code: codeIn(document, document.child(fault, names.faultcode)),
    reason: textOf(document, document.child(fault, names.faultstring)),
  };
}

function parse12(document: XmlDocument, fault: number): SoapFault {
  const outer = document.child(fault, names.code);
  const reason = document.child(fault, names.reason);
  const code = codeIn(document, childOf(document, outer, names.value));
  let subcode: FaultCode | undefined;
  let level = childOf(document, outer, names.subcode);
  for (let depth = 0; level !== -1 && depth < maxSubcodes; depth++) {
    subcode = codeIn(document, childOf(document, level, names.value));
    level = childOf(document, level, names.subcode);
  }
  return { version: "1.2", code, subcode, reason: textOf(document, childOf(document, reason, names.text)) };
}

const childOf = (document: XmlDocument, element: number, name: number): number =>
  element === -1 ? -1 : document.child(element, name);

const textOf = (document: XmlDocument, element: number): string =>
  element === -1 ? "" : (document.text(element) ?? "").trim().slice(0, maxReason);

function codeIn(document: XmlDocument, element: number): FaultCode {
  const text = textOf(document, element);
  const colon = text.indexOf(":");
  const prefix = colon === -1 ? "" : text.slice(0, colon);
  const namespace = element === -1 ? undefined : document.namespaceOf(element, prefix);
  return { namespace: namespace ?? "", localName: text.slice(colon + 1) };
}
