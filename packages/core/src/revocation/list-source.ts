import type { Certificate } from "../crypto/index.js";
import { allowedAddresses, listAddresses } from "./addresses.js";
import type { AnswerCache, KeptAnswer } from "./answer-cache.js";
import type { ListSigners } from "./list-signers.js";
import type { SourceRequests } from "./request.js";
import { maxListOctets, RevocationList } from "./revocation-list.js";
import { failureOf, unusable } from "./source-error.js";
import type { CertificateStatus, StatusQuestion } from "./status.js";

/** A list that was fetched and verified. */
export interface FetchedList extends KeptAnswer {
  readonly list: RevocationList;
}

/** What a {@link ListSource} works with. */
export interface ListSourceParts {
  /** The configured lists. */
  readonly lists: readonly RevocationList[];
  readonly signers: ListSigners;
  /** Origins that may be asked. */
  readonly origins: ReadonlySet<string>;
  readonly requests: SourceRequests;
  readonly cache: AnswerCache<FetchedList>;
  /** Milliseconds. */
  readonly skew: number;
}

/** Tells the status of certificates from revocation lists (RFC 5280 section 6.3). */
export class ListSource {
  readonly #parts: ListSourceParts;

  constructor(parts: ListSourceParts) {
    this.#parts = parts;
  }

  /** What the lists at hand say; undefined where none of them is current. */
  atHand(question: StatusQuestion): CertificateStatus | undefined {
    const configured = this.#configured(question)
      .filter((list) => this.#fault(list, question.now) === undefined)
      .reduce<RevocationList | undefined>((a, b) => (a && a.thisUpdate >= b.thisUpdate ? a : b), undefined);
    if (configured !== undefined) return statusOn(configured, question.certificate);
    for (const address of this.#addresses(question)) {
      const kept = this.#parts.cache.at(keyOf(address, question), question.now, () => this.#fetch(address, question));
      if (kept?.list.covers(question.certificate)) return statusOn(kept.list, question.certificate);
    }
    return undefined;
  }

  /** As {@link ListSource.atHand}; where no list is at hand, one is fetched from where the certificate says. */
  async ask(question: StatusQuestion): Promise<CertificateStatus> {
    const known = this.atHand(question);
    if (known !== undefined) return known;
    const { certificate, issuers, now } = question;
    const addresses = this.#addresses(question);
    let failure: CertificateStatus | undefined;
    for (const address of addresses) {
      try {
        const { list } = await this.#parts.cache.get(keyOf(address, question), now, () =>
          this.#fetch(address, question),
        );
        if (list.covers(certificate)) return statusOn(list, certificate);
      } catch (cause) {
        failure ??= {
          kind: "unavailable",
          reason: `no revocation list was had from ${address.origin} (${failureOf(cause)})`,
          cause,
        };
      }
    }
    if (failure !== undefined) return failure;
    if (addresses.length === 0 && this.#configured(question).length > 0) {
      return { kind: "unavailable", reason: `the revocation list of ${issuers[0].subject} is past its time` };
    }
    return { kind: "unasked", reason: `there is no revocation list of ${issuers[0].subject} for it` };
  }

  /** The configured lists that speak of the certificate, current or not. */
  #configured(question: StatusQuestion): readonly RevocationList[] {
    const { lists, signers } = this.#parts;
    if (lists.length === 0) return [];
    const allowed = signers.of(question);
    return lists.filter(
      (list) => list.covers(question.certificate) && allowed.some((signer) => list.isSignedBy(signer)),
    );
  }

  #addresses({ certificate }: StatusQuestion): readonly URL[] {
    const { origins } = this.#parts;
    return origins.size === 0 ? [] : allowedAddresses(listAddresses(certificate), origins);
  }

  async #fetch(address: URL, question: StatusQuestion): Promise<FetchedList> {
    const { requests, signers, skew } = this.#parts;
    const octets = await requests.request(address, { accept: "application/pkix-crl", maxOctets: maxListOctets });
    const list = await RevocationList.read(octets);
    if (!signers.of(question).some((signer) => list.isSignedBy(signer))) {
      unusable(`the list is not signed for ${question.issuers[0].subject}`);
    }
    const fault = this.#fault(list, question.now);
    if (fault !== undefined) unusable(fault);
    return { list, thisUpdate: list.thisUpdate, validUntil: list.nextUpdate + skew, octets: octets.length };
  }

  #fault({ thisUpdate, nextUpdate }: RevocationList, now: number): string | undefined {
    const { skew } = this.#parts;
    if (thisUpdate > now + skew) return "the list is not valid yet";
    return nextUpdate < now - skew ? "the list is past its time" : undefined;
  }
}

/** One address may serve lists for several authorities of one name; each is verified for the authority it is used for. */
function keyOf(address: URL, { issuers }: StatusQuestion): string {
  return `${issuers[0].fingerprint256} ${address.href}`;
}

/** A reason of removal belongs in delta lists, which are not taken: here it revokes like any other. */
function statusOn(list: RevocationList, { serialNumber }: Certificate): CertificateStatus {
  const entry = list.find(serialNumber);
  return entry === undefined ? { kind: "good" } : { kind: "revoked", ...entry };
}
