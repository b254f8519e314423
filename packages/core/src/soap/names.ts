import { registerName } from "../xml/index.js";

/** SOAP 1.1 envelope namespace: https://www.w3.org/TR/2000/NOTE-SOAP-20000508/ */
export const soap11Namespace = "http://schemas.xmlsoap.org/soap/envelope/";
/** SOAP 1.2 envelope namespace: https://www.w3.org/TR/soap12-part1/ */
export const soap12Namespace = "http://www.w3.org/2003/05/soap-envelope";
/** WS-Addressing 1.0 namespace: https://www.w3.org/TR/ws-addr-core/ */
export const addressingNamespace = "http://www.w3.org/2005/08/addressing";
/** WS-Addressing August 2004 namespace, still sent by older peers. */
export const addressing2004Namespace = "http://schemas.xmlsoap.org/ws/2004/08/addressing";

/** SOAP 1.1 actor of the next node (section 4.2.2). */
export const soap11Next = "http://schemas.xmlsoap.org/soap/actor/next";
/** SOAP 1.2 roles (part 1, section 2.2). */
export const soap12Next = "http://www.w3.org/2003/05/soap-envelope/role/next";
export const soap12UltimateReceiver = "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver";

const soapNames = (namespace: string) => ({
  Envelope: registerName(namespace, "Envelope"),
  Header: registerName(namespace, "Header"),
  Body: registerName(namespace, "Body"),
  Fault: registerName(namespace, "Fault"),
  mustUnderstand: registerName(namespace, "mustUnderstand"),
});

/** Names of SOAP 1.1. */
export const soap11 = { ...soapNames(soap11Namespace), actor: registerName(soap11Namespace, "actor") } as const;
/** Names of SOAP 1.2. */
export const soap12 = { ...soapNames(soap12Namespace), actor: registerName(soap12Namespace, "role") } as const;

const addressingNames = (namespace: string) => ({
  Action: registerName(namespace, "Action"),
  MessageID: registerName(namespace, "MessageID"),
});

/** Names of WS-Addressing 1.0 that Countersign reads. */
export const wsa = addressingNames(addressingNamespace);
/** The same of August 2004. */
export const wsa2004 = addressingNames(addressing2004Namespace);

/** Whether a namespace is one of WS-Addressing. */
export const isAddressing = (namespace: string): boolean =>
  namespace === addressingNamespace || namespace === addressing2004Namespace;
