import { EventEmitter, once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { AuditEvent } from "../audit/index.js";
import { Certificate, loadPrivateKey } from "../crypto/index.js";
import { has, jwt, usernameToken, x509 } from "../policy/index.js";
import { InMemoryReplayCache, type ReplayCache } from "../state/index.js";
import { createTestAuthority } from "../testing/index.js";
import { issueJwt } from "../tokens/jwt/index.js";
import { issueUsernameToken } from "../tokens/username/index.js";
import { issueBinarySecurityToken } from "../tokens/x509/index.js";
import { secureMessage } from "../wss/index.js";
import { createGuard } from "./create-guard.js";
import type { GuardOptions } from "./options.js";
import type { Guard, ServerReply, ServerRequest, Verdict } from "./seam.js";

/*
 * A fault at every place where the guard waits for, or calls, somebody else (FM22, L21). Whatever happens there, nobody is
 * admitted, nothing is reserved before the verdict, the answer is the one of its kind, and the audit record says what failed.
 */

const origin = "https://orders.example";
const deadlineMilliseconds = 80;
const order = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><o/></s:Body></s:Envelope>';
const authority = createTestAuthority({ subject: "CN=authority" });
const clerk = authority.issue({ subject: "CN=clerk" });
const key = loadPrivateKey(clerk.keyPair.privateKey, "key");

const secret = "the-secret-of-a-store";
const faults: Readonly<Record<"throws" | "rejects" | "never answers", () => never>> = {
  throws: () => {
    throw new RangeError(secret);
  },
  rejects: () => Promise.reject(new RangeError(secret)) as never,
  "never answers": () => new Promise(() => undefined) as never,
};
type FaultName = keyof typeof faults;
const faultNames = Object.keys(faults) as FaultName[];

/** A message, as the guard gets it from an adapter. */
function post(envelope: Uint8Array, change: Partial<ServerRequest> = {}): ServerRequest {
  return {
    method: "POST",
    target: "/",
    headers: [["content-type", "application/soap+xml; charset=utf-8"]],
    body: async () => envelope,
    transport: { encrypted: true, remoteAddress: "192.0.2.7" },
    signal: new AbortController().signal,
    ...change,
  };
}

const passwordMessage = (as: "text" | "digest", password = "wonderland", now = Date.now()): Uint8Array =>
  secureMessage(order, { tokens: [issueUsernameToken({ name: "alice", password, as, now }).xml] }).envelope;

function signedMessage(): Uint8Array {
  const token = issueBinarySecurityToken([Certificate.parse(clerk.der)]);
  const reference = { by: "token", id: token.id } as const;
  return secureMessage(order, {
    tokens: [token.xml],
    signatures: [{ key, reference, parts: ["body", "timestamp"] }],
  }).envelope;
}

/** A guard, what it wrote to audit, and how often it reserved something. */
function observed(options: Partial<GuardOptions> & Pick<GuardOptions, "accept">) {
  const records: AuditEvent[] = [];
  const cache = new InMemoryReplayCache();
  const replay = { reserve: vi.fn<ReplayCache["reserve"]>((entries) => cache.reserve(entries)) };
  const guard = createGuard({
    origin,
    replay,
    audit: (event) => void records.push(event),
    limits: { deadlineMilliseconds },
    ...options,
  });
  return { guard, records, replay };
}

const passwords = (verify: unknown, more: Partial<GuardOptions> = {}) =>
  observed({ accept: [usernameToken({ verify: verify as () => boolean, over: "transport" })], ...more });
const digests = (lookUp: unknown, more: Partial<GuardOptions> = {}) =>
  observed({ accept: [usernameToken({ secret: lookUp as () => string, over: "transport" })], ...more });
const certificates = (given: { account?: unknown; subject?: unknown }) =>
  observed({
    trust: { authorities: [authority.certificate] },
    accept: [
      x509({
        subjects: [(given.subject ?? (() => true)) as () => boolean],
        account: given.account as (() => boolean) | undefined,
      }),
    ],
  });

const text = (reply: ServerReply): string => Buffer.from(reply.body ?? []).toString();

/** The fixed answers: what a caller sees, apart from the correlation id. */
const answers = {
  refused: { status: 400, text: "The security check failed." },
  unavailable: { status: 503, text: "A service this one depends on is not available." },
  internal: { status: 500, text: "An internal error occurred." },
};

/** The one answer of a kind: the same octets whatever failed, with nothing in it of what did. */
function expectAnswer(verdict: Verdict, kind: keyof typeof answers): ServerReply {
  if (verdict.kind !== "answered") throw new TypeError(`the verdict is ${verdict.kind}`);
  const { reply } = verdict;
  expect(reply.status).toBe(answers[kind].status);
  expect(text(reply)).toContain(answers[kind].text);
  expect(text(reply)).not.toContain(secret);
  expect(reply.headers["retry-after"]).toBe(kind === "unavailable" ? "5" : undefined);
  const known = bodies.get(kind) ?? text(reply);
  bodies.set(kind, known);
  expect(text(reply)).toBe(known);
  return reply;
}
const bodies = new Map<string, string>();

/** One record, of a refusal, with exactly this reason and nothing of the cause. */
function expectRecord(records: readonly AuditEvent[], code: string, reason: RegExp): void {
  expect(records).toHaveLength(1);
  expect(records[0]).toMatchObject({ outcome: "refused", error: { code } });
  expect(records[0]?.error?.reason).toMatch(reason);
  expect(JSON.stringify(records)).not.toContain(secret);
}

/** Sends a message to a guard at whose side something fails; once that is mended the same message is admitted. */
async function expectOutage(
  make: (callback: () => unknown) => ReturnType<typeof observed>,
  message: Uint8Array,
  { fault, reason, healthy }: { fault: FaultName; reason: RegExp; healthy: unknown },
): Promise<void> {
  let fails = true;
  const { guard, records, replay } = make(() => (fails ? faults[fault]() : healthy));
  expectAnswer(await guard.admit(post(message)), "unavailable");
  expectRecord(records, "ERR_UNAVAILABLE", reason);
  expect(replay.reserve).not.toHaveBeenCalled();
  fails = false;
  expect(await guard.admit(post(message))).toMatchObject({ kind: "admitted" });
}

const outageReason = (fault: FaultName, failed: string, late: string): RegExp =>
  new RegExp(fault === "never answers" ? `^${late} did not answer within \\d+ ms$` : `^${failed}$`);

describe("a store that is asked about a credential", () => {
  it.each(faultNames)("rejects with 503 where the password verifier %s, and remembers no denial", async (fault) => {
    const reason = outageReason(fault, "the callback verify of usernameToken failed", "accept\\[0\\]\\.verify");
    await expectOutage(passwords, passwordMessage("text"), { fault, reason, healthy: true });
  });

  it.each(faultNames)("rejects with 503 where the secret look-up %s, and remembers no denial", async (fault) => {
    const reason = outageReason(fault, "the callback secret of usernameToken failed", "accept\\[0\\]\\.secret");
    await expectOutage(digests, passwordMessage("digest"), { fault, reason, healthy: "wonderland" });
  });

  it.each(faultNames)("rejects with 503 where the account status %s, and remembers no denial", async (fault) => {
    const reason = outageReason(fault, "the account callback failed", "accept\\[0\\]\\.account");
    const make = (account: () => unknown) => certificates({ account });
    await expectOutage(make, signedMessage(), { fault, reason, healthy: true });
  });

  it.each([undefined, null, 1, "true", {}, [true], Number.NaN])(
    "rejects like a wrong password where a callback answers %j",
    async (nonsense) => {
      const wrong = passwords(() => false);
      expectAnswer(await wrong.guard.admit(post(passwordMessage("text"))), "refused");
      for (const [{ guard, records, replay }, message, reason] of [
        [passwords(() => nonsense), passwordMessage("text"), /^verify answered \w+, not true$/],
        [passwords(async () => nonsense), passwordMessage("text"), /^verify answered \w+, not true$/],
        [certificates({ account: () => nonsense }), signedMessage(), /^the account of CN=clerk is not usable$/],
        [certificates({ subject: () => nonsense }), signedMessage(), /^no subject constraint of this route holds/],
      ] as const) {
        expectAnswer(await guard.admit(post(message)), "refused");
        expectRecord(records, "ERR_WSS_FAILED_AUTHENTICATION", reason);
        expect(replay.reserve).not.toHaveBeenCalled();
      }
    },
  );

  it.each([undefined, null, 1, "", {}, ["wonderland"]])("rejects where the secret is %j", async (nonsense) => {
    const { guard, records, replay } = digests(() => nonsense);
    expectAnswer(await guard.admit(post(passwordMessage("digest"))), "refused");
    expectRecord(records, "ERR_WSS_FAILED_AUTHENTICATION", /^no secret is known for the name$/);
    expect(replay.reserve).not.toHaveBeenCalled();
  });
});

describe("a replay cache", () => {
  const withCache = (reserve: () => unknown) =>
    digests(() => "wonderland", { replay: { reserve } as unknown as ReplayCache });

  it.each(faultNames)(
    "rejects with 503 where it %s, and admits the same message when it works again",
    async (fault) => {
      let fails = true;
      const { guard, records } = withCache(() => (fails ? faults[fault]() : "fresh"));
      const message = passwordMessage("digest");
      expectAnswer(await guard.admit(post(message)), "unavailable");
      expectRecord(records, "ERR_UNAVAILABLE", outageReason(fault, "the replay cache failed", "the replay cache"));
      fails = false;
      const later = performance.now() + 60_000;
      vi.spyOn(performance, "now").mockImplementation(() => later);
      expect(await guard.admit(post(message))).toMatchObject({ kind: "admitted" });
    },
  );

  it.each([undefined, null, true, "ok", "FRESH", 1, {}, ["fresh"]])(
    "rejects with 503 where it answers %j",
    async (nonsense) => {
      for (const answer of [() => nonsense, async () => nonsense]) {
        const { guard, records } = withCache(answer);
        expectAnswer(await guard.admit(post(passwordMessage("digest"))), "unavailable");
        expectRecord(records, "ERR_UNAVAILABLE", /^the replay cache cannot answer or is full/);
      }
    },
  );

  it("is not asked about a message that is refused, and answers 503 to good and bad alike in a known outage", async () => {
    const { guard, replay } = digests(() => "wonderland");
    expectAnswer(await guard.admit(post(passwordMessage("digest", "wrong"))), "refused");
    expect(replay.reserve).not.toHaveBeenCalled();
    const broken = withCache(() => "unavailable");
    for (const password of ["wonderland", "wonderland", "wrong"]) {
      expectAnswer(await broken.guard.admit(post(passwordMessage("digest", password))), "unavailable");
    }
  });
});

describe("a key set of an issuer", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function bearer(answer: RequestListener, limits?: GuardOptions["limits"]) {
    const server = createServer(answer).listen(0, "127.0.0.1");
    servers.push(server);
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const keys = { jwks: `http://127.0.0.1:${port}/keys` };
    const route = observed({
      accept: [jwt({ issuer: "https://sts.example", audience: "urn:orders", keys, oneTime: true, over: "transport" })],
      limits,
    });
    const now = Date.now();
    const token = await issueJwt(
      {
        issuer: "https://sts.example",
        subject: "alice",
        audience: "urn:orders",
        lifetime: { created: now, expires: now + 60_000 },
      },
      { key, algorithm: "ES256" },
    );
    return { ...route, send: () => route.guard.admit(get([["authorization", `Bearer ${token}`]])) };
  }

  const get = (headers: ServerRequest["headers"]) => post(new Uint8Array(), { method: "GET", headers });
  const published = JSON.stringify({ keys: [clerk.keyPair.publicKey.export({ format: "jwk" })] });

  it("accepts a token by a key of it, and rejects it a second time with 401", async () => {
    const { send } = await bearer((_, response) => response.end(published));
    expect(await send()).toMatchObject({ kind: "admitted", security: { principal: { name: "alice" } } });
    expect(await send()).toMatchObject({ kind: "answered", error: { code: "ERR_TOKEN_REPLAYED" } });
  });

  it.each<[string, RequestListener]>([
    ["drops the connection", (request) => request.socket.destroy()],
    ["answers 500", (_, response) => response.writeHead(500).end(published)],
    ["answers something else", (_, response) => response.end(`<html>${secret}</html>`)],
    ["answers an empty object", (_, response) => response.end("{}")],
    ["never answers", () => undefined],
    ["never ends its answer", (_, response) => void response.writeHead(200).write("{")],
  ])("rejects with 503 where its address %s", async (name, listener) => {
    const late = /never/.test(name);
    const { send, records, replay } = await bearer(listener, late ? { deadlineMilliseconds } : {});
    const verdict = await send();
    expect(verdict).toMatchObject({ kind: "answered", reply: { status: 503, headers: { "retry-after": "5" } } });
    if (verdict.kind === "answered") expect(text(verdict.reply)).toBe(answers.unavailable.text);
    const reason = late
      ? /^accept\[0\]\.keys did not answer within \d+ ms$/
      : /^the key set at http:.* cannot be read$/;
    expectRecord(records, "ERR_UNAVAILABLE", reason);
    expect(replay.reserve).not.toHaveBeenCalled();
  });
});

