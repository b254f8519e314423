import { describe, expect, it } from "vitest";
import { Certificate } from "../crypto/index.js";
import { createTestAuthority, createTestRevocationList, derValue, type TestRevocationList } from "../testing/index.js";
import { RevocationList } from "./revocation-list.js";

const root = createTestAuthority({ subject: "CN=Root,O=Example" });
const other = createTestAuthority({ subject: "CN=Other,O=Example" });
const authority = Certificate.parse(root.der);
const uri = (text: string) => derValue(0x86, Buffer.from(text));
const point = (address: string) => derValue(0xa0, derValue(0xa0, uri(address)));
const withPoint = (address: string) =>
  Certificate.parse(
    root.issue({
      subject: "CN=alice,O=Example",
      extensions: [{ id: "2.5.29.31", value: derValue(0x30, derValue(0x30, point(address))) }],
    }).der,
  );
const alice = withPoint("http://crl.example/1");
const flag = (number: number) => derValue(0x80 + number, Buffer.of(0xff));
const idp = (...parts: Buffer[]) => ({ id: "2.5.29.28", critical: true, value: derValue(0x30, ...parts) });
const listWith = (more: Partial<TestRevocationList> = {}) => createTestRevocationList({ issuer: root, ...more });

describe("RevocationList", () => {
  it("accepts a list, and finds who is on it: by serial number, with reason and time", () => {
    const thisUpdate = Date.UTC(2026, 10, 1);
    const serials = [1n, 127n, 128n, 255n, 256n, (1n << 159n) + 5n];
    const revoked = serials.map((serialNumber, index) => ({ serialNumber, reason: index === 0 ? undefined : index }));
    const list = RevocationList.parse(listWith({ thisUpdate, revoked }));
    expect(list.size).toBe(serials.length);
    expect(serials.map((serial) => list.find(serial)?.reason)).toEqual([
      "unspecified",
      "keyCompromise",
      "cACompromise",
      "affiliationChanged",
      "superseded",
      "cessationOfOperation",
    ]);
    expect(list.find(1n)?.at).toBe(thisUpdate);
    for (const absent of [0n, 2n, 129n, 257n, 1n << 159n]) expect(list.find(absent)).toBeUndefined();
    expect(list.isSignedBy(authority)).toBe(true);
    expect(list.covers(alice)).toBe(true);
  });

  it("accepts that removeFromCRL, which belongs in delta lists, revokes like any other reason", () => {
    const list = RevocationList.parse(listWith({ revoked: [{ serialNumber: 7n, reason: 8 }] }));
    expect(list.find(7n)?.reason).toBe("removeFromCRL");
  });

  it("rejects the signature of another key, of another name, of SHA-1, and over a changed octet", () => {
    const signedBy = (der: Buffer, signer = root.der) =>
      RevocationList.parse(der).isSignedBy(Certificate.parse(signer));
    expect(signedBy(listWith())).toBe(true);
    expect(signedBy(listWith({ signedWith: other.keyPair }))).toBe(false);
    expect(signedBy(createTestRevocationList({ issuer: other }))).toBe(false);
    expect(signedBy(listWith(), other.der)).toBe(false);
    expect(signedBy(listWith({ hash: "sha1" }))).toBe(false);
    const changed = listWith({ revoked: [{ serialNumber: 0x1234567890n }] });
    const at = changed.indexOf(Buffer.from("1234567890", "hex"));
    changed[at] = 0x13;
    expect(signedBy(changed)).toBe(false);
  });

  it("rejects the key of another authority of the same name by its identifier", () => {
    const identifier = (value: Buffer) => [{ id: "2.5.29.35", value: derValue(0x30, derValue(0x80, value)) }];
    const signed = (value: Buffer) => RevocationList.parse(listWith({ extensions: identifier(value) }));
    expect(signed(authority.subjectKeyIdentifier ?? Buffer.alloc(0)).isSignedBy(authority)).toBe(true);
    expect(signed(Buffer.alloc(20)).isSignedBy(authority)).toBe(false);
  });

  it("accepts for whom the issuing distribution point is, and rejects others", () => {
    const covers = (...parts: Buffer[]) => {
      const list = RevocationList.parse(listWith({ extensions: [idp(...parts)] }));
      return [alice, authority].map((certificate) => list.covers(certificate));
    };
    expect(covers()).toEqual([true, true]);
    expect(covers(flag(1))).toEqual([true, false]);
    expect(covers(flag(2))).toEqual([false, true]);
    expect(covers(point("http://crl.example/1"))).toEqual([true, false]);
    expect(covers(point("http://crl.example/2"))).toEqual([false, false]);
  });

  it.each<readonly [string, () => Buffer]>([
    [
      "a delta list",
      () => listWith({ extensions: [{ id: "2.5.29.27", critical: true, value: derValue(2, Buffer.of(1)) }] }),
    ],
    ["an indirect list", () => listWith({ extensions: [idp(flag(4))] })],
    ["a list for some reasons", () => listWith({ extensions: [idp(derValue(0x83, Buffer.of(0, 0x40)))] })],
    ["a list of attribute certificates", () => listWith({ extensions: [idp(flag(5))] })],
    [
      "a point without a name that is understood",
      () => listWith({ extensions: [idp(derValue(0xa0, derValue(0xa1)))] }),
    ],
    [
      "an unknown critical extension",
      () => listWith({ extensions: [{ id: "1.2.3", critical: true, value: Buffer.of(5, 0) }] }),
    ],
    ["an extension that stands twice", () => listWith({ extensions: [idp(), idp()] })],
    [
      "an entry with an unknown critical extension",
      () =>
        listWith({
          revoked: [{ serialNumber: 1n, extensions: [{ id: "1.2.3", critical: true, value: Buffer.of(5, 0) }] }],
        }),
    ],
    [
      "an entry of another issuer",
      () => listWith({ revoked: [{ serialNumber: 1n, extensions: [{ id: "2.5.29.29", value: derValue(0x30) }] }] }),
    ],
    ["no nextUpdate", () => listWith({ nextUpdate: null })],
    ["nothing", () => Buffer.alloc(0)],
    ["one octet behind", () => Buffer.concat([listWith(), Buffer.of(0)])],
    ["the end cut off", () => listWith().subarray(0, -1)],
    ["a certificate", () => root.der],
    ["more than 10 MiB", () => Buffer.alloc(10 * 1024 * 1024 + 1)],
  ])("rejects %s", (_, make) => {
    expect(() => RevocationList.parse(make())).toThrow(expect.objectContaining({ name: "RevocationSourceError" }));
  });

  it("accepts unknown extensions that are not critical", () => {
    const extension = { id: "1.2.3", value: Buffer.of(5, 0) };
    const list = listWith({ extensions: [extension], revoked: [{ serialNumber: 1n, extensions: [extension] }] });
    expect(RevocationList.parse(list).find(1n)?.reason).toBe("unspecified");
  });

  it("accepts a list of 100,000 in slices, and finds each at once", async () => {
    const entry = (serial: number) =>
      derValue(
        0x30,
        derValue(2, Buffer.of(0x40, serial >> 16, serial >> 8, serial)),
        derValue(0x17, Buffer.from("261101000000Z")),
      );
    const entries = Buffer.concat(Array.from({ length: 100_000 }, (_, serial) => entry(serial)));
    const long = (tag: number, content: Buffer) =>
      Buffer.concat([Buffer.of(tag, 0x83, content.length >> 16, content.length >> 8, content.length), content]);
    const plain = listWith();
    // The entries go in front of what follows nextUpdate; the signature is then another matter.
    const times = /\d{12}Z.{2}\d{12}Z/s.exec(plain.toString("latin1"));
    const end = (times?.index ?? 0) + (times?.[0].length ?? 0);
    const start = plain.indexOf(Buffer.of(2, 1, 1));
    const inner = Buffer.concat([plain.subarray(start, end), long(0x30, entries)]);
    const list = await RevocationList.read(long(0x30, Buffer.concat([long(0x30, inner), plain.subarray(end)])));
    expect(list.size).toBe(100_000);
    const started = performance.now();
    for (let serial = 0; serial < 100_000; serial += 100) expect(list.find(0x40000000n + BigInt(serial))).toBeDefined();
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(list.find(0x40000000n + 100_000n)).toBeUndefined();
  });
});
