import type { NameId, XmlDocument } from "../../xml/index.js";
import type { ConditionsSyntax } from "./assertion.js";
import { attributes, names } from "./saml2-names.js";
import { plainText, readAttributes, refuseShape, Sequence, windowOf } from "./schema-reader.js";

const none: readonly NameId[] = [];
const ofConditions = [attributes.notBefore, attributes.notOnOrAfter];
const ofProxyRestriction = [attributes.count];

/**
 * Reads saml2:Conditions. A condition that is not known here is refused: whether it holds cannot be told
 * (saml-core section 2.5.1, "indeterminate").
 * @throws ERR_TOKEN_MALFORMED
 */
export function parseSaml2Conditions(document: XmlDocument, element: number): ConditionsSyntax {
  const times = readAttributes(document, element, ofConditions);
  const audienceRestrictions: string[][] = [];
  let oneTimeUse = false;
  let proxy: number | undefined;
  const children = new Sequence(document, element);
  for (let child = children.any(); child !== -1; child = children.any()) {
    switch (document.name(child)) {
      case names.audienceRestriction:
        audienceRestrictions.push(parseAudiences(document, child));
        break;
      case names.oneTimeUse:
        if (oneTimeUse) refuseShape(document, child, "OneTimeUse stands twice", "SAML 2.0 core section 2.5.1.5");
        readAttributes(document, child, none);
        new Sequence(document, child).end();
        oneTimeUse = true;
        break;
      case names.proxyRestriction:
        if (proxy !== undefined) {
          refuseShape(document, child, "ProxyRestriction stands twice", "SAML 2.0 core section 2.5.1.6");
        }
        proxy = parseProxyCount(document, child);
        break;
      default:
        refuseShape(
          document,
          child,
          `the condition ${document.qualifiedName(child)} is not known`,
          "SAML 2.0 core section 2.5.1",
        );
    }
  }
  const { notBefore, notOnOrAfter } = windowOf(document, element, times, "SAML 2.0 core section 2.5.1.2");
  return {
    element,
    notBefore,
    notOnOrAfter,
    audienceRestrictions,
    oneTimeUse,
    proxyCount: proxy === Number.POSITIVE_INFINITY ? undefined : proxy,
  };
}

function parseAudiences(document: XmlDocument, element: number): string[] {
  readAttributes(document, element, none);
  const children = new Sequence(document, element);
  const audiences = children.all(names.audience).map((audience) => plainText(document, audience));
  children.end();
  return audiences.length === 0 ? refuseShape(document, element, "AudienceRestriction is empty") : audiences;
}

/** Infinity where the restriction sets no Count. */
function parseProxyCount(document: XmlDocument, element: number): number {
  const [count] = readAttributes(document, element, ofProxyRestriction);
  const children = new Sequence(document, element);
  for (const audience of children.all(names.audience)) plainText(document, audience);
  children.end();
  if (count === undefined) return Number.POSITIVE_INFINITY;
  return /^[0-9]{1,9}$/.test(count)
    ? Number(count)
    : refuseShape(document, element, "Count is not a small whole number");
}
