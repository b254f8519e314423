import { ObjectIdentifier } from "asn1js";
import { describe, expect, it } from "vitest";
import { derValue } from "../testing/index.js";
import { DistinguishedName } from "./distinguished-name.js";
import { nameKeyOfText } from "./name-text.js";

const tag = { utf8: 0x0c, printable: 0x13, teletex: 0x14, ia5: 0x16, bmp: 0x1e };
const types: Record<string, string> = {
  CN: "2.5.4.3",
  O: "2.5.4.10",
  OU: "2.5.4.11",
  C: "2.5.4.6",
  E: "1.2.840.113549.1.9.1",
};

/** A name of parts `[type, value]`, most significant first; several pairs in one list stand side by side. */
function name(...parts: [type: string, value: string | Buffer, tag?: number][][]): DistinguishedName {
  const sets = parts.map((part) =>
    derValue(
      0x31,
      ...part.map(([type, value, kind = tag.utf8]) =>
        derValue(
          0x30,
          new Uint8Array(new ObjectIdentifier({ value: types[type] ?? type }).toBER()),
          derValue(kind, Buffer.from(value as string)),
        ),
      ),
    ),
  );
  return DistinguishedName.fromDer(derValue(0x30, ...sets));
}

describe("RFC 4514 text", () => {
  it.each([
    [
      "least significant part first",
      name([["C", "DE"]], [["O", "Example"]], [["CN", "orders"]]),
      "CN=orders,O=Example,C=DE",
    ],
    [
      "parts side by side",
      name(
        [["O", "x"]],
        [
          ["CN", "a"],
          ["OU", "b"],
        ],
      ),
      "CN=a+OU=b,O=x",
    ],
    ["separators in values", name([["O", 'a,b;c+d"e\\f<g>h']]), 'O=a\\,b\\;c\\+d\\"e\\\\f\\<g\\>h'],
    ["blanks and # at the ends", name([["O", " a "]], [["CN", "#a"]], [["OU", " "]]), "OU=\\ ,CN=\\#a,O=\\ a\\ "],
    ["a backslash before the last blank", name([["O", "a\\ "]]), "O=a\\\\\\ "],
    ["NUL and other controls", name([["CN", "admin\0.evil\r\n"]]), "CN=admin\\00.evil\\0d\\0a"],
    ["characters outside ASCII", name([["CN", "Zoë 木"]]), "CN=Zoë 木"],
    ["types without a short name", name([["E", "a@b", tag.ia5]]), "1.2.840.113549.1.9.1=#1603614062"],
    ["16-bit characters", name([["CN", Buffer.from("004100f6", "hex"), tag.bmp]]), "CN=Aö"],
    ["an ambiguous alphabet in hexadecimal", name([["CN", Buffer.from([0xe9]), tag.teletex]]), "CN=#1401e9"],
    ["bad UTF-8 in hexadecimal", name([["CN", Buffer.from([0xff])]]), "CN=#0c01ff"],
    ["eight bits in PrintableString in hexadecimal", name([["CN", Buffer.from([0xe9]), tag.printable]]), "CN=#1301e9"],
    ["an empty name", name(), ""],
    ["an empty value", name([["CN", ""]]), "CN="],
  ])("writes %s", (_title, given, text) => {
    expect(given.text).toBe(text);
    expect(given.equals(text)).toBe(true);
  });
});

