import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  Certificate,
  type CertificateRequest,
  createCertificateTrust,
  type IssuedCertificate,
} from "../crypto/index.js";
import { isCountersignError } from "../errors/index.js";
import {
  createTestAuthority,
  createTestOcspAnswer,
  createTestOcspError,
  createTestRevocationList,
  listAddress,
  responderAddress,
  type TestOcspAnswer,
  type TestRevocationList,
} from "../testing/index.js";
import type { RevocationOptions } from "./options.js";
import { createRevocationCheck, type RevocationCheck } from "./revocation-check.js";

const hour = 3_600_000;
const skew = 60_000;
const root = createTestAuthority({ subject: "CN=Root,O=Example" });
const middle = root.subordinate({ subject: "CN=Middle,O=Example" });
const stranger = createTestAuthority({ subject: "CN=Stranger,O=Elsewhere" });
const ocspSigning = ["1.3.6.1.5.5.7.3.9"];
const noCheck = { id: "1.3.6.1.5.5.7.48.1.5", value: Buffer.of(5, 0) };
const trust = createCertificateTrust({ authorities: [root.der], known: [middle.der] });

let server: Server;
let origin: string;
let requests: string[];
let respond: (body: Buffer, path: string) => Buffer | RequestListener;
let elapsed: number;
let now: number;

