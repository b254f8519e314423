import { refuse } from "../errors/index.js";
import { addressing2004Namespace, addressingNamespace } from "../soap/index.js";
import { parseUtcDateTime } from "../time/index.js";
import { type CanonicalForm, canonicalize, registerName, type XmlDocument } from "../xml/index.js";
import { wsuNamespace } from "../xmlsec/index.js";
import type { RequestedLifetime } from "./message.js";

/** Longest URI or other short text that is read, in characters. */
const maxText = 2048;

const created = registerName(wsuNamespace, "Created");
const expires = registerName(wsuNamespace, "Expires");

const endpointReferences: ReadonlySet<number> = new Set([
  registerName(addressingNamespace, "EndpointReference"),
  registerName(addressing2004Namespace, "EndpointReference"),
]);
const addresses: ReadonlySet<number> = new Set([
  registerName(addressingNamespace, "Address"),
  registerName(addressing2004Namespace, "Address"),
]);

/** Refuses a message that is not built as WS-Trust says. */
export function refuseRequest(
  document: XmlDocument,
  element: number,
  reason: string,
  rule: string,
  cause?: unknown,
): never {
  refuse("ERR_TRUST_INVALID_REQUEST", reason, {
    place: () => document.place(element),
    rule: `WS-Trust 1.4, ${rule}`,
    remedy: "Build the message as the WS-Trust schema says.",
    cause,
  });
}

/** Refuses something that WS-Trust allows, or may allow, and that is not read here: to leave it out could change the meaning. */
export function refuseUnread(
  document: XmlDocument,
  element: number,
  remedy = "Leave it out of the request.",
  cause?: unknown,
): never {
  refuse("ERR_TRUST_BAD_REQUEST", `${document.qualifiedName(element)} is not understood here`, {
    place: () => document.place(element),
    rule: "WS-Trust 1.4, 3.1",
    remedy,
    cause,
  });
}

/** The trimmed text of an element that holds a URI or another short value. */
export function shortText(document: XmlDocument, element: number, rule: string): string {
  const text = document.text(element)?.trim();
  if (text === undefined || text === "" || text.length > maxText) {
    refuseRequest(
      document,
      element,
      `${document.qualifiedName(element)} must hold text of 1 to ${maxText} characters`,
      rule,
    );
  }
  return text;
}

/** An xs:boolean attribute; `absent` where it is not there. */
export function booleanAttribute(document: XmlDocument, element: number, name: number, absent: boolean): boolean {
  const text = document.attribute(element, name)?.trim();
  if (text === undefined) return absent;
  return toBoolean(text) ?? refuseRequest(document, element, "an attribute is no xs:boolean", "5");
}

/** The xs:boolean that an element holds. */
export function booleanText(document: XmlDocument, element: number, rule: string): boolean {
  return toBoolean(shortText(document, element, rule)) ?? refuseRequest(document, element, "no xs:boolean", rule);
}

function toBoolean(text: string): boolean | undefined {
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  return undefined;
}

/** The address in a wsp:AppliesTo: one endpoint reference that holds an address and nothing else. */
export function parseAppliesTo(document: XmlDocument, element: number): string {
  const reference = document.firstChild(element);
  if (reference === -1 || !endpointReferences.has(document.name(reference))) {
    refuseRequest(document, element, "AppliesTo must hold a wsa:EndpointReference", "4.2");
  }
  const address = document.firstChild(reference);
  if (address === -1 || !addresses.has(document.name(address))) {
    refuseRequest(document, reference, "the endpoint reference must begin with its wsa:Address", "4.2");
  }
  for (const extra of [document.nextSibling(reference), document.nextSibling(address)]) {
    if (extra !== -1) refuseUnread(document, extra, "Name the relying party by its address alone.");
  }
  return shortText(document, address, "4.2");
}

/** A wst:Lifetime: Created and Expires, each at most once, in this order. */
export function parseLifetime(document: XmlDocument, element: number): RequestedLifetime {
  const found: { created?: number; expires?: number } = {};
  for (let child = document.firstChild(element); child !== -1; child = document.nextSibling(child)) {
    const name = document.name(child);
    const time = parseUtcDateTime(document.text(child) ?? "");
    const known = name === created ? "created" : name === expires ? "expires" : undefined;
    if (known === undefined || found[known] !== undefined || (known === "created" && found.expires !== undefined)) {
      refuseRequest(document, child, "Lifetime holds at most one Created, then at most one Expires", "4.4");
    }
    if (time === undefined) refuseRequest(document, child, "the time is not a UTC xs:dateTime", "4.4");
    found[known] = time;
  }
  return found;
}

/** Keeps every namespace in scope, so that what is cut out means the same wherever it is put. */
const standAlone: CanonicalForm = { method: "inclusive", comments: false };

/** The only child of an element, as XML text that stands alone; undefined where there is none, or more than one. */
export function onlyChild(document: XmlDocument, element: number): string | undefined {
  const child = document.firstChild(element);
  if (child === -1 || document.nextSibling(child) !== -1) return undefined;
  return Buffer.from(canonicalize(document, child, standAlone)).toString();
}
