import type { Endpoint, ServerRequest } from "@countersign/core/adapter";
import request from "supertest";
import { expect } from "vitest";
import type { Case } from "../case.js";

function endpoint(script: (request: ServerRequest) => void = () => undefined) {
  const requests: ServerRequest[] = [];
  const bodies: Buffer[] = [];
  const it: Endpoint = {
    async handle(received) {
      requests.push(received);
      script(received);
      bodies.push(Buffer.from(await received.body(100)));
      return {
        status: 202,
        headers: { "content-type": "application/soap+xml", "x-exact": "1", "x-correlation-id": "own" },
        body: Buffer.from("<r/>"),
      };
    },
    close: async () => undefined,
  };
  return { requests, bodies, endpoint: it };
}

export const endpointCases: readonly Case[] = [
  [
    "accepts requests for a mounted endpoint and writes its replies as they stand, and rejects elsewhere",
    async (start) => {
      const { requests, bodies, endpoint: broker } = endpoint();
      const { server } = await start({ endpoint: { path: "/sts", endpoint: broker } });
      for (const [path, type] of [
        ["/sts?wsdl", "text/xml"],
        ["/sts/below", "application/x-unheard-of"],
      ] as const) {
        const reply = await request(server)
          .post(path)
          .set("content-type", type)
          .send(Buffer.from("\u00e9\r\n"))
          .buffer(true);
        expect(reply.status).toBe(202);
        expect(reply.headers).toMatchObject({
          "content-type": "application/soap+xml",
          "x-exact": "1",
          "x-correlation-id": "own",
          "content-length": "4",
        });
      }
      expect((await request(server).get("/sts")).status).toBe(202);
      expect((await request(server).post("/other").send("x")).status).toBe(404);
      expect(requests.map(({ method, target }) => `${method} ${target}`)).toEqual([
        "POST /sts?wsdl",
        "POST /sts/below",
        "GET /sts",
      ]);
      expect(bodies.map((octets) => octets.toString())).toEqual(["\u00e9\r\n", "\u00e9\r\n", ""]);
    },
  ],
  [
    "rejects with a bare 500 where an endpoint fails: nothing of the failure goes out, nor to the framework's error handling",
    async (start) => {
      const { endpoint: broken } = endpoint(() => {
        throw new RangeError("a defect of the endpoint");
      });
      const { server, errors } = await start({ endpoint: { path: "/sts", endpoint: broken } });
      const reply = await request(server).post("/sts").type("text/xml").send("<a/>");
      expect([reply.status, reply.text]).toEqual([500, ""]);
      expect(reply.headers["x-correlation-id"]).toMatch(/^[0-9a-f-]{36}$/);
      expect(errors).toEqual([]);
    },
  ],
  [
    "rejects a body above an endpoint's limit with ERR_HTTP_TOO_LARGE",
    async (start) => {
      const thrown: unknown[] = [];
      const { endpoint: inner } = endpoint();
      const broker: Endpoint = {
        ...inner,
        handle: (received) =>
          inner.handle(received).catch((error: unknown) => {
            thrown.push(error);
            return { status: 413, headers: {} };
          }),
      };
      const { server } = await start({ endpoint: { path: "/sts", endpoint: broker } });
      await request(server).post("/sts").type("text/xml").send("x".repeat(101)).expect(413);
      await request(server).post("/sts").type("text/xml").send("x".repeat(100)).expect(202);
      expect(thrown).toMatchObject([{ code: "ERR_HTTP_TOO_LARGE" }]);
    },
  ],
];
