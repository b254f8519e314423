import { deepEqual, equal } from "node:assert/strict";
import { randomOctets } from "../crypto/index.js";
import type { ContextInstance, SecurityContextStore, StoredContext } from "../state/index.js";
import type { ContractCase } from "./replay-cache-contract.js";

/** What a contract run needs of a store under test. */
export interface SecurityContextStoreSubject {
  /** A store, empty or with unrelated contexts. Called once per case. */
  readonly create: () => SecurityContextStore | Promise<SecurityContextStore>;
  /** Another view of the same store, as a second node has it. Left out for a store of one process. */
  readonly join?: ((store: SecurityContextStore) => SecurityContextStore | Promise<SecurityContextStore>) | undefined;
  /** A store that holds at most that many contexts. Left out where its size cannot be set. */
  readonly createLimited?: ((capacity: number) => SecurityContextStore | Promise<SecurityContextStore>) | undefined;
  /** Lets time pass for the stores of `create`. Default: waits. */
  readonly pass?: ((milliseconds: number) => void | Promise<void>) | undefined;
  /** The time by which the stores of `create` let contexts expire. Default: the machine's. */
  readonly now?: (() => number) | undefined;
}

type Create = SecurityContextStoreSubject["create"];
type AddCase = (title: string, run: (store: SecurityContextStore) => Promise<void>, create?: Create) => void;

/** What every store of security contexts must do, whatever it stores in; see {@link ContractCase}. */
export function securityContextStoreContract(subject: SecurityContextStoreSubject): readonly ContractCase[] {
  const cases: ContractCase[] = [];
  const add: AddCase = (title, run, create = subject.create) => {
    cases.push({
      title,
      run: async () => {
        const store = await create();
        try {
          await run(store);
        } finally {
          await store.close?.();
        }
      },
    });
  };
  const now = subject.now ?? Date.now;
  const pass = subject.pass ?? ((milliseconds) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)));
  const make = contextsAt(now);
  keeping(add, make);
  ownership(add, make);
  renewing(add, make);
  expiring(add, make, pass);
  const { join, createLimited } = subject;
  if (join) sharing(add, make, join);
  if (createLimited) limited(add, make, createLimited);
  return cases;
}

/** Makes contexts and instances with random keys, so that a shared store needs no clearing. */
interface Make {
  context(more?: Partial<StoredContext>): StoredContext;
  instance(instance: string, life?: number): ContextInstance;
}

function contextsAt(now: () => number): Make {
  const hex = () => randomOctets(32).toString("hex");
  const instance = (name: string, life = 60_000) => ({
    instance: name,
    secret: randomOctets(32),
    expires: now() + life,
  });
  return {
    instance,
    context: (more) => ({ key: hex(), owner: hex(), subject: "alice", instances: [instance("")], ...more }),
  };
}

/** The instances that a store finds, as plain values. */
async function found(store: SecurityContextStore, key: string): Promise<unknown> {
  const context = await store.find(key);
  return typeof context === "string" ? context : context.instances.map(plain);
}

const plain = ({ instance, secret, expires }: ContextInstance) => ({
  instance,
  secret: Buffer.from(secret).toString("hex"),
  expires,
});

function keeping(add: AddCase, make: Make): void {
  add("accepts a context and finds it as it was", async (store) => {
    const context = make.context();
    equal(await store.create(context), "done");
    const kept = await store.find(context.key);
    if (typeof kept === "string") throw new TypeError(kept);
    deepEqual([kept.key, kept.owner, kept.subject], [context.key, context.owner, context.subject]);
    deepEqual(kept.instances.map(plain), context.instances.map(plain));
  });

  add("rejects what was never kept as unknown", async (store) => {
    const { key, owner } = make.context();
    equal(await store.find(key), "unknown");
    equal(await store.amend(key, owner, "bob", "alice"), "unknown");
    equal(await store.renew(key, owner, make.instance("1")), "unknown");
    equal(await store.cancel(key, owner), "unknown");
  });

  add("rejects a second context under one key and keeps the first", async (store) => {
    const context = make.context();
    equal(await store.create(context), "done");
    equal(await store.create(make.context({ key: context.key, subject: "mallory" })), "refused");
    deepEqual(await found(store, context.key), context.instances.map(plain));
  });

  add("accepts exactly one of twenty contexts under one key at once", async (store) => {
    const { key } = make.context();
    const answers = await Promise.all(Array.from({ length: 20 }, () => store.create(make.context({ key }))));
    equal(answers.filter((answer) => answer === "done").length, 1);
  });

  add("keeps a secret that its giver overwrites", async (store) => {
    const context = make.context();
    const expected = context.instances.map(plain);
    await store.create(context);
    for (const { secret } of context.instances) secret.fill(0);
    deepEqual(await found(store, context.key), expected);
  });

  add("rejects an end that is not a time as unavailable", async (store) => {
    const endless = { ...make.instance(""), expires: Number.NaN };
    equal(await store.create(make.context({ instances: [endless] })), "unavailable");
    const context = make.context();
    await store.create(context);
    equal(await store.renew(context.key, context.owner, endless), "unavailable");
  });
}

