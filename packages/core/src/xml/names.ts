/** The `xml` prefix is bound to this name and nothing else is (Namespaces in XML 1.0, section 3). */
export const xmlNamespace = "http://www.w3.org/XML/1998/namespace";

/** The `xmlns` prefix is bound to this name; nothing may declare it (Namespaces in XML 1.0, section 3). */
export const xmlnsNamespace = "http://www.w3.org/2000/xmlns/";

/** XML Schema instance attributes: `xsi:type`, `xsi:nil` (XML Schema Part 1, section 2.6). */
export const xsiNamespace = "http://www.w3.org/2001/XMLSchema-instance";

/** SOAP 1.1 encoding: its `arrayType` attribute holds a QName (SOAP 1.1, section 5.4.2). */
export const soapEncoding11Namespace = "http://schemas.xmlsoap.org/soap/encoding/";

/** SOAP 1.2 encoding: its `itemType` attribute holds a QName (SOAP 1.2 Part 2, section 3.1.4.1). */
export const soapEncoding12Namespace = "http://www.w3.org/2003/05/soap-encoding";
