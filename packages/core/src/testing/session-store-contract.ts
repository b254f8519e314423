import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { randomOctets } from "../crypto/index.js";
import type { NewSession, NoSession, SessionStore, StoredSession } from "../state/index.js";
import type { ContractCase } from "./replay-cache-contract.js";

/** What a contract run needs of a session store under test. */
export interface SessionStoreSubject {
  /** A store, empty or with unrelated sessions. Called once per case. */
  readonly create: () => SessionStore | Promise<SessionStore>;
  /** Another view of the same store, as a second node has it. Left out for a store of one process. */
  readonly join?: ((store: SessionStore) => SessionStore | Promise<SessionStore>) | undefined;
  /** An empty store that holds at most that many sessions. Left out where its size cannot be set. */
  readonly createLimited?:
    | ((limits: { capacity: number; perUser: number }) => SessionStore | Promise<SessionStore>)
    | undefined;
  /** Lets time pass for the stores of `create`. Default: waits. */
  readonly pass?: ((milliseconds: number) => void | Promise<void>) | undefined;
}

type Create = SessionStoreSubject["create"];
type AddCase = (title: string, run: (store: SessionStore) => Promise<void>, create?: Create) => void;

/** What every session store must do, whatever it stores in; see {@link ContractCase}. */
export function sessionStoreContract(subject: SessionStoreSubject): readonly ContractCase[] {
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
  const pass = subject.pass ?? ((milliseconds) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)));
  keeping(add, pass);
  revoking(add);
  expiring(add, pass);
  const { join, createLimited } = subject;
  if (join) sharing(add, join);
  if (createLimited) limited(add, createLimited);
  return cases;
}

type Pass = (milliseconds: number) => void | Promise<void>;

const hex = () => randomOctets(16).toString("hex");

function make(more?: Partial<NewSession>): NewSession {
  return { id: hex(), user: hex(), idleSeconds: 60, maxSeconds: 600, level: 5, data: "{}", ...more };
}

/** A session that must be there. */
function present(answer: StoredSession | NoSession | "refused"): StoredSession {
  if (typeof answer === "string") throw new TypeError(answer);
  return answer;
}

function keeping(add: AddCase, pass: Pass): void {
  add("accepts a session and finds it as it was", async (store) => {
    const session = make({ user: "Zoë\r\n∆", level: 17, data: '{"a":"\u0000é"}' });
    const created = present(await store.create(session));
    equal(created.created, created.lastAccess);
    await pass(5);
    const { created: from, lastAccess, ...kept } = present(await store.touch(session.id));
    deepEqual(kept, session);
    equal(from, created.created);
    ok(lastAccess > from);
  });

  add("accepts a session without data", async (store) => {
    const { data: _, ...session } = make();
    await store.create(session);
    equal(present(await store.touch(session.id)).data ?? "", "");
  });

  add("rejects what was never kept as unknown", async (store) => {
    const { id, user } = make();
    equal(await store.touch(id), "unknown");
    equal(await store.revoke(id), "unknown");
    equal(await store.revokeUser(user), 0);
  });

  add("rejects a second session under one id and keeps the first", async (store) => {
    const session = make();
    await store.create(session);
    equal(await store.create(make({ id: session.id })), "refused");
    equal(present(await store.touch(session.id)).user, session.user);
  });

  add("accepts exactly one of twenty sessions under one id at once", async (store) => {
    const { id } = make();
    const answers = await Promise.all(Array.from({ length: 20 }, () => store.create(make({ id }))));
    equal(answers.filter((answer) => answer !== "refused").length, 1);
  });

  add("rejects what is no session as unavailable", async (store) => {
    const broken: Partial<NewSession>[] = [
      { id: "" },
      { id: `${hex()}\n` },
      { user: "" },
      { user: "x".repeat(1_025) },
      { data: "x".repeat(16_385) },
      { idleSeconds: 0 },
      { idleSeconds: Number.NaN },
      { maxSeconds: Number.POSITIVE_INFINITY },
      { level: -1 },
      { level: 0.5 },
    ];
    for (const more of broken) equal(await store.create(make(more)), "unavailable", JSON.stringify(more));
  });
}

