import { refuse } from "../errors/index.js";
import {
  checkCharset,
  type Exchange,
  echoableMessageId,
  headerLines,
  type MessageLimits,
  readMessageBody,
  type ServerRequest,
  type SoapMediaType,
  soapMediaType,
} from "../guard/index.js";
import { contentTypeOf, parseEnvelope, soap11, soap12, type UnverifiedEnvelope } from "../soap/index.js";
import { scan, type XmlDocument } from "../xml/index.js";

/** The XML document of a request, SOAP or not. Nothing in it has been verified. */
export interface RequestDocument {
  readonly document: XmlDocument;
  /** Undefined where the document is no SOAP. */
  readonly envelope: UnverifiedEnvelope | undefined;
  readonly contentType: string;
  /** The action that HTTP names. */
  readonly action: string | undefined;
}

/** What reading a document depends on. */
export interface DocumentRules {
  readonly limits: MessageLimits;
  /** Media types of documents that are no SOAP. */
  readonly xmlTypes: ReadonlySet<string>;
  /** Whether a document that is no SOAP is refused. */
  readonly soapOnly: boolean;
}

/**
 * Reads the document of a request, where it declares one: posted, of a media type of XML.
 * @returns undefined where the request has no document: its credentials can then only be in HTTP
 * @throws ERR_HTTP_METHOD and ERR_HTTP_MEDIA_TYPE where only SOAP will do, ERR_XML_ and ERR_SOAP_ codes, and what reading
 * the body throws
 */
export async function readDocument(
  request: ServerRequest,
  exchange: Exchange,
  { limits, xmlTypes, soapOnly }: DocumentRules,
): Promise<RequestDocument | undefined> {
  if (request.method !== "POST") {
    if (soapOnly) refuse("ERR_HTTP_METHOD", `the method is ${request.method.slice(0, 32)}`, methodRule);
    return undefined;
  }
  const type = headerLines(request.headers, "content-type")[0] ?? "";
  const essence = (type.split(";", 1)[0] ?? "").trimEnd();
  const soapType = essence === "text/xml" || essence === "application/soap+xml";
  if (!soapType && !xmlTypes.has(essence)) {
    // A spelling that another reader takes for XML, so that what is not read here would be read there.
    const plain = essence.trim().toLowerCase();
    const spelled =
      plain === "text/xml" || plain === "application/xml" || plain.endsWith("+xml") || xmlTypes.has(plain);
    if (soapOnly || (spelled && plain !== essence))
      refuse("ERR_HTTP_MEDIA_TYPE", `the Content-Type is "${type.slice(0, 128)}"`, soapRule);
    return undefined;
  }
  const media = soapMediaType(soapType ? request.headers : asXml(request, essence));
  if (essence === "application/soap+xml") exchange.soap = "1.2";
  else exchange.xml = true;
  const octets = await readMessageBody(request, limits.maxBody);
  checkCharset(octets, media);
  exchange.until = performance.now() + limits.deadlineMilliseconds;
  // A copy: whoever else holds the octets cannot change them between check and use.
  const document = scan(Buffer.from(octets), limits);
  const root = document.name(0);
  const isSoap = root === soap11.Envelope || root === soap12.Envelope || document.localName(0) === "Envelope";
  if (!isSoap || !soapType) return plainDocument(document, media, { soapOnly, isSoap, essence });
  const envelope = parseEnvelope(document);
  exchange.soap = envelope.version;
  exchange.xml = false;
  exchange.relatesTo = echoableMessageId(envelope);
  if (envelope.version !== media.version) {
    refuse("ERR_HTTP_MEDIA_TYPE", `a SOAP ${envelope.version} envelope was sent as SOAP ${media.version}`, soapRule);
  }
  return { document, envelope, contentType: contentTypeOf(envelope.version), action: media.action };
}

function plainDocument(
  document: XmlDocument,
  media: SoapMediaType,
  { soapOnly, isSoap, essence }: { readonly soapOnly: boolean; readonly isSoap: boolean; readonly essence: string },
): RequestDocument {
  if (soapOnly || isSoap || essence === "application/soap+xml") {
    refuse(
      "ERR_HTTP_MEDIA_TYPE",
      isSoap ? `a SOAP envelope was sent as ${essence}` : "the document is no SOAP envelope",
      { ...soapRule, place: () => document.place(0) },
    );
  }
  return { document, envelope: undefined, contentType: `${essence}; charset=utf-8`, action: media.action };
}

/** The same headers with a media type that the reader of SOAP knows: parameters are read in one way only. */
function asXml({ headers }: ServerRequest, essence: string): ServerRequest["headers"] {
  return headers.map(([name, value]) =>
    name === "content-type" ? ([name, `text/xml${value.slice(essence.length)}`] as const) : [name, value],
  );
}

const methodRule = { rule: "SOAP 1.2 part 2, 7", remedy: "Send a POST." };
const soapRule = {
  rule: "SOAP 1.2 part 2, 7.1.4",
  remedy: "Send a SOAP envelope as text/xml (SOAP 1.1) or application/soap+xml (SOAP 1.2).",
};
