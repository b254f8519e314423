import { refuse } from "../errors/index.js";
import type { SoapVersion } from "../soap/index.js";
import { headerLines } from "./header-lines.js";
import type { RequestHeaders } from "./seam.js";

/** What the HTTP headers say about a SOAP body. */
export interface SoapMediaType {
  readonly version: SoapVersion;
  readonly charset: "utf-8" | "utf-16";
  /** The SOAPAction header or the `action` parameter; undefined where both are absent or empty. */
  readonly action: string | undefined;
}

const versions: Readonly<Record<string, SoapVersion>> = { "text/xml": "1.1", "application/soap+xml": "1.2" };

/** Whether the request declares a SOAP body at all. */
export function declaresSoap(headers: RequestHeaders): boolean {
  const type = headerLines(headers, "content-type")[0];
  return type !== undefined && Object.hasOwn(versions, essenceOf(type));
}

/**
 * Reads Content-Type and SOAPAction (SOAP 1.1 section 6.1, RFC 3902). The type is compared exactly: a spelling that one
 * reader takes for XML and another does not is refused. SOAPAction belongs to SOAP 1.1 and the `action` parameter to SOAP
 * 1.2, but dispatchers read either with both: where both are there they must agree.
 * @throws ERR_HTTP_MEDIA_TYPE for any other type or charset, ERR_HTTP_HEADERS for a repeated header or two different actions
 */
export function soapMediaType(headers: RequestHeaders): SoapMediaType {
  const types = headerLines(headers, "content-type");
  const actions = headerLines(headers, "soapaction");
  if (types.length > 1 || actions.length > 1) {
    refuse("ERR_HTTP_HEADERS", "Content-Type or SOAPAction was sent twice", {
      rule: "RFC 9110, 5.3",
      remedy: "Send each of them once.",
    });
  }
  const type = types[0] ?? "";
  const version = Object.hasOwn(versions, essenceOf(type)) ? versions[essenceOf(type)] : undefined;
  const parameters = version && parseParameters(type);
  if (version === undefined || parameters === undefined) refuseType(type);
  const charset = (parameters.get("charset") ?? "utf-8").toLowerCase();
  if (charset !== "utf-8" && charset !== "utf-16") refuseType(type);
  return { version, charset, action: oneAction(unquote(actions[0] ?? ""), parameters.get("action") ?? "") };
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

const essenceOf = (type: string): string => {
  const semicolon = type.indexOf(";");
  return semicolon === -1 ? type : type.slice(0, semicolon);
};

const parameter =
  /[ \t]*;[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:"((?:[^"\\\r\n]|\\[^\r\n])*)"|([!#$%&'*+.^_`|~0-9A-Za-z-]+))/y;

/** Parameters of a media type; undefined where they are not `name=value` or `name="value"`, or one is repeated (RFC 9110 section 5.6.6). */
function parseParameters(type: string): Map<string, string> | undefined {
  const parameters = new Map<string, string>();
  parameter.lastIndex = essenceOf(type).length;
  while (parameter.lastIndex < type.length) {
    const match = parameter.exec(type);
    const name = match?.[1]?.toLowerCase();
    if (!match || name === undefined || parameters.has(name)) return undefined;
    parameters.set(name, match[3] ?? (match[2] ?? "").replace(/\\(.)/g, "$1"));
  }
  return parameters;
}

const unquote = (text: string): string => (/^".*"$/.test(text) ? text.slice(1, -1) : text);

function refuseType(type: string): never {
  refuse("ERR_HTTP_MEDIA_TYPE", `the Content-Type is "${type.slice(0, 128)}"`, {
    rule: "SOAP 1.2 part 2, 7.1.4",
    remedy: "Send text/xml (SOAP 1.1) or application/soap+xml (SOAP 1.2), charset utf-8.",
  });
}
