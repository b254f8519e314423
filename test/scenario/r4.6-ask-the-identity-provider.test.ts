import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { findText } from "../support/reachable.js";
import { questionMessage } from "../trust/ask.js";
import { order, ordersUrl } from "../trust/estate.js";
import { post, scenario } from "./stage.js";
import { errorOf, expectNeutral, expectRefusal, textOf } from "./views.js";

/** The product's own functions. */
const owns = (url: string) => url.includes("/packages/");

const hash = (password: string) => createHash("sha256").update(password).digest("hex");
const known = new Map([["alice", hash("wonderland")]]);

/** A store of one-way hashes: the password is nowhere in it. */
const hashedStore = (name: string, password: string) =>
  known.get(name) === hash(password) ? { name: `${name}@example` } : undefined;

scenario("R4.6 step 2: the broker asks the identity provider", (newStage) => {
  it("accepts by asking once for each issuance, and never when the token is used", async () => {
    const stage = newStage();
    const [broker, service] = await Promise.all([stage.mountedBroker(), stage.service()]);
    const { client } = stage.requestor(broker);
    for (let times = 0; times < 3; times++) await client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
    expect(broker.identityProvider.calls).toBe(1);
    await client.obtainToken({ appliesTo: "https://bearer-only.example" });
    expect(broker.identityProvider.calls).toBe(2);
    expect(broker.events.filter((event) => event.outcome === "issued")).toHaveLength(2);
  });

  it("accepts with a store of hashes, and holds no password afterwards", async () => {
    const stage = newStage();
    const { broker, url } = await stage.mountedBroker({ identityProvider: hashedStore });
    const { client } = stage.requestor({ url });
    expect((await client.obtainToken({ appliesTo: ordersUrl })).xml).toContain("alice@example");
    expect(findText(broker, "https://sts.example", owns).paths).not.toEqual([]);
    expect(findText(broker, "wonderland", owns).paths).toEqual([]);
  });

  it("rejects every request with 503 while the identity provider is out, and issues nothing", async () => {
    const stage = newStage();
    const broker = await stage.mountedBroker();
    broker.identityProvider.out = true;
    for (const password of ["wonderland", "looking-glass"]) {
      const answer = await post(broker, questionMessage(stage.clock, { password }).body);
      expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
      expect(textOf(answer)).not.toMatch(/Assertion|wsse:|wst:/);
      expect(broker.events.at(-1)).toMatchObject({ outcome: "refused", error: { code: "ERR_UNAVAILABLE" } });
      expect(answer.headers["x-correlation-id"]).toBe(broker.events.at(-1)?.id);
    }
    const { client } = stage.requestor(broker);
    const error = await errorOf(client.obtainToken({ appliesTo: ordersUrl }));
    expect(error).toMatchObject({ code: "ERR_STS_UNREACHABLE" });
    expect(broker.events.some((event) => event.outcome === "issued")).toBe(false);
  });

  it.each(["text", "digest"] as const)("rejects a wrong password as %s", async (as) => {
    const stage = newStage();
    const broker = await stage.mountedBroker();
    const answer = await post(broker, questionMessage(stage.clock, { as, password: "looking-glass" }).body);
    const failed = { code: "ERR_WSS_FAILED_AUTHENTICATION", verdict: "FailedAuthentication" } as const;
    expectRefusal(broker.events, answer, failed);
    const { client, wire, user } = stage.requestor(broker, { password: as });
    user.password = "looking-glass";
    const error = await errorOf(client.obtainToken({ appliesTo: ordersUrl }));
    expect(error).toMatchObject({ code: "ERR_STS_FAULT", fault: { subcode: { localName: "InvalidSecurity" } } });
    expectNeutral(wire.received.at(-1));
    expect(broker.events.some((event) => event.outcome === "issued")).toBe(false);
    user.password = "wonderland";
    expect((await client.obtainToken({ appliesTo: ordersUrl })).xml).toContain("alice@example");
  });
});
