import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isCountersignError } from "../../errors/index.js";
import { testKeyPair } from "../../testing/index.js";
import { RemoteKeySet, type RemoteKeySetSettings } from "./remote-key-set.js";

const [one, two] = [testKeyPair("ec", "1"), testKeyPair("ec", "2")];
const jwk = (pair: typeof one, more: object = {}) => ({ ...pair.publicKey.export({ format: "jwk" }), ...more });
const setOf = (...keys: object[]) => JSON.stringify({ keys });
const k1 = jwk(one, { kid: "k1", alg: "ES256", use: "sig" });
const k2 = jwk(two, { kid: "k2" });

let server: Server;
let respond: RequestListener;
let requests: number;
let elapsed: number;

const body =
  (text: string): RequestListener =>
  (_request, response) =>
    response.end(text);
const failing: RequestListener = (_request, response) => response.writeHead(500).end();

beforeEach(async () => {
  requests = 0;
  elapsed = 1000;
  respond = body(setOf(k1));
  server = createServer((request, response) => {
    requests++;
    respond(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function keySet(settings: RemoteKeySetSettings = {}): RemoteKeySet {
  const { port } = server.address() as AddressInfo;
  return new RemoteKeySet(`http://127.0.0.1:${port}/keys`, new Set(["ES256", "RS256"]), "keys.jwks", {
    elapsed: () => elapsed,
    ...settings,
  });
}

/** Ids of the keys found, or the code of the refusal. */
async function find(set: RemoteKeySet, keyId = "k1"): Promise<string> {
  try {
    return (await set.find("ES256", keyId === "any" ? undefined : keyId)).map((key) => key.keyId ?? "-").join();
  } catch (error) {
    return isCountersignError(error) ? error.code : String(error);
  }
}

describe("RemoteKeySet", () => {
  it("accepts the published keys, read once for all who ask, and not before somebody does", async () => {
    const set = keySet();
    expect(requests).toBe(0);
    expect(await Promise.all([find(set), find(set), find(set)])).toEqual(["k1", "k1", "k1"]);
    expect(await find(set, "any")).toBe("k1");
    expect(requests).toBe(1);
    // Once they are there, the answer is at hand.
    expect(set.find("ES256", "k1")).toHaveLength(1);
  });

  it("accepts new keys after 10 minutes, and no longer the old ones", async () => {
    const set = keySet();
    expect(await find(set)).toBe("k1");
    respond = body(setOf(k2));
    elapsed += 599_999;
    expect(await find(set)).toBe("k1");
    elapsed += 1;
    expect(await find(set)).toBe("");
    expect(await find(set, "k2")).toBe("k2");
    expect(requests).toBe(2);
  });

  it("accepts FM5 a new kid by ONE reading, at most every 30 s", async () => {
    const set = keySet();
    expect(await find(set)).toBe("k1");
    respond = body(setOf(k1, k2));
    expect(await find(set, "k2")).toBe("");
    expect(requests).toBe(1);
    elapsed += 30_000;
    expect(await Promise.all([find(set, "k2"), find(set, "k2"), find(set, "nobody")])).toEqual(["k2", "k2", ""]);
    expect(requests).toBe(2);
    for (let i = 0; i < 20; i++) expect(await find(set, `random${i}`)).toBe("");
    expect(requests).toBe(2);
  });

  it("rejects FM1 with ERR_UNAVAILABLE where the keys were never read, and asks again only after 30 s", async () => {
    respond = failing;
    const set = keySet();
    expect(await Promise.all([find(set), find(set)])).toEqual(["ERR_UNAVAILABLE", "ERR_UNAVAILABLE"]);
    expect(await find(set)).toBe("ERR_UNAVAILABLE");
    expect(requests).toBe(1);
    respond = body(setOf(k1));
    elapsed += 29_999;
    expect(await find(set)).toBe("ERR_UNAVAILABLE");
    elapsed += 1;
    expect(await find(set)).toBe("k1");
    expect(requests).toBe(2);
  });

  it("accepts keys up to an hour old while they cannot be read anew, and rejects older ones with ERR_UNAVAILABLE", async () => {
    const set = keySet();
    expect(await find(set)).toBe("k1");
    respond = failing;
    elapsed += 3_599_999;
    expect(await find(set)).toBe("k1");
    expect(requests).toBe(2);
    expect(await find(set)).toBe("k1");
    expect(requests).toBe(2);
    elapsed += 1;
    expect(await find(set)).toBe("ERR_UNAVAILABLE");
  });

  it("lets nobody wait in a known outage who need not", async () => {
    const set = keySet();
    expect(await find(set)).toBe("k1");
    respond = failing;
    elapsed += 600_000;
    expect(await find(set)).toBe("k1");
    respond = () => {};
    elapsed += 30_000;
    expect(await find(set)).toBe("k1");
    await expect.poll(() => requests).toBe(3);
  });

  it("rejects an unknown kid in an outage with ERR_UNAVAILABLE: the key may be new", async () => {
    const set = keySet();
    expect(await find(set)).toBe("k1");
    respond = failing;
    elapsed += 30_000;
    expect(await find(set, "k2")).toBe("ERR_UNAVAILABLE");
    expect(await find(set, "k2")).toBe("ERR_UNAVAILABLE");
    expect(await find(set)).toBe("k1");
    expect(requests).toBe(2);
    respond = body(setOf(k1));
    elapsed += 30_000;
    expect(await find(set, "k2")).toBe("");
  });

  it.each<[string, RequestListener]>([
    [
      "a redirect, which is not followed",
      (request, response) =>
        request.url === "/keys" ? response.writeHead(302, { location: "/other" }).end() : response.end(setOf(k1)),
    ],
    ["404", (_request, response) => response.writeHead(404).end(setOf(k1))],
    ["201", (_request, response) => response.writeHead(201).end(setOf(k1))],
    ["an empty answer", body("")],
    ["HTML", body("<html/>")],
    ["no set", body(JSON.stringify([k1]))],
    ["a set without keys", body(setOf())],
    ["keys that are no list", body('{"keys":{}}')],
    ["a set with a member twice", body(setOf(k1).replace("{", '{"keys":[],'))],
    ["101 keys", body(setOf(...Array<object>(101).fill(k1)))],
    ["more than 256 KiB", body(setOf(k1, { kty: "x", pad: "a".repeat(262_144) }))],
    [
      "an endless answer",
      (_request, response) => {
        const timer = setInterval(() => response.write("x".repeat(65_536)), 1);
        response.on("close", () => clearInterval(timer));
      },
    ],
    ["a connection that breaks", (request) => request.socket.destroy()],
    [
      "a body that breaks",
      (_request, response) => {
        response.writeHead(200, { "content-length": "1000" }).write("{");
        response.destroy();
      },
    ],
    ["only private keys", body(setOf({ ...one.privateKey.export({ format: "jwk" }), kid: "k1" }))],
    ["only secrets", body(setOf({ kty: "oct", k: "AAAA", kid: "k1" }))],
    ["only keys for encryption", body(setOf({ ...k1, use: "enc" }))],
    ["only keys for signing with", body(setOf({ ...k1, key_ops: ["sign"] }))],
    ["only keys for another algorithm", body(setOf({ ...k1, alg: "ES384" }))],
    ["only keys with a kid that is no text", body(setOf({ ...k1, kid: 1 }))],
    ["only keys that cannot be read", body(setOf({ ...k1, x: "AAAA" }))],
  ])("rejects %s with ERR_UNAVAILABLE", async (_name, listener) => {
    respond = listener;
    expect(await find(keySet())).toBe("ERR_UNAVAILABLE");
    expect(requests).toBe(1);
  });

  it("passes over keys that it cannot use and accepts the others", async () => {
    respond = body(
      setOf({ kty: "unknown" }, 7 as unknown as object, { ...k1, x: "AAAA" }, { ...k2, key_ops: ["verify"] }, k1),
    );
    expect(await find(keySet(), "any")).toBe("k2,k1");
  });

  it.each<[string, RequestListener]>([
    ["headers", () => {}],
    ["a body", (_request, response) => void response.write("{")],
  ])("rejects FM2 an address that lets it wait for %s with ERR_UNAVAILABLE", async (_name, listener) => {
    respond = listener;
    expect(await find(keySet({ timeout: 100 }))).toBe("ERR_UNAVAILABLE");
  });

  it("tells audit why, and callers nothing", async () => {
    respond = failing;
    const refusal = await Promise.resolve(keySet().find("ES256", "k1")).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      message: "A service this one depends on is not available.",
      cause: { message: "the answer has status 500" },
    });
  });
});
