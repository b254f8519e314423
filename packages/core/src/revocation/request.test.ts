import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SourceRequests } from "./request.js";

let respond: RequestListener;
let seen = 0;
const server = createServer((request, response) => {
  seen++;
  respond(request, response);
});
let address: URL;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const wanted = { accept: "application/pkix-crl", maxOctets: 100 };

describe("SourceRequests", () => {
  it("accepts what is posted and answered as it is, up to the limit, and rejects one octet more", async () => {
    respond = (request, response) => request.pipe(response);
    const requests = new SourceRequests(2_000);
    const post = (octets: number) =>
      requests.request(address, { ...wanted, body: Buffer.alloc(octets, 7), contentType: "application/ocsp-request" });
    expect(await post(100)).toEqual(Buffer.alloc(100, 7));
    await expect(post(101)).rejects.toThrow("more than 100 octets");
  });

  it("rejects a body that comes too slowly when the time is over", async () => {
    respond = (_request, response) => {
      const timer = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(timer));
    };
    const started = performance.now();
    await expect(new SourceRequests(200).request(address, wanted)).rejects.toMatchObject({ name: "TimeoutError" });
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  it("accepts 50 requests at a time, and rejects more until some are answered", async () => {
    const held: (() => void)[] = [];
    respond = (_request, response) => held.push(() => response.end("list"));
    const requests = new SourceRequests(10_000);
    seen = 0;
    const all = Array.from({ length: 50 }, () => requests.request(address, wanted));
    await expect(requests.request(address, wanted)).rejects.toThrow("50 requests are under way");
    await expect.poll(() => held.length, { timeout: 10_000 }).toBe(50);
    for (const answer of held.splice(0)) answer();
    expect((await Promise.all(all)).map(String)).toEqual(Array.from({ length: 50 }, () => "list"));
    respond = (_request, response) => response.end("more");
    expect(String(await requests.request(address, wanted))).toBe("more");
    expect(seen).toBe(51);
  });
});
