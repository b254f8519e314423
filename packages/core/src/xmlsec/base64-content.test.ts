import { describe, expect, it } from "vitest";
import { decodeBase64, randomOctets } from "../crypto/index.js";
import { scan } from "../xml/index.js";
import { base64Content } from "./base64-content.js";

/** The octets, or undefined where the text is refused. */
function read(text: string, least = 0, most = 1_000): Buffer | undefined {
  try {
    return base64Content(scan(Buffer.from(`<a>${text}</a>`)), 0, least, most);
  } catch (error) {
    expect(error).toMatchObject({ code: "ERR_WSS_INVALID_SECURITY" });
    return undefined;
  }
}

describe("base64Content", () => {
  it("accepts octets of every length, with and without white space", () => {
    for (let length = 0; length <= 200; length++) {
      const octets = randomOctets(length);
      const text = octets.toString("base64");
      expect(read(text)).toEqual(octets);
      expect(read(text.replace(/.{1,64}/g, "\n $&"))).toEqual(octets);
      expect(read(text, length, length)).toEqual(octets);
    }
  });

  it("rejects too many octets and too few with ERR_WSS_INVALID_SECURITY", () => {
    expect(read("QUJD", 3, 3)).toEqual(Buffer.from("ABC"));
    expect(read("QUJD", 4, 8)).toBeUndefined();
    expect(read("QUJD", 0, 2)).toBeUndefined();
    expect(read("", 1, 8)).toBeUndefined();
  });

  it("reads one changed character anywhere as strict base64 says", () => {
    const characters = [..."AZaz09+/=-_ \n\t,.\u00e9\u{1f642}", "&#65;", "&#61;", "<!---->", "<![CDATA[A]]>", ""];
    for (const octets of [9, 10, 11, 12]) {
      const genuine = randomOctets(octets).toString("base64");
      for (let at = 0; at < genuine.length; at++) {
        for (const put of characters) {
          const text = genuine.slice(0, at) + put + genuine.slice(at + 1);
          const value = text.replace("&#65;", "A").replace("&#61;", "=");
          const strict = put.startsWith("<") ? undefined : decodeBase64(value, { maxOctets: 1_000 });
          expect([text, read(text)]).toEqual([text, strict]);
        }
      }
    }
  });
});
