import { describe, expect, it } from "vitest";
import { createTestAuthority, derValue } from "../testing/index.js";
import { Certificate } from "./certificate.js";
import { parsePkiPath, writePkiPath } from "./pki-path.js";

const root = createTestAuthority({ subject: "CN=Root" });
const middle = root.subordinate({ subject: "CN=Middle" });
const leaf = middle.issue({ subject: "CN=leaf" });

const sequence = (...values: readonly Uint8Array[]) => derValue(0x30, ...values);

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
    expect(codeOf(sequence(root.der, middle.der, leaf.der))).toBe("CN=leaf,CN=Middle,CN=Root");
    expect(codeOf(sequence(leaf.der))).toBe("CN=leaf");
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
    expect(codeOf(sequence(...ders.slice(0, 10)))).toContain("CN=9");
    expect(codeOf(sequence(...ders))).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it.each([
    ["the leaf first", sequence(leaf.der, middle.der, root.der)],
    ["a certificate that does not belong", sequence(root.der, leaf.der)],
    ["one certificate 500 times", sequence(...Array.from({ length: 500 }, () => root.der))],
    ["one certificate twice", sequence(root.der, root.der, middle.der)],
    ["no certificate", sequence()],
    ["a bare certificate", leaf.der],
    ["an octet behind it", Buffer.concat([sequence(leaf.der), Buffer.of(0)])],
    ["a cut certificate", sequence(leaf.der.subarray(0, -1))],
    ["nothing", Buffer.alloc(0)],
  ])("rejects %s with ERR_WSS_INVALID_TOKEN", (_name, der) => {
    expect(codeOf(der)).toBe("ERR_WSS_INVALID_TOKEN");
  });
});
