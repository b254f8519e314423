import { type BaseBlock, Sequence } from "asn1js";
import type { Certificate } from "../crypto/index.js";
import { contentsOf, listAddresses, pointUris, tagOf } from "./addresses.js";
import { unusable } from "./source-error.js";

/** Of which certificates of its issuer a list speaks. */
export interface ListScope {
  covers(certificate: Certificate): boolean;
}

/** The scope of a list that says nothing about it. */
export const everything: ListScope = Object.freeze({ covers: () => true });

/**
 * Reads an IssuingDistributionPoint (RFC 5280 section 5.2.5).
 * @throws RevocationSourceError for lists of attribute certificates, of some reasons only, and of other issuers' certificates:
 * a certificate that is not on one of these may be revoked all the same
 */
export function readScope(point: BaseBlock): ListScope {
  if (!(point instanceof Sequence)) unusable("the issuing distribution point is malformed");
  let name: BaseBlock | undefined;
  const flags = new Set<number>();
  for (const part of point.valueBlock.value) {
    const number = tagOf(part);
    if (number === 0) name = part;
    else if (number === onlySomeReasons) unusable("the list is for some reasons only");
    else if (number === undefined || number > 5) unusable("the issuing distribution point is malformed");
    else if (isTrue(part)) flags.add(number);
  }
  if (flags.has(indirectCrl)) unusable("the list is an indirect one");
  if (flags.has(onlyAttributeCerts)) unusable("the list is for attribute certificates");
  const uris = name && pointUris(name);
  if (uris?.length === 0) unusable("the issuing distribution point has no name that is understood");
  return {
    covers(certificate) {
      const { authority } = certificate.extensions;
      if (authority ? flags.has(onlyUserCerts) : flags.has(onlyCaCerts)) return false;
      return uris === undefined || listAddresses(certificate).some((address) => uris.includes(address));
    },
  };
}

const onlyUserCerts = 1;
const onlyCaCerts = 2;
const onlySomeReasons = 3;
const indirectCrl = 4;
const onlyAttributeCerts = 5;

/** A BOOLEAN under another tag. What is neither true nor false is taken for true, which narrows the list. */
function isTrue(part: BaseBlock): boolean {
  if (contentsOf(part).length > 0) return true;
  const { valueHexView } = part.valueBlock as { readonly valueHexView?: Uint8Array };
  return valueHexView?.length !== 1 || valueHexView[0] !== 0;
}
