import { refuse } from "../errors/index.js";
import type { CanonicalForm, CanonicalOptions, OctetSink } from "./canonical-form.js";
import { CanonicalOutput } from "./canonical-output.js";
import { SubtreeWriter } from "./canonical-subtree.js";
import { writeComment } from "./canonical-text.js";
import { greater, hyphen, less, lineFeed } from "./characters.js";
import type { XmlDocument } from "./document.js";
import { RenderedNamespaces } from "./rendered.js";
import { behindComment } from "./text.js";

const output = new CanonicalOutput();
const rendered = new RenderedNamespaces();

/**
 * The canonical octets of an element's subtree in its place in the document.
 *
 * @returns octets of the caller's own, or a view of `document.bytes` where those are canonical already.
 * @throws CountersignError ERR_WSS_INVALID_SECURITY where nothing is left, or as `options.qnames` says.
 */
export function canonicalize(
  document: XmlDocument,
  element: number,
  form: CanonicalForm,
  options: CanonicalOptions = {},
): Uint8Array {
  return run(document, element, form, undefined, options);
}

/** As {@link canonicalize}, handing the octets piece by piece to a sink: long runs as they stand in the message. */
export function canonicalizeTo(
  document: XmlDocument,
  element: number,
  form: CanonicalForm,
  sink: OctetSink,
  options: CanonicalOptions = {},
): void {
  run(document, element, form, sink, options);
}

function run(
  document: XmlDocument,
  element: number,
  form: CanonicalForm,
  sink: OctetSink | undefined,
  options: CanonicalOptions,
): Uint8Array {
  const start = document.start(element);
  const whole = options.document === true;
  if (whole && element !== 0) throw new RangeError("The whole document is canonicalised from its root element.");
  const holes = options.without === undefined ? [] : holesIn(document, element, options.without);
  output.open(document.bytes, start, sink);
  rendered.open(document.tape.symbolEnd);
  try {
    if (whole && form.comments) writeOuterComments(document, 0, start, true);
    new SubtreeWriter(document, form, options, output, rendered).write(element, form.method, form.comments, holes);
    const end = document.end(element);
    if (whole && form.comments) {
      output.copyTo(end);
      writeOuterComments(document, end, document.bytes.length, false);
      return output.take(end);
    }
    return output.take(end);
  } finally {
    rendered.close();
    output.close();
  }
}

/** The subtrees to leave out that lie in the element's, in document order, none inside another. */
function holesIn(document: XmlDocument, element: number, without: number | readonly number[]): number[] {
  const after = document.after(element);
  const holes: number[] = [];
  let from = element;
  for (const hole of typeof without === "number" ? [without] : [...without].sort((a, b) => a - b)) {
    if (hole <= element && document.after(hole) > element) {
      const remedy = "Sign an element that holds more than its signature.";
      refuse("ERR_WSS_INVALID_SECURITY", "Nothing is left of a signed element without its signature.", {
        place: () => document.place(element),
        remedy,
      });
    }
    if (hole < from || hole >= after) continue;
    holes.push(hole);
    from = document.after(hole);
  }
  return holes;
}

/** Comments outside the root element, each on its own line (C14N 1.0, section 2.1). */
function writeOuterComments(document: XmlDocument, from: number, end: number, before: boolean): void {
  const { bytes } = document;
  let p = from;
  for (;;) {
    while (p < end && bytes[p] !== less) p++;
    if (p >= end) return;
    if (bytes[p + 2] !== hyphen) {
      while (bytes[p] !== greater) p++;
      continue;
    }
    const behind = behindComment(bytes, p);
    if (!before) output.octet(lineFeed);
    writeComment(bytes, p, behind, output);
    if (before) output.octet(lineFeed);
    p = behind;
  }
}
