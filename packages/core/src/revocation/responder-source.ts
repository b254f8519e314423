import { type Certificate, isStructureSignedBy, keyUsageBit, randomOctets } from "../crypto/index.js";
import { allowedAddresses, responderAddresses } from "./addresses.js";
import type { AnswerCache, KeptAnswer } from "./answer-cache.js";
import { identifierOf, writeOcspRequest } from "./ocsp-request.js";
import { maxOcspOctets, type OcspResponse, readOcspResponse } from "./ocsp-response.js";
import type { SourceRequests } from "./request.js";
import { failureOf, unusable } from "./source-error.js";
import type { CertificateStatus, StatusQuestion } from "./status.js";

const ocspSigning = "1.3.6.1.5.5.7.3.9";
const noCheck = "1.3.6.1.5.5.7.48.1.5";

/** Octets of a nonce (RFC 9654 section 2.1). */
const nonceOctets = 32;

/** An answer that was fetched and verified. */
export interface FetchedStatus extends KeptAnswer {
  readonly status: CertificateStatus;
}

/** What a {@link ResponderSource} works with. */
export interface ResponderSourceParts {
  /** Origins that may be asked. */
  readonly origins: ReadonlySet<string>;
  readonly requests: SourceRequests;
  readonly cache: AnswerCache<FetchedStatus>;
  readonly nonce: boolean;
  /** Milliseconds. */
  readonly skew: number;
  /** How long an answer without nextUpdate serves, in milliseconds. */
  readonly maxAge: number;
  /** Tells the status of a responder's own certificate; undefined where nobody can. */
  readonly statusOfResponder: ((question: StatusQuestion) => Promise<CertificateStatus>) | undefined;
}

/** Tells the status of certificates from OCSP responders (RFC 6960). */
export class ResponderSource {
  readonly #parts: ResponderSourceParts;

  constructor(parts: ResponderSourceParts) {
    this.#parts = parts;
  }

  /** What a responder said before; undefined where that may no longer be relied on. */
  atHand(question: StatusQuestion): CertificateStatus | undefined {
    const { cache } = this.#parts;
    for (const address of this.#addresses(question)) {
      const kept = cache.at(keyOf(address, question), question.now, () => this.#fetch(address, question));
      if (kept !== undefined) return kept.status;
    }
    return undefined;
  }

  /** What the first responder says that gives an answer. */
  async ask(question: StatusQuestion): Promise<CertificateStatus> {
    const { cache } = this.#parts;
    let failure: CertificateStatus | undefined;
    for (const address of this.#addresses(question)) {
      try {
        const ask = () => this.#fetch(address, question);
        return (await cache.get(keyOf(address, question), question.now, ask)).status;
      } catch (cause) {
        failure ??= {
          kind: "unavailable",
          reason: `no OCSP answer was had from ${address.origin} (${failureOf(cause)})`,
          cause,
        };
      }
    }
    return failure ?? { kind: "unasked", reason: "it names no OCSP responder that may be asked" };
  }

  #addresses({ certificate }: StatusQuestion): readonly URL[] {
    return allowedAddresses(responderAddresses(certificate), this.#parts.origins);
  }

  async #fetch(address: URL, question: StatusQuestion): Promise<FetchedStatus> {
    const { requests, nonce, skew, maxAge } = this.#parts;
    const { certificate, issuers, now } = question;
    const identifier = identifierOf(certificate, issuers[0]);
    const sent = nonce ? randomOctets(nonceOctets) : undefined;
    const octets = await requests.request(address, {
      body: writeOcspRequest(identifier, sent),
      contentType: "application/ocsp-request",
      accept: "application/ocsp-response",
      maxOctets: maxOcspOctets,
    });
    const response = readOcspResponse(octets, identifier, sent);
    await this.#requireSigned(response, question);
    const { status, thisUpdate, nextUpdate } = response;
    const validUntil = (nextUpdate ?? thisUpdate + maxAge) + skew;
    if (thisUpdate > now + skew) unusable("the answer is not valid yet");
    if (validUntil < now) unusable("the answer is past its time");
    return { status, thisUpdate, validUntil, octets: octets.length };
  }

  /** RFC 6960 section 4.2.2.2: by the issuer of the certificate, or by whom it issued a certificate for that. */
  async #requireSigned(response: OcspResponse, question: StatusQuestion): Promise<void> {
    const { issuers, now } = question;
    const [issuer] = issuers;
    const isSigner = (candidate: Certificate) =>
      response.names(candidate) && isStructureSignedBy(response.structure, candidate.publicKey);
    if (isSigner(issuer)) return;
    const responder = response.certificates.find(isSigner);
    if (!responder) unusable(`the answer is signed by nobody who answers for ${issuer.subject}`);
    const { keyUsage, extendedKeyUsage, unknownCritical } = responder.extensions;
    if (!responder.isSignedBy(issuer)) unusable(`the responder's certificate was not issued by ${issuer.subject}`);
    if (!extendedKeyUsage?.includes(ocspSigning))
      unusable("the responder's certificate is not for signing OCSP answers");
    if (keyUsage && !keyUsage.has(keyUsageBit.digitalSignature) && !keyUsage.has(keyUsageBit.nonRepudiation)) {
      unusable("the responder's certificate may not be used for signatures");
    }
    if (unknownCritical.length > 0) unusable("the responder's certificate has an unknown critical extension");
    if (!responder.isValidAt(now, this.#parts.skew)) unusable("the responder's certificate is not valid now");
    if (responder.extensions.octets(noCheck) !== undefined) return;
    const status = await this.#parts.statusOfResponder?.({ ...question, certificate: responder });
    if (status?.kind !== "good") unusable("nobody can tell whether the responder's certificate was revoked");
  }
}

function keyOf(address: URL, { certificate, issuers }: StatusQuestion): string {
  return `${issuers[0].fingerprint256} ${certificate.serialNumber} ${address.href}`;
}
