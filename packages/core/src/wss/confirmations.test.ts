import { describe, expect, it } from "vitest";
import { scan } from "../xml/index.js";
import { checkConfirmations } from "./confirmations.js";

const [one, other] = [Buffer.alloc(256, 1), Buffer.alloc(256, 2)];

/** A reply with these Values; undefined stands for a confirmation without one. */
function check(values: readonly (string | Uint8Array | undefined)[], sent: readonly Uint8Array[]): void {
  const text = (value: string | Uint8Array) =>
    typeof value === "string" ? value : Buffer.from(value).toString("base64");
  const elements = values.map((value) => (value === undefined ? "<c/>" : `<c Value="${text(value)}"/>`));
  const document = scan(Buffer.from(`<r>${elements.join("")}</r>`));
  checkConfirmations(
    document,
    values.map((_, index) => index + 1),
    sent,
  );
}

const refusal = (code: string) => expect.objectContaining({ code });

describe("checkConfirmations", () => {
  it("accepts exactly the values that were sent, in any order", () => {
    check([one], [one]);
    check([other, one], [one, other]);
  });

  it("accepts one confirmation without Value where nothing was signed", () => {
    check([undefined], []);
  });

  it.each<[string, readonly (Uint8Array | undefined)[], readonly Uint8Array[]]>([
    ["none", [], [one]],
    ["another value", [other], [one]],
    ["a value cut short", [one.subarray(1)], [one]],
    ["one value of two", [one], [one, other]],
    ["one value twice", [one, one], [one, other]],
    ["a value too many", [one, other], [one]],
    ["a stranger beside one that was sent twice", [one, other], [one, one]],
    ["no Value where something was signed", [undefined], [one]],
    ["a Value where nothing was signed", [one], []],
    ["none where nothing was signed", [], []],
  ])("rejects %s with ERR_WSS_FAILED_CHECK", (_, values, sent) => {
    expect(() => check(values, sent)).toThrow(refusal("ERR_WSS_FAILED_CHECK"));
  });

  it("rejects a Value that is no base64 with ERR_WSS_INVALID_SECURITY, also where nothing was signed", () => {
    for (const sent of [[one], []]) {
      expect(() => check(["!!"], sent)).toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
      expect(() => check([Buffer.alloc(1025)], sent)).toThrow(refusal("ERR_WSS_INVALID_SECURITY"));
    }
  });
});
