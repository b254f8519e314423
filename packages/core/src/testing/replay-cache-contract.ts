import { deepEqual, equal } from "node:assert/strict";
import { randomOctets } from "../crypto/index.js";
import type { ReplayCache } from "../state/index.js";

/** One case of a contract: register it with any test runner, for example `it(title, run)`. */
export interface ContractCase {
  readonly title: string;
  readonly run: () => Promise<void>;
}

/** What a contract run needs of a replay cache under test. */
export interface ReplayCacheSubject {
  /** A cache, empty or with unrelated entries. Called once per case. */
  readonly create: () => ReplayCache | Promise<ReplayCache>;
  /** Another view of the same store, as a second node has it. Left out for a cache of one process. */
  readonly join?: ((cache: ReplayCache) => ReplayCache | Promise<ReplayCache>) | undefined;
  /** A cache that holds at most that many entries. Left out where the store's size cannot be set. */
  readonly createLimited?: ((capacity: number) => ReplayCache | Promise<ReplayCache>) | undefined;
}

/**
 * What every replay cache must do, whatever it stores in: each case gets a cache of its own and closes it. The keys are
 * random, so that a shared store needs no clearing.
 */
export function replayCacheContract(subject: ReplayCacheSubject): readonly ContractCase[] {
  const cases: ContractCase[] = [];
  const add = (
    title: string,
    create: ReplayCacheSubject["create"],
    run: (cache: ReplayCache) => Promise<void>,
  ): void => {
    cases.push({
      title,
      run: async () => {
        const cache = await create();
        try {
          await run(cache);
        } finally {
          await cache.close?.();
        }
      },
    });
  };
  basicCases((title, run) => add(title, subject.create, run));
  const { join, createLimited } = subject;
  if (join) sharedCases((title, run) => add(title, subject.create, run), join);
  if (createLimited) {
    add(
      "rejects what exceeds the capacity as unavailable and keeps every live entry",
      () => createLimited(3),
      async (cache) => {
        const [a, b, c, d] = [entry(), entry(), entry(), entry()];
        equal(await cache.reserve([a, b]), "fresh");
        equal(await cache.reserve([c, d]), "unavailable");
        equal(await cache.reserve([c]), "fresh");
        equal(await cache.reserve([d]), "unavailable");
        deepEqual(await all([a, b, c].map((known) => cache.reserve([known]))), ["seen", "seen", "seen"]);
      },
    );
  }
  return cases;
}

type AddCase = (title: string, run: (cache: ReplayCache) => Promise<void>) => void;

function basicCases(add: AddCase): void {
  add("accepts an entry once and rejects it from then on", async (cache) => {
    const one = entry();
    equal(await cache.reserve([one]), "fresh");
    equal(await cache.reserve([one]), "seen");
    equal(await cache.reserve([{ ...one, until: one.until + 1000 }]), "seen");
    equal(await cache.reserve([entry()]), "fresh");
  });

  add("accepts an empty list", async (cache) => {
    equal(await cache.reserve([]), "fresh");
  });

  add("reserves all entries or none", async (cache) => {
    const [known, first, last] = [entry(), entry(), entry()];
    equal(await cache.reserve([known]), "fresh");
    equal(await cache.reserve([first, known, last]), "seen");
    equal(await cache.reserve([first]), "fresh");
    equal(await cache.reserve([last]), "fresh");
  });

  add("rejects a list that names one key twice, and reserves nothing of it", async (cache) => {
    const [one, other] = [entry(), entry()];
    equal(await cache.reserve([other, one, one]), "seen");
    equal(await cache.reserve([other, one]), "fresh");
  });

  add("accepts exactly one of fifty at once", async (cache) => {
    const one = entry();
    const answers = await all(Array.from({ length: 50 }, () => cache.reserve([entry(), one])));
    equal(answers.filter((answer) => answer === "fresh").length, 1);
    equal(answers.filter((answer) => answer === "seen").length, 49);
  });

  add("rejects an end that is not a time as unavailable", async (cache) => {
    equal(await cache.reserve([{ ...entry(), until: Number.NaN }]), "unavailable");
    equal(await cache.reserve([{ ...entry(), until: Number.POSITIVE_INFINITY }]), "unavailable");
  });
}

function sharedCases(add: AddCase, join: NonNullable<ReplayCacheSubject["join"]>): void {
  add("rejects on one node what another has reserved", async (cache) => {
    const node = await join(cache);
    const one = entry();
    equal(await cache.reserve([one]), "fresh");
    equal(await node.reserve([one]), "seen");
    await node.close?.();
  });

  add("accepts exactly one of fifty on two nodes at once", async (cache) => {
    const node = await join(cache);
    const one = entry();
    const answers = await all(
      Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? cache : node).reserve([one])),
    );
    equal(answers.filter((answer) => answer === "fresh").length, 1);
    await node.close?.();
  });
}

function entry() {
  return { key: randomOctets(32).toString("hex"), until: Date.now() + 60_000 };
}

function all<T>(answers: readonly (T | Promise<T>)[]): Promise<T[]> {
  return Promise.all(answers);
}
