import { randomBytes } from "node:crypto";
import {
  ConfigurationError,
  createGuard,
  has,
  InMemoryReplayCache,
  type ReplayCache,
  type Reservation,
  x509,
} from "@countersign/core";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { holderOfKeyMessage, type SoapMessage } from "../support/messages.js";
import { attack } from "./attack.js";
import { passwordScenes } from "./support/accounts.js";
import { wireForm } from "./support/answers.js";
import { changed, evilBody, part, rebuilt, replaced } from "./support/edit.js";
import { bearer, direct, holderOfKey, signedScenes } from "./support/scenes.js";
import type { Sent } from "./support/sent.js";

/*
 * The store behind the replay check: what is kept there, by whom it can be spoilt, and what happens when it cannot answer.
 */

const { signer, issuer } = credentials();
const { digest } = passwordScenes();
const sent = ({ soap, bytes }: SoapMessage): Sent => ({ soap, body: bytes });

/** A store that keeps what it is given. */
class Recorded implements ReplayCache {
  readonly calls: (readonly Reservation[])[] = [];
  readonly #answer: unknown;
  constructor(answer: unknown = "fresh") {
    this.#answer = answer;
  }
  reserve(entries: readonly Reservation[]) {
    this.calls.push(entries);
    return this.#answer as "fresh";
  }
}

describe("a store that cannot answer", () => {
  const failing: Readonly<Record<string, () => ReplayCache>> = {
    "is closed": () => {
      const cache = new InMemoryReplayCache();
      cache.close();
      return cache;
    },
    "says so": () => new Recorded("unavailable"),
    throws: () => ({
      reserve: () => {
        throw new TypeError("ECONNREFUSED 10.0.0.5:6379");
      },
    }),
    rejects: () => ({ reserve: async () => Promise.reject(new TypeError("ECONNRESET")) }),
    "answers nothing": () => new Recorded(null),
    "answers true": () => new Recorded(true),
    "answers OK": () => new Recorded("OK"),
    "never answers": () => ({ reserve: () => new Promise<"fresh">(() => undefined) }),
  };
  for (const [title, store] of Object.entries(failing)) {
    for (const scene of [direct, digest]) {
      attack("I10", `that ${title}; ${scene.title}`, async (expect) => {
        const message = scene.genuine();
        await scene.route.with({ replay: new InMemoryReplayCache() }).admits(message);
        const route = scene.route.with({ replay: store(), limits: { deadlineMilliseconds: 50 } });
        const { decision, record } = await route.send(sent(message));
        expect(record).toMatchObject({
          outcome: "refused",
          error: { code: "ERR_UNAVAILABLE" },
        });
        if (decision.kind !== "answered") throw new TypeError("admitted without the store's answer");
        expect(wireForm(decision)).not.toMatch(/ECONN|10\.0\.0\.5/);
        expect(decision.reply.headers["retry-after"]).toBeDefined();
        return String(decision.reply.status) as "503";
      });
    }
  }
});

attack("I12", "a store that is none", (expect) => {
  const guarded = (replay: unknown) =>
    createGuard({
      origin: "https://orders.example",
      trust: { certificates: [signer.certificate] },
      accept: [x509()],
      replay: replay as ReplayCache,
    });
  expect(() => guarded(new InMemoryReplayCache())).not.toThrow();
  expect(() => guarded(undefined)).not.toThrow();
  for (const none of [
    null,
    {},
    true,
    "redis://localhost",
    { reserve: "later" },
    Promise.resolve(new InMemoryReplayCache()),
    InMemoryReplayCache,
  ]) {
    expect(() => guarded(none)).toThrow(ConfigurationError);
  }
  for (const options of [{ capacity: 0 }, { capacity: Number.NaN }, { capacity: 1.5 }, { clockStepSeconds: -1 }]) {
    expect(() => new InMemoryReplayCache(options)).toThrow(ConfigurationError);
  }
  return "start refused";
});

