import { parseEnvelope, type UnverifiedEnvelope } from "../soap/index.js";
import { derivedKeyWords } from "../tokens/context/index.js";
import { scan } from "../xml/index.js";
import { encryption } from "./names.js";
import { findSecurityHeader } from "./security-header.js";
import { type Insertion, insert } from "./splice.js";

/**
 * A Security header on its way into a message: scanned inside an envelope that has the start tags of the message's own
 * Envelope and Header and an empty Body. What is signed in it has the octets that it will have in the message, and that
 * is scanned once, however often its Security header changes.
 */
export class SecurityDraft {
  /** The envelope around it. */
  readonly envelope: UnverifiedEnvelope;
  /** The Security header in that. */
  readonly header: number;
  readonly #actor: string | undefined;

  /**
   * @param around The message.
   * @param text The wsse:Security element, with an end tag.
   * @throws the ERR_XML_ codes where a token in it is no XML
   */
  constructor(around: UnverifiedEnvelope, text: string, actor: string | undefined) {
    this.envelope = parseEnvelope(scan(frame(around, text)));
    this.header = findSecurityHeader(this.envelope, actor);
    this.#actor = actor;
  }

  /** Where the last of the tokens ends that keys of this message come from; the start of the content where there is none. */
  get behindKeys(): number {
    const { document } = this.envelope;
    let at = document.contentStart(this.header);
    for (let child = document.firstChild(this.header); child !== -1; child = document.nextSibling(child)) {
      const name = document.name(child);
      if (name === encryption.EncryptedKey || derivedKeyWords(name) !== undefined) at = document.end(child);
    }
    return at;
  }

  /** A draft with more behind the header's content. */
  with(after: string): SecurityDraft {
    return new SecurityDraft(this.envelope, this.write("", [], after), this.#actor);
  }

  /** The text of the header with changes of its content, and more in front of that and behind it. */
  write(before: string, changes: readonly Insertion[], after: string): string {
    const { document } = this.envelope;
    const start = document.start(this.header);
    const inside = changes.map((change) => ({ ...change, at: change.at - start }));
    return insert(document.bytes.subarray(start, document.end(this.header)), [
      { at: document.contentStart(this.header) - start, text: before },
      ...inside,
      { at: document.contentEnd(this.header) - start, text: after },
    ]).toString();
  }
}

function frame({ document, header }: UnverifiedEnvelope, text: string): Buffer {
  const root = document.qualifiedName(0);
  const name = (local: string) => (document.prefix(0) === "" ? local : `${document.prefix(0)}:${local}`);
  const isEmptyTag = header !== -1 && document.contentEnd(header) === document.end(header);
  const headerName = header === -1 ? name("Header") : document.qualifiedName(header);
  const headerTag =
    header === -1
      ? `<${headerName}>`
      : document.bytes.subarray(
          document.start(header),
          isEmptyTag ? document.end(header) - 2 : document.contentStart(header),
        );
  return Buffer.concat([
    document.bytes.subarray(document.start(0), document.contentStart(0)),
    typeof headerTag === "string" ? Buffer.from(headerTag) : headerTag,
    Buffer.from(`${isEmptyTag ? ">" : ""}${text}</${headerName}><${name("Body")}></${name("Body")}></${root}>`),
  ]);
}
