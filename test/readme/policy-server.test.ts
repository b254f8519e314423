import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { send } from "./serving.js";
import { createStage } from "./stage.js";

const stage = createStage();
beforeAll(() => stage.startService("express.ts", "stock.ts"), 60_000);
afterAll(() => stage.close());

const basic = (name: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`,
});

describe("the module stock.ts", () => {
  it("accepts who may, and tells the handler the name and what the policy adds", async () => {
    const headers = { ...basic("alice", "wonderland"), "x-role": "auditor" };
    expect(await send("GET", "/stock", headers)).toMatchObject({ status: 200, body: "hello alice, clerk" });
  });

  it("rejects who may not, what nobody may, wrong credentials and none", async () => {
    const refused = { status: 401, body: "The security check failed." };
    const denied = { status: 403, body: "Access is denied." };
    expect(await send("GET", "/stock", basic("bob", "builder"))).toMatchObject(denied);
    expect(await send("POST", "/stock", basic("alice", "wonderland"))).toMatchObject(denied);
    expect(await send("GET", "/stock", basic("alice", "wrong"))).toMatchObject(refused);
    expect(await send("GET", "/stock", {})).toMatchObject(refused);
  });
});
