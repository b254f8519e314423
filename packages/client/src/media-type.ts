/** HTTP headers of a SOAP request: the action stands in SOAPAction (SOAP 1.1 section 6.1.1) or in the media type (RFC 3902). */
export function soapHeaders(contentType: string, action: string | undefined): Record<string, string> {
  const quoted = `"${(action ?? "").replace(/["\\\r\n]/g, encodeURIComponent)}"`;
  if (contentType.startsWith("text/xml")) return { "content-type": contentType, soapaction: quoted };
  return { "content-type": action === undefined ? contentType : `${contentType}; action=${quoted}` };
}