function revoking(add: AddCase): void {
  add("rejects a session that was revoked, and it stays revoked", async (store) => {
    const [session, other] = [make(), make()];
    await store.create(session);
    await store.create(other);
    equal(await store.revoke(session.id), "done");
    equal(await store.touch(session.id), "revoked");
    equal(await store.revoke(session.id), "done");
    equal(await store.touch(session.id), "revoked");
    notEqual(await store.create(make({ id: session.id })), "done");
    equal(present(await store.touch(other.id)).id, other.id);
  });

  add("rejects all sessions of a user that were revoked together, and nobody else's", async (store) => {
    const user = hex();
    const sessions = [make({ user }), make({ user }), make({ user })];
    const other = make({ user: `${user}0` });
    for (const session of [...sessions, other]) await store.create(session);
    equal(await store.revokeUser(user), 3);
    for (const { id } of sessions) equal(await store.touch(id), "revoked");
    equal(await store.revokeUser(user), 0);
    equal(present(await store.touch(other.id)).id, other.id);
  });

  add("accepts a new session of a user whose old ones were revoked", async (store) => {
    const { user } = make();
    await store.create(make({ user }));
    await store.revokeUser(user);
    const later = make({ user });
    await store.create(later);
    equal(present(await store.touch(later.id)).user, user);
  });

  add("rejects every use that begins after a revocation, under load", async (store) => {
    const session = make();
    await store.create(session);
    const early = Array.from({ length: 20 }, () => store.touch(session.id));
    const revoked = store.revoke(session.id);
    await Promise.all([...early, revoked]);
    const late = await Promise.all(Array.from({ length: 20 }, () => store.touch(session.id)));
    ok(late.every((answer) => answer === "revoked"));
  });
}

function expiring(add: AddCase, pass: Pass): void {
  add("rejects a session that was not used for its idle time, and does not revive it", async (store) => {
    const session = make({ idleSeconds: 1 });
    await store.create(session);
    await pass(1_020);
    equal(await store.touch(session.id), "expired");
    equal(await store.touch(session.id), "expired");
  });

  add("accepts a session in use beyond its idle time, and rejects it at its absolute end", async (store) => {
    const session = make({ idleSeconds: 1, maxSeconds: 2 });
    await store.create(session);
    await pass(700);
    present(await store.touch(session.id));
    await pass(700);
    present(await store.touch(session.id));
    await pass(640);
    equal(await store.touch(session.id), "expired");
  });
}

function sharing(add: AddCase, join: NonNullable<SessionStoreSubject["join"]>): void {
  add("accepts on one node what another has created, and rejects there what another has revoked", async (store) => {
    const node = await join(store);
    const session = make();
    await store.create(session);
    equal(present(await node.touch(session.id)).user, session.user);
    equal(await node.revoke(session.id), "done");
    equal(await store.touch(session.id), "revoked");
    await node.close?.();
  });
}

function limited(add: AddCase, createLimited: NonNullable<SessionStoreSubject["createLimited"]>): void {
  add(
    "rejects what exceeds the capacity as unavailable and keeps every live session",
    async (store) => {
      const [first, second] = [make(), make()];
      present(await store.create(first));
      present(await store.create(second));
      equal(await store.create(make()), "unavailable");
      equal(present(await store.touch(first.id)).id, first.id);
      equal(present(await store.touch(second.id)).id, second.id);
    },
    () => createLimited({ capacity: 2, perUser: 2 }),
  );

  add(
    "rejects more sessions of one user than one may have, and accepts another's",
    async (store) => {
      const { user } = make();
      present(await store.create(make({ user })));
      equal(await store.create(make({ user })), "refused");
      present(await store.create(make()));
    },
    () => createLimited({ capacity: 10, perUser: 1 }),
  );
}
