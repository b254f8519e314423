import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { xml } from "@countersign/core/testing";
import { describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("../../../../shared/data/vectors/c14n/", import.meta.url));
const present = existsSync(`${folder}vectors.json`);

interface Name {
  readonly namespace: string;
  readonly localName: string;
}

interface Vector {
  readonly id: string;
  readonly algorithm: string;
  readonly inclusivePrefixes?: readonly string[];
  readonly input?: string;
  readonly inputText?: string;
  readonly subset: "document" | "subtree" | "subtrees" | "subtree-minus" | "node-set";
  readonly apex?: readonly Name[];
  readonly exclude?: readonly Name[];
  readonly dtd?: string;
  readonly expected?: string;
  readonly expectedSha256?: string;
  readonly expectError?: string;
}

const methods: Readonly<Record<string, xml.CanonicalForm["method"]>> = {
  "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": "inclusive",
  "http://www.w3.org/2006/12/xml-c14n11": "inclusive11",
  "http://www.w3.org/2001/10/xml-exc-c14n#": "exclusive",
};

function formOf({ algorithm, inclusivePrefixes }: Vector): xml.CanonicalForm {
  const comments = algorithm.endsWith("WithComments");
  const method =
    methods[comments ? algorithm.replace(/#?WithComments$/, algorithm.includes("exc") ? "#" : "") : algorithm];
  if (method === undefined) throw new Error(`unknown algorithm ${algorithm}`);
  return { method, comments, ...(inclusivePrefixes === undefined ? {} : { inclusivePrefixes }) };
}

function inputOf({ input, inputText }: Vector): Buffer {
  if (input !== undefined) return readFileSync(folder + input);
  return Buffer.from(`\ufeff${inputText}`, "utf16le");
}

function find(document: xml.XmlDocument, { namespace, localName }: Name): number {
  for (let element = 0; element < document.elementCount; element++) {
    if (document.localName(element) === localName && document.namespace(element) === namespace) return element;
  }
  throw new Error(`no element ${localName}`);
}

function canonical(vector: Vector, document: xml.XmlDocument): Buffer {
  const form = formOf(vector);
  if (vector.subset === "document") return Buffer.from(xml.canonicalize(document, 0, form, { document: true }));
  const without = (vector.exclude ?? []).map((name) => find(document, name));
  const pieces = (vector.apex ?? []).map((name) => xml.canonicalize(document, find(document, name), form, { without }));
  return Buffer.concat(pieces);
}

/** Vectors whose input has what Countersign refuses and their subset does not show: refused as they are, accepted without it. */
const altered: Readonly<Record<string, { code: string; from: string; to: string }>> = {
  "in-36-c14n": { code: "ERR_XML_MALFORMED", from: "ISO-8859-1", to: "UTF-8" },
  "in-36-c14n11": { code: "ERR_XML_MALFORMED", from: "ISO-8859-1", to: "UTF-8" },
  "inExcl-223": { code: "ERR_XML_FORBIDDEN", from: "<?testpi 123?>", to: "" },
};

if (!present && process.env.COUNTERSIGN_REQUIRE === "all") {
  it("has the vectors of shared/data/vectors/c14n", () =>
    expect.fail("shared/data/vectors/c14n is not in this checkout"));
}

describe.skipIf(!present)(
  "Canonical XML vectors (skipped where shared/data/vectors/c14n is not in this checkout)",
  () => {
    const vectors: Vector[] = present ? JSON.parse(readFileSync(`${folder}vectors.json`, "utf8")) : [];
    const nodeSets = vectors.filter((vector) => vector.subset === "node-set");

    it.each(vectors.filter((vector) => vector.dtd !== undefined))(
      "rejects $id, which has a DTD, with ERR_XML_FORBIDDEN",
      (vector) => {
        expect(() => xml.scan(inputOf(vector))).toThrow(expect.objectContaining({ code: "ERR_XML_FORBIDDEN" }));
      },
    );

    it.each(vectors.filter((vector) => vector.expectError !== undefined))("rejects $id: $expectError", (vector) => {
      expect(() => xml.scan(inputOf(vector))).toThrow(expect.objectContaining({ code: "ERR_XML_FORBIDDEN" }));
    });

    const plain = vectors.filter(
      (vector) => vector.dtd === undefined && vector.expected !== undefined && !nodeSets.includes(vector),
    );

    it("has the 41 vectors that need neither a DTD nor node sets", () => {
      expect(plain.length + vectors.filter((vector) => vector.expectError !== undefined).length).toBe(41);
    });

    it.each(plain.filter(({ id }) => altered[id] !== undefined))(
      "rejects $id as it is: another encoding, or an instruction",
      (vector) => {
        const code = altered[vector.id]?.code;
        expect(() => xml.scan(inputOf(vector))).toThrow(expect.objectContaining({ code }));
      },
    );

    it.each(plain)("accepts $id byte for byte", (vector) => {
      const change = altered[vector.id];
      let input = inputOf(vector);
      if (change !== undefined) input = Buffer.from(input.toString("latin1").replace(change.from, change.to), "latin1");
      const octets = canonical(vector, xml.scan(input));
      expect(octets.toString("utf8")).toBe(readFileSync(folder + vector.expected, "utf8"));
      expect(createHash("sha256").update(octets).digest("hex")).toBe(vector.expectedSha256);
    });
  },
);
