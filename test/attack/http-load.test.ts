import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { createTestCertificate } from "@countersign/core/testing";
import { describe } from "vitest";
import { attack } from "./attack.js";
import { contentType, frameworks, genuineMessage, head, type Service, served } from "./support/service.js";

/*
 * Requests that want to be more than they are: bodies that inflate, and requests without an end.
 */

const gz = ["Content-Encoding: gzip"];

for (const framework of frameworks) {
  describe(framework.name, () => {
    const admitsGzip = async (service: Service, expect: Parameters<Service["admits"]>[0]) => {
      const { bytes, soap } = genuineMessage();
      const answer = await service.post(gzipSync(bytes), [contentType(soap), ...gz]);
      expect([answer.status, service.seen.length]).toEqual([200, 1]);
    };
    for (const [title, body] of [
      ["zeros without end", () => gzipSync(Buffer.alloc(50_000_000))],
      [
        "one octet more than the limit",
        () =>
          gzipSync(
            Buffer.concat([genuineMessage().bytes, Buffer.alloc((1 << 20) + 1 - genuineMessage().bytes.length, " ")]),
            { level: 1 },
          ),
      ],
      [
        "more than a hundred times, within the limit",
        () => gzipSync(Buffer.concat([genuineMessage().bytes, Buffer.alloc(900_000, " ")]), { level: 9 }),
      ],
      ["two members", () => Buffer.concat([gzipSync(Buffer.alloc(900_000)), gzipSync(Buffer.alloc(900_000))])],
    ] as const) {
      attack(
        "K17",
        `gzip: ${title}`,
        served(framework, {}, async (service, expect) => {
          await admitsGzip(service, expect);
          const bomb = body();
          const before = process.memoryUsage().rss;
          const answer = await service.post(bomb, [contentType("1.1"), ...gz]);
          expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
          return service.refused(expect, answer, 1);
        }),
      );
    }
    attack(
      "K17",
      "other and nested codings",
      served(framework, {}, async (service, expect) => {
        await admitsGzip(service, expect);
        const bytes = () => genuineMessage().bytes;
        for (const [coding, body] of [
          ["br", brotliCompressSync(bytes())],
          ["deflate", deflateSync(bytes())],
          ["gzip, gzip", gzipSync(gzipSync(bytes()))],
          ["gzip,identity", gzipSync(bytes())],
          ["x-gzip", gzipSync(bytes())],
          ["zstd", bytes()],
          ["", gzipSync(bytes())],
          ["*", bytes()],
        ] as const) {
          const answer = await service.post(body, [contentType("1.1"), `Content-Encoding: ${coding}`]);
          expect([coding, service.refused(expect, answer, 1)]).toEqual([
            coding,
            coding === "" ? expect.toBeOneOf(["400", "415"]) : "415",
          ]);
        }
        for (const broken of [gzipSync(bytes()).subarray(0, -9), bytes(), Buffer.alloc(0), gzipSync(Buffer.alloc(0))]) {
          expect(service.refused(expect, await service.post(broken, [contentType("1.1"), ...gz]), 1)).toBe("400");
        }
        return "415" as const;
      }),
    );

    const { privateKey, certificate } = createTestCertificate({ subject: "CN=orders.example" });
    // Node looks after its connections so often; the times are those of a server in a hurry.
    const hurried = {
      key: privateKey,
      cert: certificate,
      headersTimeout: 300,
      requestTimeout: 600,
      connectionsCheckingInterval: 50,
    };
    const startOf = (octets: number) => head("POST", "/orders", [contentType("1.1"), `Content-Length: ${octets}`]);
    const started = startOf(10_000);
    const chunked = head("POST", "/orders", [contentType("1.1"), "Transfer-Encoding: chunked"]);
    for (const [title, first, drip] of [
      ["headers that never end", "POST /orders HTTP/1.1\r\nHost: a\r\n", "X-Slow: 1\r\n"],
      ["a body that trickles", started, "x"],
      ["a body that never comes", started, ""],
      ["chunks without an end", chunked, "1\r\n \r\n"],
    ] as const) {
      attack(
        "K24",
        title,
        served(framework, { tls: hurried }, async (service, expect) => {
          const good = await open(service.port);
          const message = genuineMessage();
          good.write(startOf(message.bytes.length));
          good.write(message.bytes);
          await until(() => received(good).includes("handled"));
          expect(service.seen.length).toBe(1);
          const slow = await open(service.port);
          slow.write(first);
          const dripping = setInterval(() => slow.writable && drip !== "" && slow.write(drip), 20);
          const ended = await Promise.race([
            once(slow, "close").then(() => true),
            new Promise((resolve) => setTimeout(resolve, 8_000, false)),
          ]);
          clearInterval(dripping);
          for (const socket of [good, slow]) socket.destroy();
          expect([ended, service.seen.length]).toEqual([true, 1]);
          expect(received(slow)).not.toContain("200 OK");
          return "holds" as const;
        }),
      );
    }
  });
}

const texts = new WeakMap<TLSSocket, string>();
const received = (socket: TLSSocket): string => texts.get(socket) ?? "";

async function open(port: number): Promise<TLSSocket> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  socket.on("data", (octets) => texts.set(socket, received(socket) + octets.toString("latin1")));
  // A reset is one way of being cut off.
  socket.on("error", () => undefined);
  await once(socket, "secureConnect");
  return socket;
}

async function until(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400 && !done(); turn++) await new Promise((resolve) => setTimeout(resolve, 10));
}
