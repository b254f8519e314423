export { type CanonicalForm, type CanonicalOptions, exclusive, type OctetSink } from "./canonical-form.js";
export { canonicalize, canonicalizeTo } from "./canonicalize.js";
export { type XmlAttribute, XmlDocument, type XmlIdentifier } from "./document.js";
export { defaultXmlLimits, type XmlLimits, xmlLimits } from "./limits.js";
export { xmlNamespace, xmlnsNamespace, xsiNamespace } from "./names.js";
export { scan } from "./scan.js";
export { type NameId, registerName } from "./symbols.js";
export type { XmlTransfer } from "./transfer.js";
export { element, escapeAttribute, escapeText } from "./write.js";
