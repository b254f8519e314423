import { generateKeyPairSync } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { digestAlgorithm, digestUri, signatureUri } from "../crypto/index.js";
import { defaultXmlLimits, exclusive, scan } from "../xml/index.js";
import type { DigestRequest } from "./digest-request.js";
import { DocumentDigester } from "./digester.js";
import { DocumentWorkers, type DocumentWorkersOptions } from "./document-workers.js";
import { IdIndex } from "./id-index.js";
import { LargeDocument } from "./large-document.js";
import { dsNames } from "./names.js";
import { resolveReferences } from "./references.js";
import { buildSignature } from "./sign.js";
import { parseSignature } from "./signature-syntax.js";
import { wsuNamespace } from "./token-names.js";
import { verifySignatureRemotely } from "./verify.js";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const sha256 = digestAlgorithm(digestUri.sha256) as NonNullable<ReturnType<typeof digestAlgorithm>>;

const rows = "<row a='1' b=\"2\"><name>é &amp; text</name><empty/></row>".repeat(15_000);
const wrap = (signature: string) => `<e xmlns:wsu="${wsuNamespace}">${signature}<b wsu:Id="b">${rows}</b></e>`;
const unsigned = wrap("");
const request = (element: number): DigestRequest => ({
  element,
  form: exclusive,
  without: -1,
  token: false,
  qnames: "ignore",
});

const open: DocumentWorkers[] = [];
function workers(options?: DocumentWorkersOptions): DocumentWorkers {
  const pool = new DocumentWorkers(options);
  open.push(pool);
  return pool;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close()));
});

const failing = (code: string) => expect.objectContaining({ code });

describe("LargeDocument", () => {
  it("accepts a document: reads here, digests there, to the same result", async () => {
    const large = await LargeDocument.open(workers(), Buffer.from(unsigned));
    const local = scan(Buffer.from(unsigned));
    expect(large.document.elementCount).toBe(local.elementCount);
    expect(large.document.localName(1)).toBe("b");
    expect(large.document.text(3)).toBe("é & text");
    for (const element of [0, 1, 2]) {
      expect(await large.digest(request(element), sha256)).toEqual(
        new DocumentDigester(local).digest(request(element), sha256),
      );
    }
    large.release();
  });

  it("accepts a signature verified with it, and rejects a changed document with ERR_WSS_FAILED_CHECK", async () => {
    const document = scan(Buffer.from(unsigned));
    const references = [{ id: "b", document, element: 1 }];
    const text = wrap(buildSignature({ references, algorithm: signatureUri.rsaSha256, key: privateKey }).xml);
    const pool = workers();
    const verify = async (message: string) => {
      const large = await LargeDocument.open(pool, Buffer.from(message));
      try {
        const doc = large.document;
        const signature = parseSignature(doc, doc.child(0, dsNames.signature));
        const targets = resolveReferences(doc, signature, IdIndex.of(doc, -1));
        return await verifySignatureRemotely(doc, signature, publicKey, targets, large);
      } finally {
        large.release();
      }
    };
    expect((await verify(text)).references).toHaveLength(1);
    await expect(verify(text.replace("é &amp; text", "other"))).rejects.toThrow(failing("ERR_WSS_FAILED_CHECK"));
    expect((await verify(text)).references).toHaveLength(1);
  });

  it("keeps to its own copy: a change of the caller's octets is not seen", async () => {
    const octets = Buffer.from(unsigned);
    const large = await LargeDocument.open(workers(), octets);
    const before = await large.digest(request(1), sha256);
    octets.fill(0x20);
    expect(large.document.text(3)).toBe("é & text");
    expect(await large.digest(request(0), sha256)).toEqual(
      new DocumentDigester(scan(Buffer.from(unsigned))).digest(request(0), sha256),
    );
    expect(before).toBeDefined();
    large.release();
  });

  it("accepts UTF-16 and a byte order mark, as scan does", async () => {
    const pool = workers();
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("<a>é</a>", "utf16le")]);
    const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from("<a>é</a>")]);
    for (const octets of [utf16, marked]) {
      const large = await LargeDocument.open(pool, octets);
      expect(large.document.text(0)).toBe("é");
      const plain = new DocumentDigester(scan(Buffer.from("<a>é</a>")));
      expect(await large.digest(request(0), sha256)).toEqual(plain.digest(request(0), sha256));
      large.release();
    }
  });

  it("rejects what scan rejects, with code and place", async () => {
    const pool = workers();
    await expect(LargeDocument.open(pool, Buffer.from(`${unsigned}<x/>`))).rejects.toThrow(
      failing("ERR_XML_MALFORMED"),
    );
    const doctype = LargeDocument.open(pool, Buffer.from(`<!DOCTYPE e>${unsigned}`));
    await expect(doctype).rejects.toThrow(failing("ERR_XML_FORBIDDEN"));
    await doctype.catch((error) => expect(error.detail.place()).toMatchObject({ line: 1 }));
    const limits = { ...defaultXmlLimits, maxElements: 100 };
    await expect(LargeDocument.open(pool, Buffer.from(unsigned), { limits })).rejects.toThrow(failing("ERR_XML_LIMIT"));
  });

  it("rejects a QName that is not bound with ERR_WSS_INVALID_SECURITY, as on this thread (B14)", async () => {
    const xsi = "http://www.w3.org/2001/XMLSchema-instance";
    const text = `<e xmlns:t="urn:t"><b><c xmlns:xsi="${xsi}" xsi:type="t:x"/></b></e>`;
    const large = await LargeDocument.open(workers(), Buffer.from(text));
    const strict = { ...request(1), qnames: "refuse" } as const;
    await expect(large.digest(strict, sha256)).rejects.toThrow(failing("ERR_WSS_INVALID_SECURITY"));
    expect(await large.digest(request(1), sha256)).toHaveLength(32);
    large.release();
  });

  it("rejects with ERR_XML_LIMIT at the deadline, and the pool recovers", async () => {
    const pool = workers({ size: 1 });
    await expect(LargeDocument.open(pool, Buffer.from(unsigned), { deadlineMilliseconds: 1 })).rejects.toThrow(
      failing("ERR_XML_LIMIT"),
    );
    const large = await LargeDocument.open(pool, Buffer.from(unsigned));
    expect(await large.digest(request(0), sha256)).toHaveLength(32);
    large.release();
  });

  it("rejects a digest behind the deadline or the release with ERR_XML_LIMIT", async () => {
    const pool = workers({ size: 1 });
    const late = await LargeDocument.open(pool, Buffer.from("<a/>"), { deadlineMilliseconds: 3_000 });
    await new Promise((resolve) => setTimeout(resolve, 3_200));
    await expect(late.digest(request(0), sha256)).rejects.toThrow(failing("ERR_XML_LIMIT"));
    late.release();
    const done = await LargeDocument.open(pool, Buffer.from("<a/>"));
    done.release();
    done.release();
    await expect(done.digest(request(0), sha256)).rejects.toThrow(failing("ERR_XML_LIMIT"));
    const next = await LargeDocument.open(pool, Buffer.from("<b/>"));
    expect(next.document.localName(0)).toBe("b");
    next.release();
  });
});