describe("functions that must answer at once", () => {
  const cases: [string, (answer: () => unknown) => ReturnType<typeof observed>, string][] = [
    [
      "an injection function",
      (answer) => digests(() => "wonderland", { inject: { headers: { "x-role": answer as () => string } } }),
      "(the function for the header x-role failed|the value of the header x-role is of type \\w+, not text)",
    ],
    [
      "a claim rule",
      (answer) =>
        digests(() => "wonderland", { require: { claims: [{ description: "role", holds: answer as () => boolean }] } }),
      "the claim rule role (failed|answered \\w+, not true or false)",
    ],
    [
      "the clock",
      (answer) => digests(() => "wonderland", { clock: { now: answer as () => number } }),
      "the clock (failed|told no time)",
    ],
  ];

  for (const [title, make, reason] of cases) {
    const nonsense = { "a number that is none": Number.NaN, infinity: Number.POSITIVE_INFINITY, null: null, list: [1] };
    it.each([
      ...Object.entries(faults),
      ...Object.entries(nonsense).map(([name, value]) => [name, () => value] as const),
    ])(`rejects with 500 where ${title} meets: %s`, async (_, answer) => {
      const { guard, records, replay } = make(answer);
      expectAnswer(await guard.admit(post(passwordMessage("digest"))), "internal");
      expectRecord(records, "ERR_INTERNAL", new RegExp(`^${reason}$`));
      expect(new Date(records[0]?.time ?? "").getTime()).toBeGreaterThan(Date.now() - 60_000);
      expect(replay.reserve).not.toHaveBeenCalled();
    });
  }

  it.each(faultNames)("rejects where a subject rule %s", async (fault) => {
    const { guard, records, replay } = certificates({ subject: faults[fault] });
    const verdict = await guard.admit(post(signedMessage()));
    if (fault === "throws") {
      expectAnswer(verdict, "internal");
      expectRecord(records, "ERR_INTERNAL", /^a function among the subjects failed$/);
    } else {
      expectAnswer(verdict, "refused");
      expectRecord(records, "ERR_WSS_FAILED_AUTHENTICATION", /^no subject constraint of this route holds/);
    }
    expect(replay.reserve).not.toHaveBeenCalled();
  });

  it("rejects a claim that is missing before anything is reserved", async () => {
    const { guard, replay } = digests(() => "wonderland", { require: { claims: [has("role", "clerk")] } });
    const verdict = await guard.admit(post(passwordMessage("digest")));
    expect(verdict).toMatchObject({ kind: "answered", error: { code: "ERR_POLICY_CLAIM" } });
    expect(replay.reserve).not.toHaveBeenCalled();
  });
});