function ownership(add: AddCase, make: Make): void {
  add("rejects every change by another than the owner, and the context lives on as it was", async (store) => {
    const context = make.context();
    const { owner } = make.context();
    await store.create(context);
    equal(await store.amend(context.key, owner, "mallory", context.subject), "foreign");
    equal(await store.renew(context.key, owner, make.instance("1")), "foreign");
    equal(await store.cancel(context.key, owner), "foreign");
    const kept = await store.find(context.key);
    equal(typeof kept === "string" ? kept : kept.subject, "alice");
    deepEqual(await found(store, context.key), context.instances.map(plain));
  });

  add("accepts the owner's end of a context: from then on it is unknown", async (store) => {
    const context = make.context();
    await store.create(context);
    equal(await store.cancel(context.key, context.owner), "done");
    equal(await store.find(context.key), "unknown");
    equal(await store.renew(context.key, context.owner, make.instance("1")), "unknown");
    equal(await store.cancel(context.key, context.owner), "unknown");
  });

  add("accepts exactly one of twenty ends of one context", async (store) => {
    const context = make.context();
    await store.create(context);
    const answers = await Promise.all(Array.from({ length: 20 }, () => store.cancel(context.key, context.owner)));
    equal(answers.filter((answer) => answer === "done").length, 1);
  });

  add("accepts the owner's amendment, and rejects one of what it no longer says", async (store) => {
    const context = make.context();
    await store.create(context);
    equal(await store.amend(context.key, context.owner, "alice the clerk", "alice"), "done");
    equal(await store.amend(context.key, context.owner, "alice the manager", "alice"), "unknown");
    const kept = await store.find(context.key);
    equal(typeof kept === "string" ? kept : kept.subject, "alice the clerk");
  });
}

function renewing(add: AddCase, make: Make): void {
  add("keeps the newest instance and the one before it", async (store) => {
    const context = make.context();
    const [first] = context.instances;
    const [second, third] = [make.instance("2"), make.instance("3")];
    await store.create(context);
    equal(await store.renew(context.key, context.owner, second), "done");
    deepEqual(await found(store, context.key), first && [plain(second), plain(first)]);
    equal(await store.renew(context.key, context.owner, third), "done");
    deepEqual(await found(store, context.key), [plain(third), plain(second)]);
  });
}

function expiring(add: AddCase, make: Make, pass: NonNullable<SecurityContextStoreSubject["pass"]>): void {
  add("rejects an expired context as unknown, whatever is asked of it", async (store) => {
    const context = make.context({ instances: [make.instance("", 40)] });
    equal(await store.create(context), "done");
    await pass(60);
    equal(await store.find(context.key), "unknown");
    equal(await store.renew(context.key, context.owner, make.instance("1")), "unknown");
    equal(await store.cancel(context.key, context.owner), "unknown");
  });

  add("lets each instance end at its own time", async (store) => {
    const context = make.context({ instances: [make.instance("", 40)] });
    const renewed = make.instance("1");
    await store.create(context);
    equal(await store.renew(context.key, context.owner, renewed), "done");
    await pass(60);
    deepEqual(await found(store, context.key), [plain(renewed)]);
  });
}

function sharing(add: AddCase, make: Make, join: NonNullable<SecurityContextStoreSubject["join"]>): void {
  add("finds on one node what another keeps, and no more once it was ended there", async (store) => {
    const node = await join(store);
    const context = make.context();
    equal(await store.create(context), "done");
    deepEqual(await found(node, context.key), context.instances.map(plain));
    equal(await node.cancel(context.key, context.owner), "done");
    equal(await store.find(context.key), "unknown");
    await node.close?.();
  });
}

function limited(
  add: AddCase,
  make: Make,
  createLimited: NonNullable<SecurityContextStoreSubject["createLimited"]>,
): void {
  add(
    "rejects what exceeds the capacity as unavailable, and keeps every living context",
    async (store) => {
      const [first, second] = [make.context(), make.context()];
      equal(await store.create(first), "done");
      equal(await store.create(second), "done");
      equal(await store.create(make.context()), "unavailable");
      deepEqual(await found(store, first.key), first.instances.map(plain));
      equal(await store.cancel(second.key, second.owner), "done");
      equal(await store.create(make.context()), "done");
    },
    () => createLimited(2),
  );
}