beforeEach(async () => {
  requests = [];
  elapsed = 1000;
  now = Date.now();
  server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = respond(Buffer.concat(chunks), request.url ?? "");
    if (Buffer.isBuffer(answer)) response.end(answer);
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** A certificate that names a list and a responder at the server. */
function issued(more: Partial<CertificateRequest> = {}, issuer = root): IssuedCertificate {
  const extensions = [listAddress(`${origin}/list`), responderAddress(`${origin}/ocsp`)];
  return issuer.issue({ subject: "CN=alice,O=Example", extensions, ...more });
}

const serialOf = ({ der }: { der: Buffer }) => Certificate.parse(der).serialNumber;
const listWith = (more: Partial<TestRevocationList> = {}) => createTestRevocationList({ issuer: root, ...more });
const revoking = (...of: { der: Buffer }[]) => ({
  revoked: of.map((one) => ({ serialNumber: serialOf(one), reason: 1 })),
});

function check(options: Partial<RevocationOptions> & Pick<RevocationOptions, "mode">): RevocationCheck {
  return createRevocationCheck(options as RevocationOptions, skew, "trust.revocation", { elapsed: () => elapsed });
}

const fetching = (mode: RevocationOptions["mode"], more: Partial<RevocationOptions["fetch"]> = {}) =>
  check({ mode, fetch: { allow: [origin], timeoutMilliseconds: 500, ...more } });

/** What the check says of a certificate: its status, or the code of the refusal. */
async function ask(revocation: RevocationCheck, { der }: { der: Buffer }, ...path: { der: Buffer }[]): Promise<string> {
  const certificates = [der, ...path.map((one) => one.der)].map((one) => Certificate.parse(one));
  const validated = await trust.validate(certificates, now);
  try {
    return (await revocation.require(validated, now, performance.now() + 5_000)).status;
  } catch (error) {
    return isCountersignError(error) ? error.code : String(error);
  }
}

describe("fetched lists", () => {
  it("accepts by one request for all who ask, and none while the list is current", async () => {
    const [alice, bob] = [issued(), issued({ subject: "CN=bob,O=Example" })];
    respond = () => listWith(revoking(bob));
    const revocation = fetching("crl");
    expect(await Promise.all([ask(revocation, alice), ask(revocation, bob), ask(revocation, alice)])).toEqual([
      "good",
      "ERR_TOKEN_REVOKED",
      "good",
    ]);
    for (let i = 0; i < 20; i++) expect(await ask(revocation, alice)).toBe("good");
    expect(requests).toEqual(["GET /list"]);
  });

  it("accepts the list at hand while it is asked for again behind it, and rejects by the new one", async () => {
    const alice = issued();
    respond = () => listWith({ thisUpdate: now - 2 * hour });
    const revocation = fetching("crl");
    expect(await ask(revocation, alice)).toBe("good");
    elapsed += 0.79 * hour;
    expect(await ask(revocation, alice)).toBe("good");
    expect(requests).toHaveLength(1);
    respond = () => listWith({ thisUpdate: now - hour, ...revoking(alice) });
    elapsed += 0.22 * hour;
    expect(await ask(revocation, alice)).toBe("good");
    await expect.poll(() => ask(revocation, alice)).toBe("ERR_TOKEN_REVOKED");
    expect(requests).toHaveLength(2);
  });

  it("rejects by the newer list when an older one is played back", async () => {
    const alice = issued();
    respond = () => listWith({ thisUpdate: now - hour, ...revoking(alice) });
    const revocation = fetching("crl");
    expect(await ask(revocation, alice)).toBe("ERR_TOKEN_REVOKED");
    respond = () => listWith({ thisUpdate: now - 2 * hour });
    elapsed += 2 * hour;
    expect(await ask(revocation, alice)).toBe("ERR_TOKEN_REVOKED");
    await expect.poll(() => requests.length).toBe(2);
    expect(await ask(revocation, alice)).toBe("ERR_TOKEN_REVOKED");
  });

  it("accepts a current list through an outage; then rejects with ERR_UNAVAILABLE, asking once in 30 s", async () => {
    const alice = issued();
    respond = () => listWith({ nextUpdate: now + hour });
    const revocation = fetching("crl");
    expect(await ask(revocation, alice)).toBe("good");
    respond = () => (_request, response) => response.writeHead(500).end();
    elapsed += hour;
    expect(await ask(revocation, alice)).toBe("good");
    await expect.poll(() => requests.length).toBe(2);
    now += hour + skew + 1_000;
    for (let i = 0; i < 5; i++) expect(await ask(revocation, alice)).toBe("ERR_UNAVAILABLE");
    expect(requests).toHaveLength(2);
    elapsed += 30_000;
    respond = () => listWith({ nextUpdate: now + hour });
    expect(await ask(revocation, alice)).toBe("good");
  });

  it.each<readonly [string, () => Buffer | RequestListener]>([
    ["a forged list", () => listWith({ signedWith: stranger.keyPair })],
    ["the list of another authority", () => createTestRevocationList({ issuer: stranger })],
    ["a list past its time", () => listWith({ thisUpdate: now - 3 * hour, nextUpdate: now - hour })],
    ["a list not valid yet", () => listWith({ thisUpdate: now + hour })],
    ["garbage", () => Buffer.from("<html>")],
    ["nothing", () => Buffer.alloc(0)],
    ["an error", () => (_request, response) => response.writeHead(404).end()],
    ["a redirect", () => (_request, response) => response.writeHead(302, { location: `${origin}/other` }).end()],
    ["more than 10 MiB", () => (_request, response) => flood(response)],
    ["a body without end", () => (_request, response) => void response.write("x")],
    ["no answer", () => () => undefined],
  ])("rejects with ERR_UNAVAILABLE on %s", async (_, make) => {
    const alice = issued();
    respond = make;
    const started = performance.now();
    expect(await ask(fetching("crl"), alice)).toBe("ERR_UNAVAILABLE");
    expect(performance.now() - started).toBeLessThan(4_000);
    expect(requests).toEqual(["GET /list"]);
    respond = () => listWith();
    expect(await ask(fetching("crl"), alice)).toBe("good");
  });

  it("rejects with ERR_WSS_INVALID_TOKEN, and asks nobody, where the address is of an origin that is not allowed", async () => {
    respond = () => listWith();
    const named = (address: string) => issued({ extensions: [listAddress(address)] });
    for (const address of [
      `http://localhost:${new URL(origin).port}/list`,
      `http://user:secret@${new URL(origin).host}/list`,
      `${origin}@127.0.0.2/list`,
      "file:///etc/passwd",
      "ldap://127.0.0.1/cn=list",
      "http://169.254.169.254/latest",
      `${origin}/${"x".repeat(2048)}`,
      "no address",
    ]) {
      expect(await ask(fetching("crl"), named(address))).toBe("ERR_WSS_INVALID_TOKEN");
    }
    expect(await ask(fetching("crl"), issued({ extensions: [] }))).toBe("ERR_WSS_INVALID_TOKEN");
    expect(requests).toEqual([]);
    expect(await ask(fetching("crl"), named(`${origin}/list`))).toBe("good");
  });
});

function flood(response: Parameters<RequestListener>[1]): void {
  const chunk = Buffer.alloc(1 << 20);
  const write = () => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once("drain", write);
  };
  write();
}

describe("OCSP", () => {
  const answer =
    (more: Partial<TestOcspAnswer> = {}) =>
    (body: Buffer) =>
      createTestOcspAnswer(body, { status: "good", responder: root, ...more });
  const responder = (more: Partial<CertificateRequest> = {}, by = root) =>
    by.issue({ subject: "CN=Responder,O=Example", extendedKeyUsage: ocspSigning, extensions: [noCheck], ...more });

  it("accepts good by one request, and rejects revoked with ERR_TOKEN_REVOKED", async () => {
    const [alice, bob] = [issued(), issued({ subject: "CN=bob,O=Example" })];
    respond = answer();
    const revocation = fetching("ocsp");
    expect(await Promise.all([ask(revocation, alice), ask(revocation, alice)])).toEqual(["good", "good"]);
    expect(await ask(revocation, alice)).toBe("good");
    expect(requests).toEqual(["POST /ocsp"]);
    respond = answer({ status: "revoked" });
    expect(await ask(revocation, bob)).toBe("ERR_TOKEN_REVOKED");
    expect(await ask(revocation, bob)).toBe("ERR_TOKEN_REVOKED");
    expect(requests).toHaveLength(2);
  });

  it("accepts a responder that the issuer vouches for, named by key or name", async () => {
    for (const responderId of ["key", "name"] as const) {
      respond = answer({ responder: responder(), responderId });
      expect(await ask(fetching("ocsp"), issued())).toBe("good");
    }
  });

  it("accepts an answer without nextUpdate for maxAgeSeconds, and rejects an older one with ERR_UNAVAILABLE", async () => {
    respond = answer({ nextUpdate: null, thisUpdate: now - hour / 2 });
    expect(await ask(fetching("ocsp"), issued())).toBe("good");
    expect(await ask(fetching("ocsp", { maxAgeSeconds: 600 }), issued())).toBe("ERR_UNAVAILABLE");
  });

  it("accepts the repeated nonce, and rejects an answer without it, with ERR_UNAVAILABLE", async () => {
    respond = answer();
    expect(await ask(fetching("ocsp", { nonce: true }), issued())).toBe("good");
    respond = answer({ nonce: false });
    expect(await ask(fetching("ocsp", { nonce: true }), issued())).toBe("ERR_UNAVAILABLE");
    expect(await ask(fetching("ocsp"), issued())).toBe("good");
  });

  it("rejects an old good answer played back to a request with a nonce with ERR_UNAVAILABLE", async () => {
    const alice = issued();
    let recorded: Buffer | undefined;
    respond = (body) => (recorded ??= answer()(body) as Buffer);
    expect(await ask(fetching("ocsp", { nonce: true }), alice)).toBe("good");
    expect(await ask(fetching("ocsp", { nonce: true }), alice)).toBe("ERR_UNAVAILABLE");
  });

  it("rejects unknown with ERR_WSS_INVALID_TOKEN, with softFail too", async () => {
    const alice = issued();
    respond = answer({ status: "unknown" });
    expect(await ask(fetching("ocsp"), alice)).toBe("ERR_WSS_INVALID_TOKEN");
    expect(await ask(check({ mode: "ocsp", softFail: true, fetch: { allow: [origin] } }), alice)).toBe(
      "ERR_WSS_INVALID_TOKEN",
    );
  });

  it.each<readonly [string, (body: Buffer) => Buffer | RequestListener]>([
    ["an answer about another serial number", answer({ identifier: { serialNumber: 1n } })],
    ["an answer about another issuer's name", answer({ identifier: { issuerNameHash: Buffer.alloc(20) } })],
    ["an answer about another issuer's key", answer({ identifier: { issuerKeyHash: Buffer.alloc(20) } })],
    ["an answer by another key", answer({ signedWith: stranger.keyPair })],
    ["an answer by another authority", answer({ responder: stranger })],
    ["an answer signed with SHA-1", answer({ hash: "sha1" })],
    ["an answer past its time", (body) => answer({ thisUpdate: now - 3 * hour, nextUpdate: now - hour })(body)],
    ["an answer not valid yet", (body) => answer({ thisUpdate: now + hour })(body)],
    ["a critical extension", answer({ extensions: [{ id: "1.2.3", critical: true, value: Buffer.of(5, 0) }] })],
    [
      "a responder without the extended key usage",
      (body) => answer({ responder: responder({ extendedKeyUsage: [] }) })(body),
    ],
    ["a responder of another use", (body) => answer({ responder: responder({ keyUsage: ["keyEncipherment"] }) })(body)],
    ["a responder of another authority", (body) => answer({ responder: responder({}, stranger) })(body)],
    ["a responder under an authority below", (body) => answer({ responder: responder({}, middle) })(body)],
    [
      "a responder that has expired",
      (body) => answer({ responder: responder({ notBefore: now - 10 * hour, notAfter: now - hour }) })(body),
    ],
    ["a responder that could be revoked", (body) => answer({ responder: responder({ extensions: [] }) })(body)],
    [
      "a responder whose certificate is not there",
      (body) => answer({ responder: responder(), certificates: [] })(body),
    ],
    ["tryLater", () => createTestOcspError(3)],
    ["unauthorized", () => createTestOcspError(6)],
    ["an answer without content", () => createTestOcspError(0)],
    ["the end cut off", (body) => (answer()(body) as Buffer).subarray(0, -1)],
    ["garbage", () => Buffer.from("good")],
    ["a redirect", () => (_request, response) => response.writeHead(307, { location: `${origin}/other` }).end()],
    ["more than 64 KiB", () => Buffer.alloc(65_537)],
    ["no answer", () => () => undefined],
  ])("rejects with ERR_UNAVAILABLE on %s", async (_, make) => {
    const alice = issued();
    respond = make;
    expect(await ask(fetching("ocsp"), alice)).toBe("ERR_UNAVAILABLE");
    expect(requests).toEqual(["POST /ocsp"]);
    respond = answer();
    expect(await ask(fetching("ocsp"), alice)).toBe("good");
  });
});

describe("either", () => {
  const serve =
    ({ ocsp, list }: { ocsp: (body: Buffer) => Buffer | RequestListener; list: () => Buffer | RequestListener }) =>
    (body: Buffer, path: string) =>
      path === "/ocsp" ? ocsp(body) : list();
  const down: RequestListener = (_request, response) => response.writeHead(503).end();
  const told = (status: TestOcspAnswer["status"]) => (body: Buffer) =>
    createTestOcspAnswer(body, { status, responder: root });

  it("accepts and rejects by a list at hand, else by the responder, else by a list that is fetched", async () => {
    const alice = issued();
    respond = serve({ ocsp: told("good"), list: () => listWith() });
    const atHand = check({ mode: "either", crls: [listWith(revoking(alice))], fetch: { allow: [origin] } });
    expect(await ask(atHand, alice)).toBe("ERR_TOKEN_REVOKED");
    expect(requests).toEqual([]);
    expect(await ask(fetching("either"), alice)).toBe("good");
    expect(requests).toEqual(["POST /ocsp"]);
    respond = serve({ ocsp: () => down, list: () => listWith(revoking(alice)) });
    expect(await ask(fetching("either"), alice)).toBe("ERR_TOKEN_REVOKED");
    respond = serve({ ocsp: told("unknown"), list: () => listWith() });
    expect(await ask(fetching("either"), alice)).toBe("good");
    respond = serve({ ocsp: told("revoked"), list: () => listWith() });
    expect(await ask(fetching("either"), alice)).toBe("ERR_TOKEN_REVOKED");
  });

  it("rejects with ERR_UNAVAILABLE where both are out, and where the responder does not know it and the list is out, with ERR_WSS_INVALID_TOKEN", async () => {
    const alice = issued();
    respond = serve({ ocsp: () => down, list: () => down });
    expect(await ask(fetching("either"), alice)).toBe("ERR_UNAVAILABLE");
    respond = serve({ ocsp: told("unknown"), list: () => down });
    expect(await ask(fetching("either"), alice)).toBe("ERR_WSS_INVALID_TOKEN");
  });

  it("accepts a responder that is not on its authority's list, and rejects one that is", async () => {
    const alice = issued();
    const responder = issued({ subject: "CN=Responder,O=Example", extendedKeyUsage: ocspSigning });
    const serving = (list: Buffer, status: TestOcspAnswer["status"]) =>
      serve({ ocsp: (body) => createTestOcspAnswer(body, { status, responder }), list: () => list });
    // The list covers the responder only, so that the answer alone tells about alice.
    respond = serving(listWith(), "revoked");
    expect(await ask(fetching("either"), alice)).toBe("ERR_TOKEN_REVOKED");
    respond = serving(listWith(revoking(responder)), "revoked");
    expect(await ask(fetching("either"), alice)).toBe("good");
  });
});

describe("what the record says", () => {
  const reasonOf = async (revocation: RevocationCheck, { der }: { der: Buffer }) => {
    const validated = await trust.validate([Certificate.parse(der)], now);
    const finding = await revocation.require(validated, now, performance.now() + 5_000);
    return finding.reason;
  };
  const soft = (mode: RevocationOptions["mode"]) =>
    check({ mode, softFail: true, fetch: { allow: [origin], timeoutMilliseconds: 300 } });

  it.each<readonly [string, RevocationOptions["mode"], () => Buffer | RequestListener]>([
    ["the list is not signed for CN=Root,O=Example", "crl", () => listWith({ signedWith: stranger.keyPair })],
    ["answered with status 404", "crl", () => (_request, response) => response.writeHead(404).end()],
    ["TimeoutError", "crl", () => () => undefined],
    ["the responder says tryLater", "ocsp", () => createTestOcspError(3)],
    ["UND_ERR_SOCKET", "ocsp", () => (request) => request.socket.destroy()],
  ])("accepts with softFail because %s, and rejects without it with ERR_UNAVAILABLE", async (reason, mode, make) => {
    const alice = issued();
    respond = make;
    expect(await reasonOf(soft(mode), alice)).toContain(reason);
    expect(await ask(fetching(mode), alice)).toBe("ERR_UNAVAILABLE");
  });
});

describe("softFail", () => {
  it("accepts where nobody can tell, and says why; rejects who was revoked with ERR_TOKEN_REVOKED", async () => {
    const [alice, bob] = [issued(), issued({ subject: "CN=bob,O=Example" })];
    const soft = () => check({ mode: "crl", softFail: true, fetch: { allow: [origin] } });
    respond = () => (_request, response) => response.writeHead(500).end();
    const validated = await trust.validate([Certificate.parse(alice.der)], now);
    const finding = await soft().require(validated, now, performance.now() + 5_000);
    expect(finding).toEqual({ status: "undetermined", reason: expect.stringContaining("CN=alice,O=Example") });
    expect(await ask(soft(), issued({ extensions: [] }))).toBe("undetermined");
    expect(await ask(fetching("crl"), alice)).toBe("ERR_UNAVAILABLE");
    respond = () => listWith(revoking(bob));
    expect(await ask(soft(), bob)).toBe("ERR_TOKEN_REVOKED");
  });
});

describe("deadline", () => {
  it("rejects with ERR_UNAVAILABLE when the verification's time is over, and accepts once the answer came", async () => {
    const alice = issued();
    let release = () => {};
    respond = () => (_request, response) => {
      release = () => response.end(listWith());
    };
    const revocation = fetching("crl", { timeoutMilliseconds: 5_000 });
    const validated = await trust.validate([Certificate.parse(alice.der)], now);
    await expect(revocation.require(validated, now, performance.now() + 50)).rejects.toMatchObject({
      code: "ERR_UNAVAILABLE",
    });
    release();
    await expect.poll(() => ask(revocation, alice)).toBe("good");
    expect(requests).toHaveLength(1);
  });
});
