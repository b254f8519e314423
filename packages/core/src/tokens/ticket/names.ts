import { registerName } from "../../xml/index.js";
import { saml20Namespace } from "../../xmlsec/index.js";

/**
 * Name of the one attribute of a session ticket assertion: what makes an assertion one. It ends with the version of the
 * format.
 */
export const ticketAttribute = "urn:countersign:session-ticket:1";

/**
 * Method of a SubjectConfirmation that names no key in clear: the sealed part alone says which, if any. Readers of SAML that
 * do not know it refuse the assertion, so that nobody takes it for a bearer's.
 */
export const sealedConfirmation = "urn:countersign:session-ticket:1:sealed";

/** The HTTP header that carries an encoded assertion. */
export const ticketHeader = "tmsamlsessionticket";

/** The cookie that carries an encoded assertion. */
export const ticketCookie = "tmsamlsession";

const saml = (localName: string) => registerName(saml20Namespace, localName);

/** Elements and attributes by which an assertion is recognised and written. */
export const names = Object.freeze({
  issuer: saml("Issuer"),
  advice: saml("Advice"),
  attributeStatement: saml("AttributeStatement"),
  attribute: saml("Attribute"),
  name: registerName("", "Name"),
});
