import { xml } from "@countersign/core/testing";
import fc from "fast-check";
import { XmlC14NMode, XmlDocument } from "libxml2-wasm";
import { describe, expect, it } from "vitest";
import { isNamespaceMisread } from "../../support/libxml2.js";
import { randomDocument } from "./random-document.js";

const modes = {
  exclusive: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0,
  inclusive: XmlC14NMode.XML_C14N_1_0,
  inclusive11: XmlC14NMode.XML_C14N_1_1,
} as const;

const form: fc.Arbitrary<xml.CanonicalForm> = fc.record({
  method: fc.constantFrom("exclusive", "exclusive", "inclusive", "inclusive11"),
  comments: fc.boolean(),
  inclusivePrefixes: fc.subarray(["a", "ab", "c", "#default", "unknown"]),
});

function optionsOf({ method, comments, inclusivePrefixes }: xml.CanonicalForm) {
  const options = { mode: modes[method], withComments: comments };
  return method === "exclusive" ? { ...options, inclusiveNamespacePrefixes: [...(inclusivePrefixes ?? [])] } : options;
}

/** What libxml2 says of namespace names like "http://host:": RFC 3986 has them. */
const otherUri = "no URI to libxml2";

/** What libxml2 makes of the n-th element, of the whole document for -1; undefined where it does not take the document. */
function oracle(message: string | Uint8Array, n: number, wanted: xml.CanonicalForm): string | undefined {
  let document: XmlDocument;
  try {
    document = XmlDocument.fromBuffer(Buffer.from(message as string));
  } catch (error) {
    return isNamespaceMisread(error) ? otherUri : undefined;
  }
  try {
    if (n < 0) return document.canonicalizeToString(optionsOf(wanted));
    return document.get(`(//*)[${n + 1}]`)?.canonicalizeToString(optionsOf(wanted));
  } finally {
    document.dispose();
  }
}

function ours(message: string | Uint8Array, n: number, wanted: xml.CanonicalForm, without = -1): string {
  const document = xml.scan(Buffer.from(message as string));
  const options = { document: n < 0, ...(without < 0 ? {} : { without }) };
  const pieces: Buffer[] = [];
  xml.canonicalizeTo(
    document,
    Math.max(0, n),
    wanted,
    { update: (octets) => pieces.push(Buffer.from(octets)) },
    options,
  );
  const whole = Buffer.from(xml.canonicalize(document, Math.max(0, n), wanted, options));
  expect(Buffer.concat(pieces).equals(whole)).toBe(true);
  return whole.toString("utf8");
}

describe("canonical forms against libxml2", () => {
  it("accepts random documents and writes the same octets for the document and for any subtree", () => {
    fc.assert(
      fc.property(randomDocument, fc.nat({ max: 30 }), form, (message, choice, wanted) => {
        const count = xml.scan(Buffer.from(message)).elementCount;
        const n = (choice % (count + 1)) - 1;
        expect(ours(message, n, wanted)).toBe(oracle(message, n, wanted));
      }),
      { numRuns: 1_500, seed: 20_260_101 },
    );
  });

  it("accepts a subtree without another as the document from which it was cut", () => {
    fc.assert(
      fc.property(randomDocument, fc.nat(), form, (message, choice, wanted) => {
        const octets = Buffer.from(message.replace(/^\ufeff/, ""));
        const document = xml.scan(octets);
        if (document.elementCount === 1) return;
        const hole = 1 + (choice % (document.elementCount - 1));
        const cut = Buffer.concat([octets.subarray(0, document.start(hole)), octets.subarray(document.end(hole))]);
        expect(ours(octets, 0, wanted, hole)).toBe(oracle(cut, 0, wanted) ?? expect.anything());
      }),
      { numRuns: 500, seed: 20_260_102 },
    );
  });

  it("rejects what libxml2 rejects: any change of a document is refused, or read as libxml2 reads it", () => {
    const pieces = [
      "<",
      ">",
      "&",
      "/",
      "<a>",
      "</a>",
      "]]>",
      '"',
      "'",
      "=",
      " ",
      "\u0000",
      "\uffff",
      ":",
      "xmlns",
      "<!--",
      "-->",
      "<![CDATA[",
      "\r",
    ];
    const change = fc.record({
      at: fc.noBias(fc.nat()),
      cut: fc.nat({ max: 3 }),
      piece: fc.constantFrom("", ...pieces),
    });
    let accepted = 0;
    fc.assert(
      fc.property(
        randomDocument,
        fc.array(change, { minLength: 1, maxLength: 2 }),
        form,
        (message, changes, wanted) => {
          let mutant = message;
          for (const { at, cut, piece } of changes) {
            const from = at % (mutant.length + 1);
            mutant = mutant.slice(0, from) + piece + mutant.slice(from + cut);
          }
          // A lone surrogate has no octets in UTF-8.
          if (/\p{Surrogate}/u.test(mutant)) return;
          let octets: string;
          try {
            octets = ours(mutant, -1, wanted);
          } catch (error) {
            expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_XML_(MALFORMED|FORBIDDEN)$/) });
            const { code } = error as { code: string };
            if (code === "ERR_XML_MALFORMED") expect(oracle(mutant, -1, wanted) ?? otherUri).toBe(otherUri);
            return;
          }
          accepted++;
          const theirs = oracle(mutant, -1, wanted);
          if (theirs !== otherUri) expect(octets).toBe(theirs);
        },
      ),
      { numRuns: 3_000, seed: 20_260_103 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});
