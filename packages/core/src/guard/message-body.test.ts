import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { CountersignError } from "../errors/index.js";
import { readMessageBody } from "./message-body.js";
import type { ServerRequest } from "./seam.js";

const text = "<a>hello</a>";
const refusal = (code: string) => expect.objectContaining({ code });

function read(octets: unknown, encoding?: string, limit = 1_000): Promise<Uint8Array> {
  const headers: [string, string][] = encoding === undefined ? [] : [["content-encoding", encoding]];
  return readMessageBody({ headers, body: async () => octets } as unknown as ServerRequest, limit);
}

describe("readMessageBody", () => {
  it.each([undefined, "identity", "Identity", " identity "])("accepts plain octets under %j", async (encoding) => {
    expect(Buffer.from(await read(Buffer.from(text), encoding)).toString()).toBe(text);
  });

  it.each(["gzip", "GZIP", " gzip"])(
    "accepts one layer of %s, and rejects a changed one with ERR_HTTP_HEADERS",
    async (encoding) => {
      const zipped = gzipSync(text);
      expect(Buffer.from(await read(zipped, encoding)).toString()).toBe(text);
      for (const wrong of [zipped.subarray(0, -1), Buffer.from(text), Buffer.alloc(0), zipped.fill(0xff, 12, 14)]) {
        await expect(read(wrong, encoding)).rejects.toThrow(refusal("ERR_HTTP_HEADERS"));
      }
    },
  );

  it.each(["br", "deflate", "gzip, gzip", "gzip, identity", "x-gzip", "compress", "", "utf-8"])(
    "rejects Content-Encoding %j with ERR_HTTP_MEDIA_TYPE, and does not read the body (K17)",
    async (encoding) => {
      let read = false;
      const body = async () => {
        read = true;
        return Buffer.from(text);
      };
      const request = { headers: [["content-encoding", encoding]], body } as unknown as ServerRequest;
      await expect(readMessageBody(request, 1_000)).rejects.toThrow(refusal("ERR_HTTP_MEDIA_TYPE"));
      expect(read).toBe(false);
    },
  );

  it("accepts a body of the limit, and rejects one octet more with ERR_HTTP_TOO_LARGE, inflated or not", async () => {
    // Not too alike, or it would grow more than a hundred times.
    const octets = (length: number) => Buffer.from(Array.from({ length }, (_, index) => (index * index) & 0x7f));
    expect(await read(octets(1_000))).toHaveLength(1_000);
    expect(await read(gzipSync(octets(1_000)), "gzip")).toHaveLength(1_000);
    await expect(read(octets(1_001))).rejects.toThrow(refusal("ERR_HTTP_TOO_LARGE"));
    await expect(read(gzipSync(octets(1_001)), "gzip")).rejects.toThrow(refusal("ERR_HTTP_TOO_LARGE"));
  });

  it("rejects a body that grows more than a hundred times with ERR_HTTP_TOO_LARGE, below the limit too", async () => {
    const bomb = gzipSync(Buffer.alloc(100_000));
    expect(bomb.length).toBeLessThan(1_000);
    await expect(read(bomb, "gzip", 1 << 20)).rejects.toThrow(refusal("ERR_HTTP_TOO_LARGE"));
  });

  it("rejects with what the reader refuses, and with ERR_INTERNAL what is no body", async () => {
    const aborted = new CountersignError("ERR_HTTP_ABORTED", { reason: "gone" });
    const failing = (error: Error) => ({ headers: [], body: () => Promise.reject(error) }) as unknown as ServerRequest;
    await expect(readMessageBody(failing(aborted), 10)).rejects.toBe(aborted);
    const cause = new RangeError("socket");
    await expect(readMessageBody(failing(cause), 10)).rejects.toMatchObject({ code: "ERR_INTERNAL", cause });
    for (const nonsense of [undefined, null, "text", [1], { length: 3 }, new ArrayBuffer(3)]) {
      await expect(read(nonsense)).rejects.toThrow(refusal("ERR_INTERNAL"));
    }
  });
});
