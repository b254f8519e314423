import { type GuardOptions, type RevocationOptions, x509 } from "@countersign/core";
import {
  type CertificateRequest,
  createTestAuthority,
  createTestOcspAnswer,
  createTestOcspError,
  createTestRevocationList,
  crypto,
  listAddress,
  responderAddress,
  type TestOcspAnswer,
  testKeyPair,
} from "@countersign/core/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Signer } from "../support/credentials.js";
import { x509Message } from "../support/messages.js";
import { type RevocationSource, type SourceAnswer, startRevocationSource } from "../support/revocation-source.js";
import { attack } from "./attack.js";
import { StillClock } from "./support/clock.js";
import { Route } from "./support/route.js";

/*
 * Signers whose certificates are good in themselves, while what is known of their revocation is missing, out, forged or bad news.
 */

const root = createTestAuthority({ subject: "CN=Root,O=Example" });
const stranger = createTestAuthority({ subject: "CN=Root,O=Example", keyPair: testKeyPair("ec", "another root") });
const alice = "CN=alice,O=Example";
const keyPair = testKeyPair("rsa", alice);
const hour = 3_600_000;

let source: RevocationSource;
beforeAll(async () => {
  source = await startRevocationSource();
});
afterAll(() => source.close());
beforeEach(() => {
  source.respond = () => (_request, response) => response.writeHead(503).end();
});

function issued(request: Partial<CertificateRequest> = {}): Signer {
  const extensions = [listAddress(`${source.origin}/list`), responderAddress(`${source.origin}/ocsp`)];
  return { ...keyPair, certificate: root.issue({ subject: alice, keyPair, extensions, ...request }).der };
}

const serialOf = ({ certificate }: Signer) => crypto.Certificate.parse(certificate).serialNumber;
const list = (...revoked: Signer[]) =>
  createTestRevocationList({
    issuer: root,
    revoked: revoked.map((one) => ({ serialNumber: serialOf(one), reason: 1 })),
  });
const answer =
  (more: Partial<TestOcspAnswer> = {}) =>
  (body: Buffer) =>
    createTestOcspAnswer(body, { status: "good", responder: root, ...more });

const routeWith = (revocation: RevocationOptions, more: Partial<GuardOptions> = {}) =>
  new Route({ trust: { authorities: [root.der], revocation }, accept: [x509({ subjects: [alice] })], ...more });
const fetching = (mode: RevocationOptions["mode"], more: Partial<RevocationOptions["fetch"]> = {}) =>
  routeWith({ mode, fetch: { allow: [source.origin], timeoutMilliseconds: 400, ...more } });
const message = (signer: Signer) => x509Message({ signer });
const sent = (signer: Signer) => ({ soap: "1.1" as const, body: message(signer).bytes });

