import { describe, expect, it } from "vitest";
import { isCountersignError } from "../errors/index.js";
import { canonicalize, exclusive, scan } from "./index.js";

/** Milliseconds for one megabyte, with room for a slow and busy machine: what is not linear takes far longer. */
const bound = 2_000;

function outcome(message: string): string {
  const octets = Buffer.from(message);
  const started = performance.now();
  try {
    const document = scan(octets);
    canonicalize(document, 0, exclusive);
    return "accepted";
  } catch (error) {
    if (!isCountersignError(error)) throw error;
    error.detail.place?.();
    return error.code;
  } finally {
    expect(performance.now() - started).toBeLessThan(bound);
  }
}

const list = (count: number, item: (i: number) => string) => Array.from({ length: count }, (_, i) => item(i)).join("");
const megabyte = (item: string, inside = "a") =>
  `<${inside}>${item.repeat(Math.floor(1_000_000 / item.length))}</${inside}>`;

describe("messages that are meant to take long", () => {
  it.each([
    ["100,000 levels", "<a>".repeat(100_000) + "</a>".repeat(100_000), "ERR_XML_LIMIT"],
    ["25,000 attributes", `<a${list(25_000, (i) => ` a${i}=""`)}/>`, "ERR_XML_LIMIT"],
    ["25,000 times one attribute", `<a${' a=""'.repeat(25_000)}/>`, "ERR_XML_LIMIT"],
    ['20,000 "<"', "<".repeat(20_000), "ERR_XML_MALFORMED"],
    [
      "3,000 nested declarations",
      list(3_000, (i) => `<a xmlns:p${i}="urn:p">`) + "</a>".repeat(3_000),
      "ERR_XML_LIMIT",
    ],
    ["20,000 names", `<a>${list(20_000, (i) => `<n${i}/>`)}</a>`, "ERR_XML_LIMIT"],
    ["a name of a megabyte", `<${"n".repeat(1_000_000)}/>`, "ERR_XML_LIMIT"],
    ["a value of a megabyte", `<a b="${"x".repeat(1_000_000)}"/>`, "ERR_XML_LIMIT"],
    ["a namespace of a megabyte", `<a xmlns="urn:${"x".repeat(1_000_000)}"/>`, "ERR_XML_LIMIT"],
    ["comments that do not end", `<a>${"<!--".repeat(250_000)}`, "ERR_XML_MALFORMED"],
    ["CDATA that does not end", `<a>${"<![CDATA[".repeat(100_000)}</a>`, "ERR_XML_MALFORMED"],
    ["an instruction that does not end", `<a><?${"p".repeat(1_000_000)}</a>`, "ERR_XML_FORBIDDEN"],
    ["white space in an end tag", `<a></a${" ".repeat(1_000_000)}>`, "accepted"],
    ["a reference of a megabyte", `<a>&#${"0".repeat(1_000_000)}65;</a>`, "accepted"],
    ["an entity of a megabyte", `<a>&${"e".repeat(1_000_000)};</a>`, "ERR_XML_FORBIDDEN"],
    ['a megabyte of ">"', megabyte(">"), "accepted"],
    ['a megabyte of "]]"', megabyte("]] >"), "accepted"],
    ["a megabyte of carriage returns", megabyte("\r"), "accepted"],
    ["a megabyte of references", megabyte("&gt;&#13;"), "accepted"],
    ["a megabyte of CDATA", megabyte("<![CDATA[]]>"), "accepted"],
    ["a megabyte of U+FFFD", megabyte("\ufffd"), "accepted"],
    ["a megabyte of elements", `${megabyte("<a/>").slice(0, 3 + 4 * 199_000)}</a>`, "accepted"],
    ["as many attributes in the wrong order", megabyte(`<a ${list(64, (i) => ` z${99 - i}=""`)}/>`), "accepted"],
    ["as many declarations", megabyte(`<a ${list(32, (i) => ` xmlns:p${99 - i}="urn:p"`)}/>`), "accepted"],
    ["a prefix bound anew each time", megabyte('<p:a xmlns:p="urn:a"/><p:a xmlns:p="urn:b"/>'), "accepted"],
    ["siblings before an error", `${megabyte("<b/>").slice(0, 3 + 4 * 190_000)}<c></d></a>`, "ERR_XML_MALFORMED"],
  ])("is through with %s", (_what, message, expected) => {
    expect(outcome(message)).toBe(expected);
  });

  it("is through with 16,000 names whose polynomial hashes collide", () => {
    // "Aa" and "BB" have one hash under the multiplier 31, and so have all strings made of as many of them.
    const name = (i: number) => i.toString(2).padStart(14, "0").replace(/0/g, "Aa").replace(/1/g, "BB");
    const colliding = list(16_000, (i) => `<${name(i)}/>`);
    expect(outcome(`<a>${colliding}</a>`)).toBe("accepted");
  });

  it("accepts ordinary messages as fast behind thousands of strange ones", () => {
    const ordinary = Buffer.from(`<a>${"<b>text</b>".repeat(1_000)}</a>`);
    for (let round = 0; round < 8; round++) scan(Buffer.from(`<a>${list(8_000, (i) => `<r${round}n${i}/>`)}</a>`));
    const started = performance.now();
    for (let round = 0; round < 100; round++) scan(ordinary);
    expect(performance.now() - started).toBeLessThan(bound);
  });
});
