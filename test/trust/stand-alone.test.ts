import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { allowInsecureTransport, type BrokerOptions, type ServedBroker, serve } from "@countersign/broker";
import { createClient, NodeHttpTransport } from "@countersign/client";
import { isCountersignError } from "@countersign/core";
import { createTestAuthority } from "@countersign/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import { ordersUrl, TestIdentityProvider, testBroker } from "./estate.js";

const authority = createTestAuthority({ subject: "CN=Test CA" });
const server = authority.issue({
  subject: "CN=localhost",
  alternativeNames: [{ dns: "localhost" }, { ip: "127.0.0.1" }],
});
const tls = { key: server.privateKey, certificate: server.certificate };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function served(options: Partial<BrokerOptions> = {}, secure = true): Promise<ServedBroker> {
  const { broker } = testBroker({ clock: undefined, ...options });
  const running = await serve(broker, { port: 0, tls: secure ? tls : undefined });
  closing.push(() => running.close());
  return running;
}

function requestor(
  url: string,
  ca: string = authority.certificate,
  more: Partial<Parameters<typeof createClient>[0]> = {},
) {
  const client = createClient({
    broker: { url, tls: { ca }, timeoutSeconds: 1 },
    credentials: () => ({ name: "alice", password: "wonderland" }),
    ...more,
  });
  closing.push(() => client.close());
  return client;
}

async function codeOf(pending: Promise<unknown>): Promise<string> {
  try {
    await pending;
  } catch (error) {
    if (isCountersignError(error)) return error.code;
    throw error;
  }
  return "accepted";
}

const target = { appliesTo: ordersUrl };

