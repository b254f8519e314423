import { createDigest, type DigestAlgorithm, digest } from "../crypto/index.js";
import { type CanonicalOptions, canonicalize, canonicalizeTo, type XmlDocument } from "../xml/index.js";
import { type DigestRequest, sameRequest } from "./digest-request.js";
import { tokenOctets } from "./token-octets.js";

/** Digests parts of one document, here and now. */
export interface ReferenceDigester {
  /**
   * The digest of the requested octets; undefined where there are none, which no signature may rest on.
   * @throws ERR_WSS_INVALID_SECURITY for octets whose meaning is not among them (see {@link DigestRequest.qnames}).
   */
  digest(request: DigestRequest, algorithm: DigestAlgorithm): Buffer | undefined;
}

/** Digests parts of one document elsewhere: in a worker. */
export interface RemoteReferenceDigester {
  /** As {@link ReferenceDigester.digest}. Rejects with ERR_INTERNAL or ERR_XML_LIMIT where the worker fails or takes too long. */
  digest(request: DigestRequest, algorithm: DigestAlgorithm): Promise<Buffer | undefined>;
}

/** From this length on octets go to the hash in pieces, so that no second copy of a large element is made. */
const inPieces = 256 * 1024;

interface Known {
  readonly request: DigestRequest;
  readonly algorithm: DigestAlgorithm;
  readonly value: Buffer | undefined;
}

/**
 * Digests on the calling thread. Answers are remembered, so that many References to one element cost once; one digester
 * serves one document and all its signatures.
 */
export class DocumentDigester implements ReferenceDigester {
  readonly #doc: XmlDocument;
  readonly #known: Known[] = [];

  constructor(doc: XmlDocument) {
    this.#doc = doc;
  }

  digest(request: DigestRequest, algorithm: DigestAlgorithm): Buffer | undefined {
    for (const known of this.#known) {
      if (known.algorithm === algorithm && sameRequest(known.request, request)) return known.value;
    }
    const value = computeDigest(this.#doc, request, algorithm);
    this.#known.push({ request, algorithm, value });
    return value;
  }
}

function computeDigest(doc: XmlDocument, request: DigestRequest, algorithm: DigestAlgorithm): Buffer | undefined {
  const { element, form, without, token, qnames } = request;
  if (token) return digestOf(algorithm, tokenOctets(doc, request));
  const options = canonicalOptions(without, qnames);
  if (doc.end(element) - doc.start(element) < inPieces) {
    return digestOf(algorithm, canonicalize(doc, element, form, options));
  }
  const hash = createDigest(algorithm);
  let length = 0;
  const sink = {
    update(octets: Uint8Array) {
      length += octets.length;
      hash.update(octets);
    },
  };
  canonicalizeTo(doc, element, form, sink, options);
  return length === 0 ? undefined : hash.digest();
}

const strictQNames: CanonicalOptions = Object.freeze({ qnames: "refuse" });
const noOptions: CanonicalOptions = Object.freeze({});

function canonicalOptions(without: number, qnames: DigestRequest["qnames"]): CanonicalOptions {
  if (without < 0) return qnames === "refuse" ? strictQNames : noOptions;
  return qnames === "refuse" ? { without, qnames } : { without };
}

function digestOf(algorithm: DigestAlgorithm, octets: Uint8Array): Buffer | undefined {
  return octets.length === 0 ? undefined : digest(algorithm, octets);
}
