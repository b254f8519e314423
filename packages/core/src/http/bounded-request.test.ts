import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnswerFault, requestOctets } from "./bounded-request.js";

let respond: RequestListener;
const server = createServer((request, response) => respond(request, response));
let address: URL;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const errorOf = (fault: AnswerFault) => new Error(JSON.stringify(fault));
const ask = (timeout = 2_000) => requestOctets(address, { accept: "text/plain", maxOctets: 100, timeout }, errorOf);

describe("requestOctets", () => {
  it("accepts an answer up to the limit, and rejects one octet more", async () => {
    respond = (_request, response) => response.end(Buffer.alloc(100, 1));
    expect(await ask()).toEqual(Buffer.alloc(100, 1));
    respond = (_request, response) => response.end(Buffer.alloc(101, 1));
    await expect(ask()).rejects.toThrow(JSON.stringify({ kind: "length" }));
  });

  it.each([204, 302, 404, 500])("rejects the status %d, following nothing", async (status) => {
    let asked = 0;
    respond = (_request, response) => {
      asked++;
      response.writeHead(status, { location: `${address}elsewhere` }).end();
    };
    await expect(ask()).rejects.toThrow(JSON.stringify({ kind: "status", status }));
    expect(asked).toBe(1);
  });

  it("rejects an answer that does not come in time", async () => {
    respond = () => undefined;
    await expect(ask(100)).rejects.toMatchObject({ name: "TimeoutError" });
  });
});
