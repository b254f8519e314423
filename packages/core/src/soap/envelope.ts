import { refuse } from "../errors/index.js";
import type { XmlDocument } from "../xml/index.js";
import { soap11, soap12 } from "./names.js";

/** The version of a SOAP envelope. */
export type SoapVersion = "1.1" | "1.2";

/** The skeleton of an envelope as it stands in a scanned document. Nothing in it has been verified. */
export interface UnverifiedEnvelope {
  readonly document: XmlDocument;
  readonly version: SoapVersion;
  /** Element handle of the Header; -1 where there is none. */
  readonly header: number;
  /** Element handle of *the* Body: the one that every coverage check means. */
  readonly body: number;
}

/**
 * Reads Envelope, Header and Body by position (SOAP 1.1 section 4, SOAP 1.2 part 1 section 5.1). A Header behind the Body
 * is read too: streaming senders write it there, and every check is by element, not by order.
 * @throws ERR_SOAP_VERSION for another envelope namespace, ERR_SOAP_INVALID for another shape, and
 * ERR_WSS_INVALID_SECURITY for a second Body or Header: two readers could then pick different ones.
 */
export function parseEnvelope(document: XmlDocument): UnverifiedEnvelope {
  const root = document.name(0);
  const is11 = root === soap11.Envelope;
  if (!is11 && root !== soap12.Envelope) refuseRoot(document);
  const names = is11 ? soap11 : soap12;
  let header = -1;
  let body = -1;
  for (let child = document.firstChild(0); child !== -1; child = document.nextSibling(child)) {
    const name = document.name(child);
    if (name === names.Body) {
      if (body !== -1) refuseSecond(document, child, "Body");
      body = child;
    } else if (name === names.Header) {
      if (header !== -1) refuseSecond(document, child, "Header");
      header = child;
    } else {
      refuseChild(document, child, `the Envelope has an unexpected child ${document.qualifiedName(child)}`);
    }
  }
  if (body === -1) refuseChild(document, 0, "the Envelope has no Body");
  return { document, version: is11 ? "1.1" : "1.2", header, body };
}

function refuseRoot(document: XmlDocument): never {
  const place = () => document.place(0);
  if (document.localName(0) === "Envelope") {
    refuse("ERR_SOAP_VERSION", `the Envelope is in the namespace "${document.namespace(0)}"`, {
      place,
      rule: "SOAP 1.2 part 1, 5.4.7",
      remedy: "Send a SOAP 1.1 or SOAP 1.2 envelope.",
    });
  }
  refuse("ERR_SOAP_INVALID", `the document element is ${document.qualifiedName(0)}, not a SOAP Envelope`, {
    place,
    rule: "SOAP 1.2 part 1, 5.1",
    remedy: "Send the payload inside a SOAP envelope.",
  });
}

function refuseSecond(document: XmlDocument, element: number, name: string): never {
  refuse("ERR_WSS_INVALID_SECURITY", `the Envelope has a second ${name}`, {
    place: () => document.place(element),
    rule: "SOAP 1.2 part 1, 5.1",
    remedy: `Send one ${name}.`,
  });
}

function refuseChild(document: XmlDocument, element: number, reason: string): never {
  refuse("ERR_SOAP_INVALID", reason, {
    place: () => document.place(element),
    rule: "SOAP 1.2 part 1, 5.1",
    remedy: "Send Envelope with an optional Header followed by one Body.",
  });
}
