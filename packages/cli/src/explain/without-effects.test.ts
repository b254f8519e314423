import {
  type GuardOptions,
  InMemorySecurityContextStore,
  type SecurityContextStore,
  securityContext,
} from "@countersign/core";
import { describe, expect, it } from "vitest";
import { withoutEffects } from "./without-effects.js";

const instance = { instance: "", secret: new Uint8Array(32), expires: Date.now() + 60_000 };
const context = { key: "k", owner: "alice", subject: "alice", instances: [instance] };
const origin = "https://orders.example";

function stores(contexts: SecurityContextStore, others = contexts) {
  const options = {
    origin,
    accept: [securityContext({ contexts })],
    conversation: { contexts: others, bootstrap: [] },
  };
  const spared = withoutEffects(options as unknown as GuardOptions);
  const [accepted] = spared.accept as unknown as readonly { options: { contexts: SecurityContextStore } }[];
  return { accepted: accepted?.options.contexts, kept: spared.conversation?.contexts };
}

describe("withoutEffects", () => {
  it("accepts changes as the store would, and makes none", async () => {
    const store = new InMemorySecurityContextStore();
    store.create(context);
    const { kept } = stores(store);
    expect(await kept?.find("k")).toMatchObject({ owner: "alice" });
    expect(await kept?.cancel("k", "alice")).toBe("done");
    expect(await kept?.renew("k", "alice", instance)).toBe("done");
    expect(await kept?.create({ ...context, key: "new" })).toBe("done");
    expect(store.find("k")).toMatchObject({ owner: "alice", instances: [instance] });
    expect(store.size).toBe(1);
  });

  it("rejects what the store would: a stranger's change, and one of a context that is not there", async () => {
    const store = new InMemorySecurityContextStore();
    store.create(context);
    const { kept } = stores(store);
    expect(await kept?.cancel("k", "mallory")).toBe("foreign");
    expect(await kept?.cancel("none", "alice")).toBe("unknown");
  });

  it("keeps one store one, and two stores two", () => {
    const store = new InMemorySecurityContextStore();
    const one = stores(store);
    expect(one.accepted).toBe(one.kept);
    expect(one.kept).not.toBe(store);
    const two = stores(store, new InMemorySecurityContextStore());
    expect(two.accepted).not.toBe(two.kept);
  });

  it("leaves options that are none for createGuard to refuse", () => {
    for (const accept of [undefined, "x509", [null, 1, { kind: "x509" }]]) {
      const options = { origin, accept, conversation: 1 } as unknown as GuardOptions;
      expect(withoutEffects(options)).toEqual(options);
    }
  });
});
