import { refuse } from "../errors/index.js";
import { type ContentType, essenceOf, parseContentType, refuseMime } from "../mime/index.js";
import type { SoapVersion } from "../soap/index.js";
import { headerLines } from "./header-lines.js";
import type { RequestHeaders } from "./seam.js";

/** What the HTTP headers say about a SOAP body. */
export interface SoapMediaType {
  readonly version: SoapVersion;
  readonly charset: "utf-8" | "utf-16";
  /** The SOAPAction header or the `action` parameter; undefined where both are absent or empty. */
  readonly action: string | undefined;
  /** Set for a multipart/related message, whose first part is the SOAP body. */
  readonly multipart?: MultipartType | undefined;
}

/** How a multipart/related message is put together (RFC 2387). */
export interface MultipartType {
  readonly boundary: string;
  /** Content-ID of the SOAP part, without angle brackets; undefined where the message leaves it to the order. */
  readonly start: string | undefined;
  /** Media type that the SOAP part must have. */
  readonly rootType: string;
  /** Whether `xop:Include` elements stand for attachments (XOP 1.0). */
  readonly xop: boolean;
}

const versions: Readonly<Record<string, SoapVersion>> = { "text/xml": "1.1", "application/soap+xml": "1.2" };

const multipartRelated = "multipart/related";
const xopType = "application/xop+xml";

/** Whether the request declares a SOAP body at all. */
export function declaresSoap(headers: RequestHeaders, takesAttachments = false): boolean {
  const type = headerLines(headers, "content-type")[0];
  if (type === undefined) return false;
  const essence = essenceOf(type);
  return Object.hasOwn(versions, essence) || (takesAttachments && essence === multipartRelated);
}

/**
 * Reads Content-Type and SOAPAction (SOAP 1.1 section 6.1, RFC 3902). The type is compared exactly: a spelling that one
 * reader takes for XML and another does not is refused. SOAPAction belongs to SOAP 1.1 and the `action` parameter to SOAP
 * 1.2, but dispatchers read either with both: where both are there they must agree.
 * @param takesAttachments Whether multipart/related is taken too.
 * @throws ERR_HTTP_MEDIA_TYPE for any other type or charset, ERR_HTTP_HEADERS for a repeated header, two different actions
 * or malformed parameters of multipart/related
 */
export function soapMediaType(headers: RequestHeaders, takesAttachments = false): SoapMediaType {
  const types = headerLines(headers, "content-type");
  const actions = headerLines(headers, "soapaction");
  if (types.length > 1 || actions.length > 1) {
    refuse("ERR_HTTP_HEADERS", "Content-Type or SOAPAction was sent twice", {
      rule: "RFC 9110, 5.3",
      remedy: "Send each of them once.",
    });
  }
  const type = types[0] ?? "";
  const header = unquote(actions[0] ?? "");
  if (takesAttachments && essenceOf(type) === multipartRelated) return multipartMediaType(type, header);
  const version = versionOf(essenceOf(type));
  const parameters = version && parseContentType(type)?.parameters;
  if (version === undefined || parameters === undefined) refuseType(type);
  return { version, charset: charsetOf(parameters, type), action: oneAction(header, parameters.get("action") ?? "") };
}

/**
 * The media type of a message in parts, once its SOAP part is here: that part's own Content-Type must say what the message
 * said, and its action must agree.
 * @param root The SOAP part's Content-Type.
 * @throws ERR_MIME_INVALID, ERR_HTTP_MEDIA_TYPE, ERR_HTTP_HEADERS
 */
export function rootMediaType(outer: SoapMediaType, { rootType }: MultipartType, root: ContentType): SoapMediaType {
  if (root.essence !== rootType) {
    refuseMime(`the SOAP part is not the ${rootType} that the message declares`, "RFC 2387, 3.1");
  }
  const inner = root.parameters.get("type");
  const type = inner === undefined ? undefined : parseContentType(inner);
  if (rootType === xopType && (type === undefined || versionOf(type.essence) !== outer.version)) {
    refuseMime("the SOAP part's type is not the start-info of the message", "MTOM, 3.2");
  }
  const actions = [root.parameters.get("action"), rootType === xopType ? type?.parameters.get("action") : undefined];
  const action = actions.reduce<string | undefined>((agreed, one) => oneAction(agreed ?? "", one ?? ""), outer.action);
  return { ...outer, charset: charsetOf(root.parameters, root.essence), action };
}

/** RFC 2387 and, for `application/xop+xml`, MTOM section 3.2 (SOAP 1.2) and its SOAP 1.1 binding. */
function multipartMediaType(text: string, header: string): SoapMediaType {
  const parameters = parseContentType(text)?.parameters;
  if (parameters === undefined) refuseRelated("its parameters are malformed, or one is repeated");
  const rootType = parameters.get("type") ?? "";
  const xop = rootType === xopType;
  const info = parseContentType(xop ? (parameters.get("start-info") ?? "") : rootType);
  const version = versionOf(info?.essence ?? "");
  if (version === undefined) {
    refuseType(`multipart/related; type=${rootType}; start-info=${parameters.get("start-info") ?? ""}`);
  }
  const start = parameters.get("start");
  const action = oneAction(header, parameters.get("action") ?? "");
  return {
    version,
    charset: "utf-8",
    action: oneAction(action ?? "", info?.parameters.get("action") ?? ""),
    multipart: {
      boundary: parameters.get("boundary") ?? refuseRelated("it has no boundary"),
      start: start && (/^<(.*)>$/.exec(start)?.[1] ?? start),
      rootType: xop ? xopType : (info?.essence ?? ""),
      xop,
    },
  };
}

const versionOf = (essence: string): SoapVersion | undefined =>
  Object.hasOwn(versions, essence) ? versions[essence] : undefined;

function charsetOf(parameters: ReadonlyMap<string, string>, type: string): SoapMediaType["charset"] {
  const charset = (parameters.get("charset") ?? "utf-8").toLowerCase();
  return charset === "utf-8" || charset === "utf-16" ? charset : refuseType(type);
}

function oneAction(header: string, parameter: string): string | undefined {
  if (header !== "" && parameter !== "" && header !== parameter) {
    refuse("ERR_HTTP_HEADERS", "SOAPAction and the action of Content-Type name different operations", {
      rule: "RFC 3902, 2",
      remedy: "Send one of them, or the same in both.",
    });
  }
  const action = header === "" ? parameter : header;
  return action === "" ? undefined : action;
}

const unquote = (text: string): string => (/^".*"$/.test(text) ? text.slice(1, -1) : text);

function refuseRelated(reason: string): never {
  refuse("ERR_HTTP_HEADERS", `the Content-Type is multipart/related, and ${reason}`, { rule: "RFC 2387, 3" });
}

function refuseType(type: string): never {
  refuse("ERR_HTTP_MEDIA_TYPE", `the Content-Type is "${type.slice(0, 128)}"`, {
    rule: "SOAP 1.2 part 2, 7.1.4",
    remedy: "Send text/xml (SOAP 1.1) or application/soap+xml (SOAP 1.2), charset utf-8.",
  });
}
