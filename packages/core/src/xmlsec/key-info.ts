import { refuse } from "../errors/index.js";
import type { XmlDocument } from "../xml/index.js";
import { plainText } from "./base64-content.js";
import { type KeyValueSyntax, parseKeyValue } from "./key-value.js";
import { maxNameCharacters } from "./limits.js";
import { dsig11Names, dsig11Namespace, dsNames, dsNamespace, xenc11Namespace, xencNamespace } from "./names.js";
import { refuseShape } from "./refusals.js";
import { wsseNames } from "./token-names.js";
import { parseTokenReference, type TokenReferenceSyntax } from "./token-reference.js";
import { parseX509Data, type X509DataSyntax } from "./x509-data.js";

/** A ds:KeyInfo as read: hints for finding a key among those that configuration trusts, never a key to trust. */
export interface KeyInfoSyntax {
  readonly element: number;
  /** The wsse:SecurityTokenReference; BSP R5402 demands exactly this one child in a Security header. */
  readonly tokenReference: TokenReferenceSyntax | undefined;
  readonly x509Data: readonly X509DataSyntax[];
  readonly keyNames: readonly string[];
  readonly keyValue: KeyValueSyntax | undefined;
}

/**
 * Reads a ds:KeyInfo: each kind of content at most once but X509Data and KeyName.
 * @param takes Reads a child that only some uses of KeyInfo have, and says whether it did. Default: there are none.
 * @throws ERR_WSS_INVALID_SECURITY for a wrong structure and strangers; RetrievalMethod and KeyInfoReference lead elsewhere
 * and are refused.
 * @throws ERR_WSS_UNSUPPORTED_TOKEN for keys that Countersign does not take, such as an encrypted key.
 */
export function parseKeyInfo(
  doc: XmlDocument,
  element: number,
  takes: (child: number) => boolean = takesNone,
): KeyInfoSyntax {
  let tokenReference: TokenReferenceSyntax | undefined;
  let keyValue: KeyValueSyntax | undefined;
  const x509Data: X509DataSyntax[] = [];
  const keyNames: string[] = [];
  let certificates = 0;
  let child = doc.firstChild(element);
  if (child < 0) refuseShape(doc, element, `${doc.qualifiedName(element)} is empty`, "XML Signature 1.1 section 4.5");
  for (; child >= 0; child = doc.nextSibling(child)) {
    switch (doc.name(child)) {
      case wsseNames.securityTokenReference:
        if (tokenReference !== undefined) refuseShape(doc, child, "there are two references to a token", "BSP R5402");
        tokenReference = parseTokenReference(doc, child);
        break;
      case dsNames.x509Data: {
        const data = parseX509Data(doc, child, certificates);
        certificates += data.certificates.length;
        x509Data.push(data);
        break;
      }
      case dsNames.keyName:
        keyNames.push(boundedName(doc, child));
        break;
      case dsNames.keyValue:
      case dsig11Names.derEncodedKeyValue:
        if (keyValue !== undefined) refuseShape(doc, child, "there are two key values");
        keyValue = parseKeyValue(doc, child);
        break;
      case dsNames.retrievalMethod:
      case dsig11Names.keyInfoReference:
        refuseShape(doc, child, "a ds:KeyInfo that leads to another one is not followed", "BSP R5402");
        break;
      default:
        if (!takes(child)) refuseStranger(doc, child);
    }
    if (x509Data.length > maxItems || keyNames.length > maxItems) {
      refuseShape(doc, element, `ds:KeyInfo has more than ${maxItems} entries of a kind`);
    }
  }
  return { element, tokenReference, x509Data, keyNames, keyValue };
}

const maxItems = 10;

const takesNone = () => false;

const keyNamespaces: ReadonlySet<string> = new Set([dsNamespace, dsig11Namespace, xencNamespace, xenc11Namespace]);

/** What the standards define and we do not take is an unsupported token; anything else has no business here. */
function refuseStranger(doc: XmlDocument, element: number): never {
  const reason = `${doc.qualifiedName(element)} is no key or key reference that is supported`;
  const remedy = "Refer to the key by a wsse:SecurityTokenReference or ds:X509Data";
  if (!keyNamespaces.has(doc.namespace(element))) refuseShape(doc, element, reason, "BSP R5402", remedy);
  return refuse("ERR_WSS_UNSUPPORTED_TOKEN", reason, { place: () => doc.place(element), remedy });
}

function boundedName(doc: XmlDocument, element: number): string {
  const name = plainText(doc, element).trim();
  if (name.length > maxNameCharacters)
    refuseShape(doc, element, `a name has more than ${maxNameCharacters} characters`);
  return name;
}
