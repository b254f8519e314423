import { describe, expect, it } from "vitest";
import { hideSecrets, showHidden } from "./secrets.js";

const shown = (text: string): string => showHidden(hideSecrets(text));

describe("hideSecrets", () => {
  it.each([
    ["<Password>hunter2</Password>", "<Password>[hidden]</Password>"],
    ['<wsse:Password Type="x>y">hunter2</wsse:Password >', '<wsse:Password Type="x>y">[hidden]</wsse:Password >'],
    ["<p:PASSWORD\n>hunter2</p:PASSWORD>", "<p:PASSWORD\n>[hidden]</p:PASSWORD>"],
    ["<Password><![CDATA[hunter2]]></Password>", "<Password>[hidden]</Password>"],
    ["<Password>hunter2<!-- hunter2 --></Password><a/>", "<Password>[hidden]</Password><a/>"],
    ["<t:BinarySecret>aHVudGVyMg==</t:BinarySecret>", "<t:BinarySecret>[hidden]</t:BinarySecret>"],
    ["<Password>hunter2", "<Password>[hidden]"],
    ["<Password>hunter2</Passw", "<Password>[hidden]"],
    ['<Password Type="hunter2', "<Password[hidden]"],
    ["<Password>a\nb</Password>", "<Password>[hidden]\n[hidden]</Password>"],
    ["-----BEGIN EC PRIVATE KEY-----\nabc\n-----END", "-----BEGIN EC PRIVATE KEY-----\n[hidden]\n-----END"],
    ["-----BEGIN PRIVATE KEY-----abc", "-----BEGIN PRIVATE KEY-----[hidden]"],
  ])("rejects the secret of %j from what is shown", (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it.each(["<Password/>hello", "<PasswordHint>blue</PasswordHint>", "Password: none", "<a>5 < 6</a>", ""])(
    "accepts %j as it is",
    (text) => {
      expect(shown(text)).toBe(text);
    },
  );

  it("keeps every position", () => {
    const text = "<a><Password>hunter2</Password></a>\n<b/>";
    expect(hideSecrets(text)).toHaveLength(text.length);
    expect(hideSecrets(text).indexOf("<b/>")).toBe(text.indexOf("<b/>"));
  });

  it("takes time in proportion to the text", () => {
    const started = performance.now();
    for (const text of ["<Password", "<Password>", "<Password a='", "-----BEGIN PRIVATE KEY-----", "<Password></"]) {
      hideSecrets(text.repeat(100_000));
    }
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
