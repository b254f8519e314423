import { describe, expect, it } from "vitest";
import { RequestorAuthentication } from "./requestor.js";

const people = new Map([
  ["alice", "wonderland"],
  ["bob", "builder"],
]);
const authentication = new RequestorAuthentication({
  authenticate: async (name, password) => (people.get(name) === password ? { name: `${name}@example` } : undefined),
  lookUp: (name) => ({ secret: people.get(name) ?? "", identity: { name: `${name}@example` } }),
});

describe("the identity behind a request", () => {
  it("accepts the right password and keeps the identity for this request alone", async () => {
    const alice = authentication.run(async () => authentication.verify("alice", "wonderland"));
    const bob = authentication.run(async () => authentication.verify("bob", "wonderland"));
    expect((await alice).result).toBe(true);
    expect((await alice).identityOf("alice")).toEqual({ name: "alice@example" });
    expect((await bob).result).toBe(false);
    expect((await bob).identityOf("alice")).toBeUndefined();
    expect((await bob).identityOf("bob")).toBeUndefined();
  });

  it("keeps apart two names in one request", async () => {
    const { identityOf } = await authentication.run(async () => {
      await authentication.verify("alice", "wonderland");
      await authentication.secret?.("bob");
    });
    expect(identityOf("alice")?.name).toBe("alice@example");
    expect(identityOf("bob")?.name).toBe("bob@example");
  });

  it("passes an outage on, and knows no secrets where the provider has none", async () => {
    const out = new RequestorAuthentication({
      authenticate: () => {
        throw new TypeError("out");
      },
    });
    await expect(out.run(async () => out.verify("alice", "x"))).rejects.toThrow("out");
    expect(out.secret).toBeUndefined();
  });
});