describe("what a refused message leaves behind", () => {
  for (const scene of signedScenes) {
    attack("I13", `an attacker's copy with another Body; ${scene.title}`, async (expect) => {
      const route = scene.route.with({ replay: new InMemoryReplayCache() });
      const victim = scene.genuine();
      expect(await route.refuses(rebuilt(victim, { parts: { body: evilBody(victim, ' wsu:Id="Body-1"') } }))).toBe(
        "FC",
      );
      return (await route.send(sent(victim))).verdict;
    });
  }
  attack("I13", "an attacker's password digest with the victim's nonce", async (expect) => {
    const route = digest.route.with({ replay: new InMemoryReplayCache() });
    const victim = digest.genuine();
    const guess = changed(victim, "username", (username) =>
      replaced(username, /(?<=Digest">)[^<]*/, Buffer.alloc(20).toString("base64")),
    );
    expect(await route.refuses(guess)).toBe("FA");
    expect(
      await route.refuses(changed(victim, "username", (username) => replaced(username, ">alice<", ">mallory<"))),
    ).toBe("FA");
    return (await route.send(sent(victim))).verdict;
  });
  attack("I13", "an attacker's one-time assertion in a broken message", async (expect) => {
    const replay = new Recorded();
    const route = holderOfKey.route.with({ replay });
    const victim = holderOfKey.genuine();
    const stolen = holderOfKeyMessage({ signer: credentials().other, assertion: { issuedBy: issuer, holder: signer } });
    expect(await route.refuses(rebuilt(stolen, { parts: { assertion: part(victim, "assertion") } }))).toBe("FC");
    expect(replay.calls).toEqual([]);
    return (await route.send(sent(victim))).verdict;
  });
  attack("I13", "a caller who lacks a claim", async (expect) => {
    const replay = new Recorded();
    const route = bearer.route.with({ replay, require: { claims: [has("role", "admin")] } });
    const { decision } = await route.send(sent(bearer.genuine()));
    expect([decision.kind, replay.calls]).toEqual(["answered", []]);
    return (await bearer.route.send(sent(bearer.genuine()))).verdict;
  });
});

describe("keys", () => {
  attack("I14", "are digests, tell every field apart, and are reserved in one call", async (expect) => {
    const replay = new Recorded();
    const everyone = (name: string, nonce: string) => digest.genuine({ username: name, nonce: Buffer.from(nonce) });
    const route = digest.route.with({ replay });
    const { route: others } = passwordScenes({ alice1: { password: "correct horse" } }).digest;
    const open = others.with({ replay });
    const now = new Date();
    // The same letters, parted in another place.
    for (const message of [everyone("alice", "1111111111111111"), everyone("alice1", "111111111111111")]) {
      const created = changed(message, "username", (username) => username);
      expect((await open.send(created)).verdict).toBe("accepted");
    }
    await route.admits(digest.genuine({ created: now, nonce: randomBytes(16) }));
    for (const scene of signedScenes) await scene.route.with({ replay }).admits(scene.genuine());
    const keys = replay.calls.flatMap((call) => call.map(({ key }) => key));
    expect(replay.calls.length).toBe(3 + signedScenes.length);
    expect(new Set(keys).size).toBe(keys.length);
    // 256 bits in whatever alphabet, and nothing of what was sent.
    expect([new Set(keys.map((key) => key.length)).size, keys.every((key) => key.length >= 43)]).toEqual([1, true]);
    expect(keys.join(" ")).not.toMatch(/alice|1111/);
    return "holds" as const;
  });
  attack("I14", "are those of one tenant", async (expect) => {
    const replay = new InMemoryReplayCache();
    const message = direct.genuine();
    const tenants = ["a", "b", "ab"].map((tenant) => direct.route.with({ replay, tenant }));
    for (const route of tenants) await route.admits(message);
    for (const route of tenants) expect(await route.refuses(sent(message))).toBe("IS");
    expect(await direct.route.with({ replay, tenant: "a" }).refuses(sent(message))).toBe("IS");
    return "holds" as const;
  });
  attack("I14", "do not meet in a hundred thousand", (expect) => {
    const replay = new InMemoryReplayCache({ capacity: 100_000 });
    const until = Date.now() + 60_000;
    let fresh = 0;
    for (let index = 0; index < 100_000; index++) {
      if (replay.reserve([{ key: String(index), until }]) === "fresh") fresh++;
    }
    expect(fresh).toBe(100_000);
    return "holds";
  });
});

attack("I15", "more fresh nonces than the store holds", async (expect) => {
  const replay = new InMemoryReplayCache({ capacity: 20 });
  const route = digest.route.with({ replay });
  const fresh = () => digest.genuine({ nonce: randomBytes(16) });
  const first = fresh();
  await route.admits(first);
  for (let index = 1; index < 20; index++) await route.admits(fresh());
  const { decision } = await route.send(sent(fresh()));
  // Nothing is forgotten to make room: the first one is known as before, to a guard that has not just met the full store.
  expect(await digest.route.with({ replay }).refuses(sent(first))).toBe("IS");
  expect(replay.size).toBe(20);
  return decision.kind === "answered" && decision.reply.status === 503 ? ("503" as const) : ("accepted" as const);
});
attack("I15", "a million fresh nonces at a store of the default size", (expect) => {
  const replay = new InMemoryReplayCache();
  const until = Date.now() + 360_000;
  const answers = { fresh: 0, seen: 0, unavailable: 0 };
  for (let index = 0; index < 1_000_000; index++) answers[replay.reserve([{ key: index.toString(36), until }])]++;
  expect(answers).toEqual({ fresh: 100_000, seen: 0, unavailable: 900_000 });
  expect(replay.size).toBe(100_000);
  return "503";
});
