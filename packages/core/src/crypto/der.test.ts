import { describe, expect, it } from "vitest";
import { derValue } from "../testing/index.js";
import { readDer, splitSequence } from "./der.js";

const refused = expect.objectContaining({ code: "ERR_WSS_INVALID_TOKEN" });
const integer = derValue(0x02, Buffer.of(1));
const sequence = (...values: readonly Uint8Array[]) => derValue(0x30, ...values);
const nested = (depth: number): Buffer => (depth === 0 ? integer : sequence(nested(depth - 1)));
const identifier = (octets: number) => derValue(0x06, Buffer.alloc(octets, 1));
const time = (tag: number, text: string) => derValue(tag, Buffer.from(text));

describe("readDer", () => {
  it.each([
    ["400 values and rejects 401", sequence(...Array(399).fill(integer)), sequence(...Array(400).fill(integer))],
    ["16 levels and rejects 17", nested(16), nested(17)],
    ["an identifier of 32 octets and rejects 33", identifier(32), identifier(33)],
    ["29 February 2028 and rejects 2027's", time(0x17, "280229000000Z"), time(0x17, "270229000000Z")],
    ["a time in UTC and rejects another zone", time(0x18, "20500101000000Z"), time(0x18, "20500101000000+0100")],
    ["a time with seconds and rejects one without", time(0x17, "260101000000Z"), time(0x17, "2601010000Z")],
    ["a length in its shortest form and rejects a longer one", integer, Buffer.from("02810101", "hex")],
    ["one value and rejects two", integer, Buffer.concat([integer, integer])],
    ["a definite length and rejects an indefinite one", sequence(), Buffer.from("30800000", "hex")],
    ["a tag of one octet and rejects one of two", derValue(0x1e), Buffer.from("1f1e00", "hex")],
  ])("accepts %s", (_name, good, bad) => {
    expect(() => readDer(good)).not.toThrow();
    expect(() => readDer(bad)).toThrow(refused);
  });

  it("takes octets that are no values as they are", () => {
    expect(() => readDer(derValue(0x04, Buffer.alloc(1000, 0xff)))).not.toThrow();
  });
});

describe("splitSequence", () => {
  it("gives the values, and rejects more than allowed", () => {
    expect(splitSequence(sequence(integer, sequence()), 2)).toEqual([integer, sequence()]);
    expect(() => splitSequence(sequence(integer, integer, integer), 2)).toThrow(refused);
  });

  it.each([
    ["another type", integer],
    ["an octet behind it", Buffer.concat([sequence(integer), Buffer.of(0)])],
    ["a value that does not fit", Buffer.from("3003020201", "hex")],
    ["a length of 0x7FFFFFFF", Buffer.from("30847fffffff", "hex")],
  ])("rejects %s", (_name, octets) => {
    expect(() => splitSequence(octets, 10)).toThrow(refused);
  });
});