describe("a body reader", () => {
  it.each(["throws", "rejects"] as const)("rejects with 500 where it %s", async (fault) => {
    const verify = vi.fn(() => true);
    const { guard, records } = passwords(verify);
    expectAnswer(await guard.admit(post(new Uint8Array(), { body: faults[fault] })), "internal");
    expectRecord(records, "ERR_INTERNAL", /^the adapter's body reader failed$/);
    expect(verify).not.toHaveBeenCalled();
  });

  it.each([undefined, null, 5, {}, [60], "text"])("rejects with 500 where it answers %j", async (nonsense) => {
    const { guard, records } = passwords(() => true);
    const body = async () => nonsense as unknown as Uint8Array;
    expectAnswer(await guard.admit(post(new Uint8Array(), { body })), "internal");
    expectRecord(records, "ERR_INTERNAL", /^the adapter's body reader answered something else than octets$/);
  });

  it("decides nothing before it answers, however long a requestor takes to send, and rejects when it gives up", async () => {
    const { guard, records } = passwords(() => true);
    const sending = new EventEmitter();
    const body = () => once(sending, "end").then(() => new Uint8Array());
    const pending = guard.admit(post(new Uint8Array(), { body }));
    const first = await Promise.race([
      pending,
      new Promise((resolve) => setTimeout(resolve, 2 * deadlineMilliseconds)),
    ]);
    expect(first).toBeUndefined();
    expect(records).toEqual([]);
    sending.emit("error", new RangeError(secret));
    expectAnswer(await pending, "internal");
  });
});

describe("an audit sink", () => {
  const withSink = (sink: unknown, mandatory: boolean) =>
    digests(() => "wonderland", { audit: { sink: sink as () => void, mandatory } });

  it.each(faultNames)(
    "rejects the good and the bad with one answer, as late, where it must answer and %s",
    async (fault) => {
      const timers = vi.spyOn(globalThis, "setTimeout");
      const waited = () => timers.mock.calls.filter(([, milliseconds]) => milliseconds === deadlineMilliseconds).length;
      for (const [index, password] of ["wonderland", "wrong"].entries()) {
        const { guard } = withSink(faults[fault], true);
        expectAnswer(await guard.admit(post(passwordMessage("digest", password))), "unavailable");
        // One deadline each, not two for those who had been let in but for the record.
        expect(waited()).toBe(fault === "throws" ? 0 : index + 1);
      }
    },
  );

  it.each(faultNames)("changes no verdict where it need not answer and %s", async (fault) => {
    const { guard } = withSink(faults[fault], false);
    expect(await guard.admit(post(passwordMessage("digest")))).toMatchObject({ kind: "admitted" });
    expectAnswer(await guard.admit(post(passwordMessage("digest", "wrong"))), "refused");
  });

  it("is told that a message was refused after all, where it failed to record that it was admitted", async () => {
    const outcomes: string[] = [];
    const { guard } = withSink((event: AuditEvent) => {
      outcomes.push(event.outcome);
      if (event.outcome === "admitted") faults.throws();
    }, true);
    expectAnswer(await guard.admit(post(passwordMessage("digest"))), "unavailable");
    expect(outcomes).toEqual(["admitted", "refused"]);
  });
});

describe("a guard", () => {
  it("secures no reply by a clock that fails", async () => {
    let broken = false;
    const { guard } = passwords(() => true, {
      clock: { now: () => (broken ? Number.NaN : Date.now()) },
      reply: { sign: { key: clerk.keyPair.privateKey, certificate: clerk.certificate } },
    });
    const verdict = await guard.admit(post(passwordMessage("text")));
    if (verdict.kind !== "admitted") throw new TypeError("the genuine message was refused");
    const reply = { status: 200, headers: {}, body: Buffer.from(order) };
    expect(text(await guard.secureReply(verdict.security, reply))).toContain("<wsu:Timestamp");
    broken = true;
    await expect(guard.secureReply(verdict.security, reply)).rejects.toMatchObject({ code: "ERR_INTERNAL" });
    expectAnswerOfDefect(guard);
  });

  it("closes", async () => {
    const { guard } = passwords(() => true);
    await expect(guard.close()).resolves.toBeUndefined();
  });
});

function expectAnswerOfDefect(guard: Guard): void {
  const reply = guard.failure();
  expect(reply.status).toBe(500);
  expect(text(reply)).toBe(answers.internal.text);
}

afterEach(() => {
  vi.restoreAllMocks();
});
