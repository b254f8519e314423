import { createDigest, type DigestAlgorithm } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import { type MultipartMessage, parseCidUrl, type ReceivedAttachment, refuseMime } from "../mime/index.js";
import { canonicalize, registerName, scan, type XmlDocument, type XmlLimits } from "../xml/index.js";
import type { DigestRequest, ReferenceDigester, RemoteReferenceDigester } from "../xmlsec/index.js";
import { type Insertion, insert } from "./splice.js";

/** XOP 1.0: https://www.w3.org/TR/xop10/#xop_namespaces */
export const xopNamespace = "http://www.w3.org/2004/08/xop/include";

const include = registerName(xopNamespace, "Include");
const href = registerName("", "href");

/** The `xop:Include` elements of a document, in order. */
export function findIncludes(document: XmlDocument): readonly number[] {
  const found: number[] = [];
  for (let element = 0; element < document.elementCount; element++) {
    if (document.name(element) === include) found.push(element);
  }
  return found;
}

/**
 * The Content-ID that an `xop:Include` names. Nothing is fetched: only parts of the same message can be included.
 * @throws ERR_MIME_INVALID for any other URL, and for an Include that is not empty or not alone in its element (XOP 1.0 section 3.2)
 */
export function includedId(document: XmlDocument, element: number): string {
  const id = parseCidUrl(document.attribute(element, href) ?? "");
  if (id === undefined) {
    refuseMime("an xop:Include refers to something else than a part of this message", "XOP 1.0, 2.1", "Use cid:.");
  }
  const parent = document.parent(element);
  const alone =
    parent !== -1 &&
    document.contentStart(parent) === document.start(element) &&
    document.contentEnd(parent) === document.end(element);
  const empty = document.contentStart(element) === document.contentEnd(element);
  if (!alone || !empty || document.attributeCount(element) !== 1) {
    refuseMime("an xop:Include is not empty, or not alone in its element", "XOP 1.0, 2.1");
  }
  return id;
}

/**
 * Puts small attachments in the place of their `xop:Include` elements, as base64: the message that the sender meant (XOP
 * 1.0 section 3.2). Larger ones stay: their Includes are digested as if they had been replaced, by {@link IncludeDigester}.
 * All that are included are read.
 * @param maxInlined Octets up to which an attachment is put into the message.
 * @param maxBody Octets that the message may have afterwards.
 * @throws ERR_MIME_INVALID for an Include of no part or of one that was included before; ERR_HTTP_TOO_LARGE; the ERR_XML_ codes
 */
export async function inlineIncludes(
  octets: Buffer,
  parts: MultipartMessage,
  { maxInlined, maxBody, ...limits }: XmlLimits & { readonly maxInlined: number; readonly maxBody: number },
): Promise<Buffer> {
  const document = scan(octets, limits);
  const insertions: Insertion[] = [];
  const ids = new Set<string>();
  let length = document.bytes.length;
  for (const element of findIncludes(document)) {
    const id = includedId(document, element);
    if (ids.has(id)) refuseMime("two xop:Include elements refer to one part", "XOP 1.0, 2.1");
    ids.add(id);
    const attachment = (await parts.find(id)) ?? refuseMime("an xop:Include refers to no part", "XOP 1.0, 2.1");
    if (attachment.size > maxInlined) continue;
    length += Math.ceil(attachment.size / 3) * 4;
    if (length > maxBody) {
      refuse("ERR_HTTP_TOO_LARGE", `the message has more than ${maxBody} octets with its small attachments`, {
        rule: "limits.maxBody",
        remedy: "Raise limits.maxBody, or lower limits.maxInlined.",
      });
    }
    parts.markInlined(attachment);
    const at = document.start(element);
    insertions.push({ at, skip: document.end(element) - at, text: await base64Of(attachment) });
  }
  return insertions.length === 0 ? octets : insert(document.bytes, insertions);
}

async function base64Of(attachment: ReceivedAttachment): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of attachment.octets()) pieces.push(piece);
  return Buffer.concat(pieces).toString("base64");
}

/** A digester of this thread, asked like one of another. */
export const toRemote = (local: ReferenceDigester): RemoteReferenceDigester => ({
  digest: async (request, algorithm) => local.digest(request, algorithm),
});

/**
 * Digests elements as the infoset has them: with the base64 of attachments where `xop:Include` elements stand for them
 * (XOP 1.0 section 3.2), read piece after piece. A signature over the Include itself never holds: nothing would keep the
 * attachment.
 */
export class IncludeDigester implements RemoteReferenceDigester {
  readonly #document: XmlDocument;
  readonly #parts: MultipartMessage;
  readonly #other: RemoteReferenceDigester;
  readonly #limits: XmlLimits;
  readonly #includes: readonly number[];

  /** @param other Digests elements that no attachment is included in. */
  constructor(document: XmlDocument, parts: MultipartMessage, limits: XmlLimits, other: RemoteReferenceDigester) {
    this.#document = document;
    this.#parts = parts;
    this.#other = other;
    this.#limits = limits;
    this.#includes = findIncludes(document);
  }

  async digest(request: DigestRequest, algorithm: DigestAlgorithm): Promise<Buffer | undefined> {
    const { element, form, without, qnames } = request;
    const after = this.#document.after(element);
    if (!this.#includes.some((one) => element <= one && one < after)) return this.#other.digest(request, algorithm);
    const octets = canonicalize(this.#document, element, form, {
      ...(without < 0 ? {} : { without }),
      ...(qnames === "refuse" ? { qnames } : {}),
    });
    const canonical = scan(Buffer.from(octets), this.#limits);
    const hash = createDigest(algorithm);
    let from = 0;
    for (const one of findIncludes(canonical)) {
      hash.update(canonical.bytes.subarray(from, canonical.start(one)));
      const attachment = await this.#parts.find(includedId(canonical, one));
      if (attachment === undefined) return undefined;
      for await (const text of base64Pieces(attachment)) hash.update(text);
      from = canonical.end(one);
    }
    hash.update(canonical.bytes.subarray(from));
    return hash.digest();
  }
}

/** The attachment in base64, without line ends. */
async function* base64Pieces(attachment: ReceivedAttachment): AsyncGenerator<Buffer, void, undefined> {
  let held: Buffer = Buffer.alloc(0);
  for await (const piece of attachment.octets(true)) {
    const octets = held.length === 0 ? piece : Buffer.concat([held, piece]);
    const whole = octets.length - (octets.length % 3);
    yield Buffer.from(octets.toString("base64", 0, whole), "latin1");
    held = Buffer.from(octets.subarray(whole));
  }
  yield Buffer.from(held.toString("base64"), "latin1");
}