describe("lists", () => {
  attack("F6", "no list of the issuer", async () => {
    const signer = issued();
    await routeWith({ mode: "crl", crls: [list()] }).admits(message(signer));
    const foreign = createTestRevocationList({ issuer: createTestAuthority({ subject: "CN=Other,O=Example" }) });
    return routeWith({ mode: "crl", crls: [foreign] }).refuses(sent(signer));
  });

  attack("F6", "a signer who is on the list", async () => {
    const [good, revoked] = [issued(), issued()];
    const route = routeWith({ mode: "crl", crls: [list(revoked)] });
    await route.admits(message(good));
    return route.refuses(sent(revoked));
  });

  attack("F6", "a forged list, by another authority of the same name", async () => {
    const signer = issued();
    await routeWith({ mode: "crl", crls: [list()] }).admits(message(signer));
    const forged = createTestRevocationList({ issuer: root, signedWith: stranger.keyPair });
    return routeWith({ mode: "crl", crls: [forged] }).refuses(sent(signer));
  });

  attack("F6", "a list past its time", async () => {
    const signer = issued();
    await routeWith({ mode: "crl", crls: [list()] }).admits(message(signer));
    const now = Date.now();
    const old = createTestRevocationList({ issuer: root, thisUpdate: now - 3 * hour, nextUpdate: now - hour });
    return routeWith({ mode: "crl", crls: [old] }).refuses(sent(signer));
  });

  const answers: Readonly<Record<string, () => SourceAnswer>> = {
    "that is down": () => (_request, response) => response.writeHead(503).end(),
    "that sends a forged list": () => createTestRevocationList({ issuer: root, signedWith: stranger.keyPair }),
    "that redirects": () => (_request, response) => response.writeHead(302, { location: `${source.origin}/x` }).end(),
    "that sends a body without end": () => (_request, response) => void response.write("x"),
    "that sends 11 MiB": () => Buffer.alloc(11 << 20),
  };
  for (const [title, respond] of Object.entries(answers)) {
    attack("F6", `a source ${title}`, async (expect) => {
      const signer = issued();
      source.respond = () => list();
      await fetching("crl").admits(message(signer));
      source.respond = respond;
      const before = source.requests.length;
      const { verdict, milliseconds } = await fetching("crl").refusal(sent(signer));
      expect(source.requests.slice(before)).toEqual(["GET /list"]);
      return { verdict, milliseconds };
    });
  }

  attack("F6", "addresses of origins that are not allowed: nothing is fetched", async (expect) => {
    source.respond = () => list();
    const route = fetching("crl");
    await route.admits(message(issued()));
    const before = source.requests.length;
    const elsewhere = source.origin.replace("127.0.0.1", "localhost");
    const verdict = await route.refuses(sent(issued({ extensions: [listAddress(`${elsewhere}/list`)] })));
    expect(source.requests.slice(before)).toEqual([]);
    return verdict;
  });

  attack("F6", "a stranger's certificate that names an allowed address: nothing is fetched for it", async (expect) => {
    source.respond = () => list();
    const route = fetching("crl");
    await route.admits(message(issued()));
    const before = source.requests.length;
    const extensions = [listAddress(`${source.origin}/other`)];
    const forged = { ...keyPair, certificate: stranger.issue({ subject: alice, keyPair, extensions }).der };
    expect(await route.refuses(sent(forged))).toBe("FC");
    // Nor where the certificate is genuine and the signature is not.
    const signer = issued({ extensions });
    const other = testKeyPair("rsa", "CN=mallory,O=Example");
    expect(await route.refuses(sent({ ...other, certificate: signer.certificate }))).toBe("FC");
    expect(source.requests.slice(before)).toEqual([]);
    source.respond = () => list(signer);
    return route.refuses(sent(signer));
  });
});

describe("OCSP answers", () => {
  const responder = (more: Partial<CertificateRequest>) =>
    root.issue({
      subject: "CN=Responder,O=Example",
      extendedKeyUsage: ["1.3.6.1.5.5.7.3.9"],
      extensions: [{ id: "1.3.6.1.5.5.7.48.1.5", value: Buffer.of(5, 0) }],
      ...more,
    });
  const answers: Readonly<Record<string, (body: Buffer) => SourceAnswer>> = {
    "that revokes": answer({ status: "revoked" }),
    "that does not know the certificate": answer({ status: "unknown" }),
    "about another serial number": answer({ identifier: { serialNumber: 1n } }),
    "about another issuer": answer({ identifier: { issuerNameHash: Buffer.alloc(20) } }),
    "about another issuer's key": answer({ identifier: { issuerKeyHash: Buffer.alloc(20) } }),
    "by another authority of the same name": answer({ responder: stranger }),
    "by a responder without the extended key usage": (body) =>
      answer({ responder: responder({ extendedKeyUsage: ["1.3.6.1.5.5.7.3.2"] }) })(body),
    "by the signer itself": (body) => answer({ responder: { der: issued().certificate, keyPair } })(body),
    "of an hour ago": (body) => answer({ thisUpdate: Date.now() - 2 * hour, nextUpdate: Date.now() - hour })(body),
    "to try later": () => createTestOcspError(3),
    "of 65 KiB": () => Buffer.alloc(66_560),
    "without end": () => (_request, response) => void response.write("x"),
    "from elsewhere": () => (_request, response) => response.writeHead(307, { location: `${source.origin}/x` }).end(),
  };
  for (const [title, respond] of Object.entries(answers)) {
    attack("F6", `an answer ${title}`, async (expect) => {
      const signer = issued();
      source.respond = answer({ responder: responder({}) });
      await fetching("ocsp").admits(message(signer));
      source.respond = respond;
      const before = source.requests.length;
      const verdict = await fetching("ocsp").refuses(sent(signer));
      expect(source.requests.slice(before)).toEqual(["POST /ocsp"]);
      return verdict;
    });
  }

  attack("F6", "an old good answer played back", async () => {
    const signer = issued();
    let recorded: Buffer | undefined;
    source.respond = (body) => (recorded ??= answer()(body));
    const route = () => fetching("ocsp", { nonce: true });
    await route().admits(message(signer));
    return route().refuses(sent(signer));
  });
});

