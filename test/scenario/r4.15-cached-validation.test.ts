import { expect, it } from "vitest";
import { type Stage, scenario } from "./stage.js";
import { atBroker, bearing, useToken } from "./validation.js";
import { expectAdmitted, expectRefused } from "./views.js";

/** A service that asks its broker, how often that was asked, and alice's token. */
async function start(stage: Stage, revalidateAfterSeconds?: number, lifetimeSeconds = 1800) {
  const relyingParties = [{ appliesTo: "https://orders.example/orders", lifetimeSeconds }];
  const broker = await stage.mountedBroker({ relyingParties });
  const service = await stage.service({ validation: { by: atBroker(stage, broker), revalidateAfterSeconds } });
  const asked = () => broker.events.filter((event) => "operation" in event && event.operation === "validate").length;
  return { broker, service, asked, token: await bearing(stage, broker) };
}

scenario("R4.15 validation by the broker is cached within bounds", (newStage) => {
  it("accepts ten messages with one call of the broker, and one more call when the answer is old", async () => {
    const stage = newStage();
    const { service, asked, token } = await start(stage, 120);
    for (let times = 0; times < 10; times++)
      expectAdmitted(service, await useToken(stage, service, token), { principal: "alice@example" });
    expect(asked()).toBe(1);
    stage.clock.pass(119);
    await useToken(stage, service, token);
    expect(asked()).toBe(1);
    stage.clock.pass(1);
    expectAdmitted(service, await useToken(stage, service, token), { principal: "alice@example" });
    expect(asked()).toBe(2);
  });

  it("accepts an answer no longer than the token lives", async () => {
    const stage = newStage();
    const { service, asked, token } = await start(stage, 3600, 100);
    await useToken(stage, service, token);
    stage.clock.pass(100);
    // Within the skew the token itself still counts; what was answered about it does not.
    expectAdmitted(service, await useToken(stage, service, token), { principal: "alice@example" });
    expect(asked()).toBe(2);
  });

  it("rejects a token that is not good each time by a call: such answers are not kept", async () => {
    const stage = newStage();
    const { broker, service, asked, token } = await start(stage, 3600);
    await broker.broker.revoke(/ ID="([^"]*)"/.exec(token)?.[1] ?? "");
    for (let times = 1; times <= 3; times++) {
      const answer = await useToken(stage, service, token);
      expectRefused(service, answer, { code: "ERR_TOKEN_REVOKED", verdict: "InvalidSecurityToken" });
      expect(asked()).toBe(times);
    }
  });
});