describe("equality (C18)", () => {
  const given = name(
    [["C", "DE"]],
    [["O", "Example, Inc."]],
    [
      ["CN", "orders"],
      ["OU", "x"],
    ],
  );

  it.each([
    "CN=orders+OU=x,O=Example\\, Inc.,C=DE",
    "OU=x+CN=orders,O=Example\\2c Inc.,C=DE",
    'cn=orders + ou=x, o="Example, Inc.", c=DE',
    "2.5.4.3=orders+2.5.4.11=x;OID.2.5.4.10=Example\\, Inc. ;C=DE",
    "CN=#0c066f7264657273+OU=x,O=Example\\, Inc.,C=#13024445",
  ])("accepts %s", (text) => {
    expect(given.equals(text)).toBe(true);
  });

  it.each([
    ["another case", "CN=Orders+OU=x,O=Example\\, Inc.,C=DE"],
    ["another order", "C=DE,O=Example\\, Inc.,CN=orders+OU=x"],
    ["parts that are not side by side", "CN=orders,OU=x,O=Example\\, Inc.,C=DE"],
    ["a part less", "CN=orders+OU=x,O=Example\\, Inc."],
    ["a part more", "CN=orders+OU=x,O=Example\\, Inc.,C=DE,CN=orders"],
    ["a comma that separates", "CN=orders+OU=x,O=Example, Inc.=,C=DE"],
    ["hexadecimal as text", "CN=\\#0c066f7264657273+OU=x,O=Example\\, Inc.,C=DE"],
    ["no name", "orders"],
    ["an unknown type", "XX=orders"],
    ["an open quote", 'CN="orders'],
    ["an open escape", "CN=orders\\"],
    ["a bad escape", "CN=o\\rders"],
    ["a separator at the end", "CN=orders,"],
    ["bad UTF-8", "CN=\\ff"],
    ["broken DER", "CN=#0c"],
    ["text behind hexadecimal", "CN=#0c016f x"],
  ])("rejects %s", (_title, text) => {
    expect(given.equals(text)).toBe(false);
  });

  it("takes values for equal whatever their string type, and keeps NUL apart", () => {
    expect(name([["CN", "a", tag.printable]]).equals(name([["CN", "a"]]))).toBe(true);
    expect(name([["CN", "admin\0x"]]).equals(name([["CN", "admin"]]))).toBe(false);
    expect(name([["CN", "admin\0x"]]).equals("CN=admin\\00x")).toBe(true);
  });

  it("keeps text that looks like DER apart from DER", () => {
    const opaque = name([["CN", Buffer.from([0xe9]), tag.teletex]]);
    expect(opaque.equals(name([["CN", "#1401e9"]]))).toBe(false);
    expect(opaque.equals("CN=#1401e9")).toBe(true);
    expect(opaque.equals("CN=\\#1401e9")).toBe(false);
  });

  it("keeps a comma in a value apart from two parts", () => {
    expect(name([["CN", "a,O=b"]]).equals(name([["O", "b"]], [["CN", "a"]]))).toBe(false);
    expect(name([["CN", 'a","2.5.4.10=b']]).key).not.toBe(
      name([
        ["CN", "a"],
        ["O", "b"],
      ]).key,
    );
  });

  it("reads long text in linear time (K26)", () => {
    const before = performance.now();
    for (const text of [
      `CN=${"\\,".repeat(2000)}`,
      `CN="${" ".repeat(4000)}`,
      "CN=a+".repeat(800),
      `CN=#${"00".repeat(2000)}`,
      "9".repeat(1e6),
    ]) {
      nameKeyOfText(text);
    }
    expect(performance.now() - before).toBeLessThan(100);
  });
});

describe("subtrees (RFC 5280 section 4.2.1.10)", () => {
  const base = name([["C", "DE"]], [["O", "Example"]]);

  it("accepts names below the base, whatever their case and blanks", () => {
    expect(name([["C", "DE"]], [["O", "EXAMPLE "]], [["CN", "a"]]).isWithin(base)).toBe(true);
    expect(base.isWithin(base)).toBe(true);
  });

  it("rejects names beside it", () => {
    expect(name([["C", "DE"]], [["O", "Example2"]], [["CN", "a"]]).isWithin(base)).toBe(false);
    expect(name([["C", "DE"]]).isWithin(base)).toBe(false);
    expect(name([["O", "Example"]], [["C", "DE"]]).isWithin(base)).toBe(false);
  });
});

describe("values", () => {
  it("gives the values of a type by short name or identifier", () => {
    const given = name(
      [["OU", "a"]],
      [
        ["OU", "b"],
        ["CN", "c"],
      ],
    );
    expect(given.values("OU")).toEqual(["a", "b"]);
    expect(given.values("2.5.4.11")).toEqual(["a", "b"]);
    expect(given.values("ou")).toEqual(["a", "b"]);
    expect(given.values("C")).toEqual([]);
    expect(given.values("nonsense")).toEqual([]);
  });
});

describe("malformed names", () => {
  it.each([
    ["an empty part", () => DistinguishedName.fromDer(Buffer.from("30023100", "hex"))],
    ["65 attributes", () => name(...Array.from({ length: 65 }, () => [["CN", "a"]] as [string, string][]))],
  ])("rejects %s with ERR_WSS_INVALID_TOKEN", (_title, make) => {
    expect(make).toThrow(expect.objectContaining({ code: "ERR_WSS_INVALID_TOKEN" }));
  });
});
