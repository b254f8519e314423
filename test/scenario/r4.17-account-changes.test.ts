import type { Identity } from "@countersign/broker";
import { expect, it } from "vitest";
import { TestIdentityProvider } from "../trust/estate.js";
import { type Stage, scenario } from "./stage.js";
import { atBroker, bearing, useToken } from "./validation.js";
import { expectAdmitted, expectRefused } from "./views.js";

/** Where alice's account can be disabled and changed after her token was issued. */
async function start(stage: Stage, revalidateAfterSeconds: number) {
  const account: { identity: Identity | undefined } = {
    identity: { name: "alice@example", claims: { role: ["clerk"] } },
  };
  const identityProvider = Object.assign(new TestIdentityProvider(), { find: () => account.identity });
  const broker = await stage.mountedBroker({ identityProvider });
  const [asking, alone] = await Promise.all([
    stage.service({ validation: { by: atBroker(stage, broker), revalidateAfterSeconds } }),
    stage.service(),
  ]);
  return { account, broker, asking, alone, token: await bearing(stage, broker) };
}

const revoked = { code: "ERR_TOKEN_REVOKED", verdict: "InvalidSecurityToken" } as const;
const changes: readonly (readonly [string, Identity | undefined])[] = [
  ["disabled", undefined],
  ["downgraded", { name: "alice@example", claims: { role: ["guest"] } }],
];

scenario("R4.17 changes to the subject's account after issuance", (newStage) => {
  it.each(changes)("rejects the next request where the broker is asked: the account is %s", async (_, changed) => {
    const stage = newStage();
    const { account, asking, token } = await start(stage, 0);
    expectAdmitted(asking, await useToken(stage, asking, token), { principal: "alice@example" });
    account.identity = changed;
    expectRefused(asking, await useToken(stage, asking, token), revoked, 1);
  });

  it("accepts until the answer is as old as revalidateAfter says, and rejects then", async () => {
    const stage = newStage();
    const { account, asking, token } = await start(stage, 30);
    await useToken(stage, asking, token);
    account.identity = undefined;
    stage.clock.pass(29);
    expectAdmitted(asking, await useToken(stage, asking, token), { principal: "alice@example" });
    stage.clock.pass(1);
    expectRefused(asking, await useToken(stage, asking, token), revoked, 2);
  });

  it("accepts to the token's end where the service validates alone, and rejects after it", async () => {
    const stage = newStage();
    const { account, alone, token } = await start(stage, 0);
    account.identity = undefined;
    stage.clock.pass(1799);
    expectAdmitted(alone, await useToken(stage, alone, token), { principal: "alice@example" });
    stage.clock.pass(61);
    const answer = await useToken(stage, alone, token);
    expectRefused(alone, answer, { code: "ERR_TOKEN_EXPIRED", verdict: "MessageExpired" }, 1);
  });

  it("rejects a token that its owner cancelled, or an operator revoked", async () => {
    const stage = newStage();
    const { broker, asking, token } = await start(stage, 0);
    const { client } = stage.requestor(broker);
    const own = (await client.obtainToken({ appliesTo: "https://orders.example/orders" })).xml;
    expectAdmitted(asking, await useToken(stage, asking, own), { principal: "alice@example" });
    await client.cancelToken(own);
    expectRefused(asking, await useToken(stage, asking, own), revoked, 1);
    expectAdmitted(asking, await useToken(stage, asking, token), { principal: "alice@example" });
    expect(await broker.broker.revoke(/ ID="([^"]*)"/.exec(token)?.[1] ?? "")).toBe(true);
    expectRefused(asking, await useToken(stage, asking, token), revoked, 2);
    expect((await client.obtainToken({ appliesTo: "https://orders.example/orders" })).xml).not.toBe(own);
  });
});
