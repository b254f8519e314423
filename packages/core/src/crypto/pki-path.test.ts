import { describe, expect, it } from "vitest";
import { createTestAuthority } from "../testing/index.js";
import { Certificate } from "./certificate.js";
import { writeSequence } from "./der-writer.js";
import { parsePkiPath, writePkiPath } from "./pki-path.js";

const root = createTestAuthority({ subject: "CN=Root" });
const middle = root.subordinate({ subject: "CN=Middle" });
const leaf = middle.issue({ subject: "CN=leaf" });

function codeOf(der: Uint8Array): string {
  try {
    return parsePkiPath(der)
      .map(({ subject }) => subject)
      .join();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

describe("parsePkiPath (C21)", () => {
  it("accepts the authority first and gives the leaf first", () => {
    expect(codeOf(writeSequence(root.der, middle.der, leaf.der))).toBe("CN=leaf,CN=Middle,CN=Root");
    expect(codeOf(writeSequence(leaf.der))).toBe("CN=leaf");
  });

  it("accepts what writePkiPath writes", () => {
    const path = [leaf, middle].map(({ der }) => Certificate.parse(der));
    expect(parsePkiPath(writePkiPath(path))).toEqual(path);
  });

  it("accepts ten certificates and rejects eleven", () => {
    const path = [root];
    for (let depth = 1; depth < 11; depth++)
      path.push((path[path.length - 1] ?? root).subordinate({ subject: `CN=${depth}` }));
    const ders = path.map(({ der }) => der);
    expect(codeOf(writeSequence(...ders.slice(0, 10)))).toContain("CN=9");
    expect(codeOf(writeSequence(...ders))).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it.each([
    ["the leaf first", writeSequence(leaf.der, middle.der, root.der)],
    ["a certificate that does not belong", writeSequence(root.der, leaf.der)],
    ["one certificate 500 times", writeSequence(...Array.from({ length: 500 }, () => root.der))],
    ["one certificate twice", writeSequence(root.der, root.der, middle.der)],
    ["no certificate", writeSequence()],
    ["a bare certificate", leaf.der],
    ["an octet behind it", Buffer.concat([writeSequence(leaf.der), Buffer.of(0)])],
    ["a cut certificate", writeSequence(leaf.der.subarray(0, -1))],
    ["nothing", Buffer.alloc(0)],
  ])("rejects %s with ERR_WSS_INVALID_TOKEN", (_name, der) => {
    expect(codeOf(der)).toBe("ERR_WSS_INVALID_TOKEN");
  });
});
