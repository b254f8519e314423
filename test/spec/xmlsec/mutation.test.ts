import { isCountersignError } from "@countersign/core";
import { xml } from "@countersign/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digests, layouts, rsaKeys, signatures, signedByUs, verifyFirst } from "./message.js";

/*
 * The oracle for signatures: whatever is done to a genuine message, it is refused, or what the signature covers is octet by
 * octet what was signed. It does not matter which check refuses.
 */

const signing = {
  algorithm: signatures["rsa-sha256"] as string,
  digest: digests.sha256 as string,
  key: rsaKeys.signing,
};

/** Pieces that attacks are made of. */
const pieces = [
  "<!---->",
  "<!-- x -->",
  "<![CDATA[]]>",
  "<![CDATA[x]]>",
  "<?p x?>",
  "&amp;",
  "&#x20;",
  "&#13;",
  "\r\n",
  " ",
  "<x/>",
  '<x wsu:Id="body"/>',
  '<x Id="body"/>',
  ' wsu:Id="ts"',
  ' xmlns="urn:evil"',
  ' xmlns:s="urn:evil"',
  ' xmlns:wsu="urn:evil"',
  ' URI="#ts"',
  "<ds:SignedInfo></ds:SignedInfo>",
  "<ds:Object></ds:Object>",
  "<s:Body>evil</s:Body>",
  '<s:Body wsu:Id="body">evil</s:Body>',
  "</s:Header><s:Header>",
];

const place = fc.nat({ max: 1_000_000 });
const mutation = fc.oneof(
  fc.record({ kind: fc.constant("insert" as const), at: place, piece: fc.constantFrom(...pieces) }),
  fc.record({ kind: fc.constant("remove" as const), at: place, length: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant("change" as const), at: place, to: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant("move" as const), at: place, length: fc.integer({ min: 1, max: 400 }), to: place }),
  fc.record({ kind: fc.constant("copy" as const), at: place, length: fc.integer({ min: 1, max: 400 }), to: place }),
);
type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

/** Where something may be put: half of the places lie beside markup, where it matters most. */
function offset(text: Buffer, at: number): number {
  const free = at % text.length;
  if (at % 2 === 0) return free;
  const tag = text.indexOf(at % 4 === 1 ? "<" : ">", free);
  return tag < 0 ? free : tag + (at % 4 === 1 ? 0 : 1);
}

function mutated(text: Buffer, change: Mutation): Buffer {
  const at = offset(text, change.at);
  switch (change.kind) {
    case "insert":
      return Buffer.concat([text.subarray(0, at), Buffer.from(change.piece), text.subarray(at)]);
    case "remove":
      return Buffer.concat([text.subarray(0, at), text.subarray(at + change.length)]);
    case "change": {
      const copy = Buffer.from(text);
      copy[at] = change.to;
      return copy;
    }
    default: {
      const piece = text.subarray(at, at + change.length);
      const rest =
        change.kind === "move" ? Buffer.concat([text.subarray(0, at), text.subarray(at + change.length)]) : text;
      const to = rest.length === 0 ? 0 : offset(rest, change.to);
      return Buffer.concat([rest.subarray(0, to), piece, rest.subarray(to)]);
    }
  }
}

/** The octets that the signature covers, in the order of its References; undefined where the message is refused. */
function coveredOctets(message: Buffer): string[] | undefined {
  try {
    const { document, references } = verifyFirst(message, rsaKeys.verifying);
    return references.map(({ element, form, without }) =>
      Buffer.from(xml.canonicalize(document, element, form, without < 0 ? {} : { without })).toString(),
    );
  } catch (error) {
    if (isCountersignError(error)) return undefined;
    throw error;
  }
}

describe("a mutated message", () => {
  it.each(layouts.map(({ title, body }) => [title, body] as const))(
    "is refused, or covers what was signed: %s",
    (_, body) => {
      const genuine = Buffer.from(signedByUs(body, signing));
      const signed = coveredOctets(genuine);
      expect(signed).toHaveLength(2);
      let accepted = 0;
      fc.assert(
        fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (changes) => {
          const covered = coveredOctets(changes.reduce(mutated, genuine));
          if (covered === undefined) return;
          accepted++;
          expect(covered).toEqual(signed);
        }),
        { numRuns: 1_500 },
      );
      // Comments and white space outside the signed parts change nothing: refusing everything is not a pass.
      expect(accepted).toBeGreaterThan(0);
    },
  );
});
