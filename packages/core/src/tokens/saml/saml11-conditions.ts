import type { NameId, XmlDocument } from "../../xml/index.js";
import type { ConditionsSyntax } from "./assertion.js";
import { coreSection } from "./core-section.js";
import { attributes11, names11 } from "./saml11-names.js";
import { plainText, readAttributes, refuseShape, Sequence, windowOf } from "./schema-reader.js";

const none: readonly NameId[] = [];
const ofConditions = [attributes11.notBefore, attributes11.notOnOrAfter];

/**
 * Reads saml:Conditions of SAML 1.1 (core section 2.3.2.1). A condition that is not known here is refused: whether it holds
 * cannot be told. DoNotCacheCondition becomes one-time use: it says that the assertion is for immediate use, once.
 * @throws ERR_TOKEN_MALFORMED
 */
export function parseSaml11Conditions(document: XmlDocument, element: number): ConditionsSyntax {
  const times = readAttributes(document, element, ofConditions);
  const audienceRestrictions: string[][] = [];
  let oneTimeUse = false;
  const children = new Sequence(document, element);
  for (let child = children.any(); child !== -1; child = children.any()) {
    switch (document.name(child)) {
      case names11.audienceRestrictionCondition:
        audienceRestrictions.push(parseAudiences(document, child));
        break;
      case names11.doNotCacheCondition:
        readAttributes(document, child, none);
        new Sequence(document, child).end();
        oneTimeUse = true;
        break;
      default:
        refuseShape(
          document,
          child,
          `the condition ${document.qualifiedName(child)} is not known`,
          coreSection("1.1", "conditions"),
        );
    }
  }
  const { notBefore, notOnOrAfter } = windowOf(document, element, times, coreSection("1.1", "times"));
  return { element, notBefore, notOnOrAfter, audienceRestrictions, oneTimeUse, proxyCount: undefined };
}

function parseAudiences(document: XmlDocument, element: number): string[] {
  readAttributes(document, element, none);
  const children = new Sequence(document, element);
  const audiences = children.all(names11.audience).map((audience) => plainText(document, audience));
  children.end();
  if (audiences.length > 0) return audiences;
  return refuseShape(document, element, "AudienceRestrictionCondition is empty", coreSection("1.1", "audience"));
}