describe("what is kept", () => {
  attack("F6", "a signer revoked while the path is still kept", async (expect) => {
    const clock = new StillClock();
    const signer = issued();
    const at = (seconds: number) => clock.at(seconds).getTime();
    const route = routeWith({ mode: "ocsp", fetch: { allow: [source.origin] } }, { clock });
    source.respond = answer({ thisUpdate: at(0), nextUpdate: at(30) });
    await route.admits(x509Message({ signer, now: clock.at(0) }));
    const before = source.requests.length;
    source.respond = answer({ status: "revoked", thisUpdate: at(100), nextUpdate: at(200) });
    clock.pass(80);
    await route.admits(x509Message({ signer, now: clock.at(0) }));
    expect(source.requests).toHaveLength(before);
    clock.pass(20);
    return route.refuses({ soap: "1.1", body: x509Message({ signer, now: clock.at(0) }).bytes });
  });

  it("accepts a hundred messages by one request, with what was found in the record", async () => {
    const signer = issued();
    source.respond = () => list();
    const route = fetching("crl");
    const before = source.requests.length;
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => route.send(sent(signer))));
    expect(outcomes.map(({ record }) => [record?.outcome, record?.revocation])).toEqual(
      Array.from({ length: 100 }, () => ["admitted", { status: "good", reason: undefined }]),
    );
    expect(source.requests.slice(before)).toEqual(["GET /list"]);
  });

  it("accepts with softFail what nobody can tell, and records why; rejects without it, and who was revoked", async () => {
    const signer = issued();
    const soft = () => routeWith({ mode: "crl", softFail: true, fetch: { allow: [source.origin] } });
    const { record } = await soft().send(sent(signer));
    expect(record).toMatchObject({
      outcome: "admitted",
      revocation: { status: "undetermined", reason: expect.stringContaining("no revocation list was had from") },
    });
    expect(await fetching("crl").refuses(sent(signer))).toBe("503");
    source.respond = () => list(signer);
    const { record: revoked } = await soft().refusal(sent(signer));
    expect(revoked.error?.code).toBe("ERR_TOKEN_REVOKED");
  });

  it("accepts a listed certificate without asking, and rejects the same certificate under its authority", async () => {
    const signer = issued();
    const trust = { authorities: [root.der], certificates: [signer.certificate] };
    const revocation: RevocationOptions = { mode: "crl", crls: [list(signer)] };
    const route = (listed: Partial<typeof trust>) =>
      new Route({
        trust: { authorities: trust.authorities, ...listed, revocation },
        accept: [x509({ subjects: [alice] })],
      });
    const { record } = await route(trust).send(sent(signer));
    expect(record).toMatchObject({ outcome: "admitted", revocation: { status: "listed" } });
    expect(await route({}).refuses(sent(signer))).toBe("IT");
  });
});
