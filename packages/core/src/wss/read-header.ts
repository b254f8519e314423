import type { UnverifiedEnvelope } from "../soap/index.js";
import type { IdIndex } from "../xmlsec/index.js";
import { wsse } from "./names.js";
import type { SecurityHeaderSyntax } from "./security-header.js";

/** A Security header that was read, and the identifiers of its message. */
export interface ReadHeader {
  readonly envelope: UnverifiedEnvelope;
  readonly header: SecurityHeaderSyntax;
  readonly index: IdIndex;
}

/** Element of an identifier that stands in the Security header, or of a SecurityTokenReference wherever it stands; -1 where there is none. */
export function tokenById({ envelope: { document }, header, index }: ReadHeader, id: string): number {
  const found = index.find(id);
  if (found === -1) return -1;
  const known = document.parent(found) === header.element || document.name(found) === wsse.SecurityTokenReference;
  return known ? found : -1;
}
