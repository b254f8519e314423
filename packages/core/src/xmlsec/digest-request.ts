import type { CanonicalForm } from "../xml/index.js";
import { sameForm } from "./canonical-method.js";

/** Which octets of a document are digested. */
export interface DigestRequest {
  readonly element: number;
  /** Never with comments: a same-document reference leaves them out (XML Signature 1.1 section 4.4.3.3). */
  readonly form: CanonicalForm;
  /** A subtree left out (the enveloped Signature); -1 for none. */
  readonly without: number;
  /** Whether the element is a token that an STR-Transform put in place of its reference. */
  readonly token: boolean;
  /** Whether a QName in a value must have its prefix among the octets. */
  readonly qnames: "refuse" | "ignore";
}

/** Whether two requests ask for the same octets. */
export function sameRequest(a: DigestRequest, b: DigestRequest): boolean {
  return (
    a.element === b.element &&
    a.without === b.without &&
    a.token === b.token &&
    a.qnames === b.qnames &&
    sameForm(a.form, b.form)
  );
}
