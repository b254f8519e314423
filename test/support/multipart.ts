import type { SoapMessage } from "./messages.js";

/** A part as it is written: header lines and octets. */
export interface WrittenPart {
  readonly headers: readonly string[];
  readonly content: string | Uint8Array;
}

/** An attachment, in words. */
export interface AttachmentPart {
  /** Content-ID, without angle brackets. */
  readonly id: string;
  readonly content: string | Uint8Array;
  /** Default `application/octet-stream`. */
  readonly type?: string;
}

/** A body and the Content-Type that it is sent with. */
export interface MultipartText {
  readonly contentType: string;
  readonly body: Buffer;
}

/** The boundary of the messages here. */
export const boundary = "part-boundary";

/** Writes a multipart body (RFC 2046 section 5.1.1). */
export function multipartBody(parts: readonly WrittenPart[]): Buffer {
  const pieces = parts.flatMap(({ headers, content }) => [
    Buffer.from([`--${boundary}`, ...headers, "", ""].join("\r\n"), "latin1"),
    Buffer.from(content as Uint8Array),
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--`)]);
}

/** The part of an attachment. */
export function attachmentPart({ id, content, type = "application/octet-stream" }: AttachmentPart): WrittenPart {
  const headers = [`Content-Type: ${type}`, "Content-Transfer-Encoding: binary", `Content-ID: <${id}>`];
  return { headers, content };
}

/** The Content-ID of the SOAP part. */
export const rootId = "root@example";

/** The SOAP part of a message. */
export function rootPart(message: Pick<SoapMessage, "soap" | "bytes">, packaging: Packaging): WrittenPart {
  const soap = soapType(message.soap);
  const type = packaging === "mtom" ? `application/xop+xml; charset=UTF-8; type="${soap}"` : `${soap}; charset=UTF-8`;
  return {
    headers: [`Content-Type: ${type}`, "Content-Transfer-Encoding: binary", `Content-ID: <${rootId}>`],
    content: message.bytes,
  };
}

/** SOAP with Attachments, or MTOM. */
export type Packaging = "swa" | "mtom";

/** The Content-Type of a message in parts. */
export function relatedType(soap: SoapMessage["soap"], packaging: Packaging): string {
  const type =
    packaging === "mtom" ? `type="application/xop+xml"; start-info="${soapType(soap)}"` : `type="${soapType(soap)}"`;
  return `multipart/related; ${type}; start="<${rootId}>"; boundary="${boundary}"`;
}

/** A SOAP message with attachments. */
export function withAttachments(
  message: Pick<SoapMessage, "soap" | "bytes">,
  attachments: readonly AttachmentPart[],
  packaging: Packaging = "swa",
): MultipartText {
  const body = multipartBody([rootPart(message, packaging), ...attachments.map(attachmentPart)]);
  return { contentType: relatedType(message.soap, packaging), body };
}

const soapType = (soap: SoapMessage["soap"]): string => (soap === "1.1" ? "text/xml" : "application/soap+xml");

/** An `xop:Include` of an attachment. */
export const include = (id: string): string =>
  `<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:${id}"></xop:Include>`;
