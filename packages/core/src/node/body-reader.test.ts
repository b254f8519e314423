import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { BodyReader } from "./body-reader.js";

/** Sends a body to a server that looks at the request as given, and answers with what `look` found. */
async function received<T>(
  look: (request: IncomingMessage) => Promise<T>,
  body: string,
  headers: Record<string, string> = {},
): Promise<T> {
  const server = createServer().listen(0, "127.0.0.1");
  try {
    await once(server, "listening");
    const client = httpRequest({ port: (server.address() as AddressInfo).port, method: "POST", headers });
    client.on("error", () => undefined).end(body);
    const [request] = (await once(server, "request")) as [IncomingMessage];
    return await look(request);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const linesOf = ({ headers }: IncomingMessage) =>
  Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
const read = (request: IncomingMessage, limit = 100, left: readonly unknown[] = []) =>
  new BodyReader(request, linesOf(request)).read(limit, () => left);

describe("BodyReader", () => {
  it("accepts an untouched stream", async () => {
    expect((await received((request) => read(request), "body")).toString()).toBe("body");
  });

  it("accepts a paused stream that nobody has read", async () => {
    expect((await received((request) => read(request.pause()), "body")).toString()).toBe("body");
  });

  it.each<[string, (request: IncomingMessage) => unknown]>([
    ["was read in part", (request) => once(request, "data").then(() => request.pause())],
    ["is flowing to somebody", (request) => void request.on("data", () => undefined)],
    ["is decoded to text", (request) => void request.setEncoding("utf8")],
    ["has a reader waiting", (request) => void request.on("readable", () => undefined)],
    ["was thrown away", (request) => once(request.resume(), "end")],
  ])("rejects a stream that %s with ERR_HTTP_BODY_CONSUMED", async (_, touch) => {
    const look = async (request: IncomingMessage) => {
      await touch(request);
      return read(request, 100, ["body", { body: 1 }, undefined]);
    };
    await expect(received(look, "body")).rejects.toMatchObject({ code: "ERR_HTTP_BODY_CONSUMED" });
  });

  it("rejects a declared length above the limit with ERR_HTTP_TOO_LARGE without reading", async () => {
    const look = async (request: IncomingMessage) => {
      const error = await read(request, 3).catch((thrown: unknown) => thrown);
      return { error, didRead: request.readableDidRead };
    };
    expect(await received(look, "body")).toMatchObject({ error: { code: "ERR_HTTP_TOO_LARGE" }, didRead: false });
  });

  it("accepts that there is no body where somebody read an empty one, and rejects one that was announced", async () => {
    const drained = async (request: IncomingMessage) => {
      await once(request.resume(), "end");
      return read(request);
    };
    expect((await received(drained, "", { "content-length": "0" })).length).toBe(0);
    await expect(received(drained, "", { "transfer-encoding": "chunked" })).rejects.toMatchObject({
      code: "ERR_HTTP_BODY_CONSUMED",
    });
  });

  it("accepts octets once for every reader, and rejects a smaller limit with ERR_HTTP_TOO_LARGE", async () => {
    const look = async (request: IncomingMessage) => {
      const reader = new BodyReader(request, linesOf(request));
      const [first, second] = await Promise.all([reader.read(100, () => []), reader.read(100, () => [])]);
      await expect(reader.read(3, () => [])).rejects.toMatchObject({ code: "ERR_HTTP_TOO_LARGE" });
      return [first.toString(), second === first, reader.octets === first];
    };
    expect(await received(look, "body")).toEqual(["body", true, true]);
  });
});