describe("DocumentWorkers", () => {
  it.each([
    ["ends", "process.exit(3)"],
    ["throws at once", "throw new Error('broken')"],
    [
      "throws when asked",
      "import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => { throw new Error('broken'); })",
    ],
    ["cannot be loaded", "import './missing.js'"],
    [
      "answers nonsense",
      "import { parentPort } from 'node:worker_threads'; parentPort.on('message', ({ id }) => parentPort.postMessage({ kind: 'digested', id }))",
    ],
  ])("rejects with ERR_INTERNAL where the thread %s, every time", async (_, source) => {
    const pool = workers({ size: 1, script: new URL(`data:text/javascript,${encodeURIComponent(source)}`) });
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(LargeDocument.open(pool, Buffer.from("<a/>"))).rejects.toThrow(failing("ERR_INTERNAL"));
    }
  });

  it("ends a thread that never answers, at the deadline", async () => {
    const pool = workers({ size: 1, script: new URL("data:text/javascript,for (;;) {}") });
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(LargeDocument.open(pool, Buffer.from("<a/>"), { deadlineMilliseconds: 200 })).rejects.toThrow(
        failing("ERR_XML_LIMIT"),
      );
    }
  });

  it("lets documents wait in a bounded line, and rejects the one too many with ERR_UNAVAILABLE", async () => {
    const pool = workers({ size: 1, maxQueue: 1 });
    const first = await LargeDocument.open(pool, Buffer.from("<a/>"));
    const second = LargeDocument.open(pool, Buffer.from("<b/>"));
    await expect(LargeDocument.open(pool, Buffer.from("<c/>"))).rejects.toThrow(failing("ERR_UNAVAILABLE"));
    first.release();
    const served = await second;
    expect(served.document.localName(0)).toBe("b");
    expect(first.document.localName(0)).toBe("a");
    served.release();
  });

  it("rejects one that waits past its deadline with ERR_UNAVAILABLE, and its place is free again", async () => {
    const pool = workers({ size: 1, maxQueue: 1 });
    const first = await LargeDocument.open(pool, Buffer.from("<a/>"));
    await expect(LargeDocument.open(pool, Buffer.from("<b/>"), { deadlineMilliseconds: 50 })).rejects.toThrow(
      failing("ERR_UNAVAILABLE"),
    );
    const third = LargeDocument.open(pool, Buffer.from("<c/>"));
    first.release();
    expect((await third).document.localName(0)).toBe("c");
    (await third).release();
  });

  it("serves as many documents at once as it has threads", async () => {
    const pool = workers({ size: 2 });
    const all = await Promise.all([
      LargeDocument.open(pool, Buffer.from("<a/>")),
      LargeDocument.open(pool, Buffer.from("<b/>")),
    ]);
    expect(all.map(({ document }) => document.localName(0))).toEqual(["a", "b"]);
    for (const large of all) large.release();
  });

  it("rejects what is under way, what waits and what comes with ERR_UNAVAILABLE once closed", async () => {
    const pool = workers({ size: 1 });
    const busy = LargeDocument.open(pool, Buffer.from(unsigned));
    const waiting = LargeDocument.open(pool, Buffer.from("<b/>"));
    const outcomes = Promise.allSettled([busy, waiting]);
    await pool.close();
    await pool.close();
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: "rejected", reason: failing("ERR_UNAVAILABLE") });
    await expect(LargeDocument.open(pool, Buffer.from("<c/>"))).rejects.toThrow(failing("ERR_UNAVAILABLE"));
  });
});