describe("a broker on its own", () => {
  it("accepts a client over HTTPS, and rejects one that does not know its authority", async () => {
    const { url } = await served();
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/sts$/);
    expect((await requestor(url).obtainToken(target)).xml).toContain("alice@example");
    const stranger = createTestAuthority({ subject: "CN=Other CA" });
    expect(await codeOf(requestor(url, stranger.certificate).obtainToken(target))).toBe("ERR_STS_UNREACHABLE");
  });

  it("rejects other paths, other methods, other media types and large bodies before any credential", async () => {
    const { url } = await served();
    const transport = new NodeHttpTransport({ ca: authority.certificate });
    closing.push(() => transport.close());
    const ask = (change: Partial<Parameters<typeof transport.send>[0]>) =>
      transport.send({
        url: new URL(url),
        method: "POST",
        headers: { "content-type": "application/soap+xml" },
        body: Buffer.from("<x/>"),
        timeoutMilliseconds: 2000,
        maxResponse: 65_536,
        ...change,
      });
    expect((await ask({ url: new URL("/other", url) })).status).toBe(404);
    expect(await ask({ method: "GET", body: Buffer.alloc(0) })).toMatchObject({
      status: 405,
      headers: { allow: "POST" },
    });
    expect((await ask({ headers: { "content-type": "text/plain" } })).status).toBe(415);
    expect((await ask({ body: Buffer.alloc((1 << 20) + 1, 32) })).status).toBe(413);
    expect((await ask({})).status).toBe(400);
    const { headers } = await ask({ method: "GET", body: Buffer.alloc(0) });
    expect(headers["x-correlation-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("rejects to listen without TLS with ERR_CONFIG_INSECURE, unless on loopback and with the switch", async () => {
    const { broker } = testBroker();
    await expect(serve(broker, { port: 0 })).rejects.toMatchObject({ code: "ERR_CONFIG_INSECURE", option: "tls" });
    const insecure = testBroker({ [allowInsecureTransport]: true }).broker;
    await expect(serve(insecure, { port: 0, host: "0.0.0.0" })).rejects.toMatchObject({ code: "ERR_CONFIG_INSECURE" });
    const { url } = await served({ [allowInsecureTransport]: true }, false);
    const client = requestor(url, undefined, { broker: { url }, [allowInsecureTransport]: true });
    expect((await client.obtainToken(target)).xml).toContain("alice@example");
    expect(() => requestor(url)).toThrow(/unencrypted/);
  });

  it("accepts signed replies from it, and rejects those of another signer", async () => {
    const signer = authority.issue({ subject: "CN=sts", keyType: "rsa" });
    const { url } = await served({ signing: { key: signer.privateKey, certificate: signer.certificate } });
    const broker = { url, tls: { ca: authority.certificate }, certificates: [signer.certificate], signedReplies: true };
    expect(await codeOf(requestor(url, undefined, { broker }).obtainToken(target))).toBe("accepted");
    const other = { ...broker, certificates: [server.certificate] };
    expect(await codeOf(requestor(url, undefined, { broker: other }).obtainToken(target))).toBe(
      "ERR_STS_RESPONSE_INVALID",
    );
  });

  it("closes after the requests under way", async () => {
    const identityProvider = new TestIdentityProvider();
    let release: (() => void) | undefined;
    const slow = async (name: string, password: string) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return identityProvider.authenticate(name, password);
    };
    const running = await served({ identityProvider: slow });
    const pending = requestor(running.url).obtainToken(target);
    while (release === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    const closed = running.close();
    release();
    expect((await pending).xml).toContain("alice@example");
    const started = performance.now();
    await closed;
    expect(performance.now() - started).toBeLessThan(1000);
    await running.close();
  });
});

describe("a broker that does not answer", () => {
  async function silent(onConnection: (socket: import("node:net").Socket) => void): Promise<string> {
    const listener: Server = createServer(onConnection);
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    closing.push(() => listener.close());
    const address = listener.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/sts`;
  }

  it.each<[string, (socket: import("node:net").Socket) => void]>([
    ["says nothing", () => {}],
    ["closes", (socket) => socket.destroy()],
    [
      "sends one octet a time",
      (socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/soap+xml\r\ncontent-length: 100000\r\n\r\n");
        const timer = setInterval(() => socket.write(" "), 50);
        socket.on("close", () => clearInterval(timer)).on("error", () => {});
      },
    ],
  ])("rejects one that %s with ERR_STS_UNREACHABLE, in time", async (_, onConnection) => {
    const url = await silent((socket) => {
      closing.push(() => socket.destroy());
      onConnection(socket);
    });
    const started = performance.now();
    const broker = { url, timeoutSeconds: 1 };
    expect(
      await codeOf(requestor(url, undefined, { broker, [allowInsecureTransport]: true }).obtainToken(target)),
    ).toBe("ERR_STS_UNREACHABLE");
    expect(performance.now() - started).toBeLessThan(2500);
  });

  it("rejects one that sends too much with ERR_STS_RESPONSE_INVALID, without reading it all", async () => {
    const url = await silent((socket) => {
      closing.push(() => socket.destroy());
      socket.on("error", () => {});
      socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/soap+xml\r\ncontent-length: 100000000\r\n\r\n");
      const chunk = Buffer.alloc(65_536, 32);
      const more = () => {
        if (!socket.destroyed) socket.write(chunk, more);
      };
      more();
    });
    const options = { broker: { url }, [allowInsecureTransport]: true };
    expect(await codeOf(requestor(url, undefined, options).obtainToken(target))).toBe("ERR_STS_RESPONSE_INVALID");
  });

  it("rejects a redirect with ERR_STS_RESPONSE_INVALID, and does not follow it", async () => {
    let connections = 0;
    const url = await silent((socket) => {
      connections++;
      closing.push(() => socket.destroy());
      socket.on("data", () =>
        socket.write("HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"),
      );
    });
    const options = { broker: { url }, [allowInsecureTransport]: true };
    expect(await codeOf(requestor(url, undefined, options).obtainToken(target))).toBe("ERR_STS_RESPONSE_INVALID");
    expect(connections).toBe(1);
  });
});
