import { createClient } from "@countersign/client";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { expectAnswer } from "./answers.js";
import { order, requestor, secured, soap12 } from "./messages.js";
import { send } from "./serving.js";
import { createStage, exchangesOf } from "./stage.js";

const stage = createStage();
const post = (body: string) => send("POST", "/orders", soap12, body);

beforeAll(() => stage.startBroker("broker.ts"), 60_000);
afterAll(() => stage.close());

describe.each(["express.ts", "koa.ts", "fastify.ts"])("the quick start %s", (file) => {
  beforeAll(() => stage.startService(file), 60_000);

  it.each(["public-key", "bearer"] as const)("accepts alice with a %s token", async (keyType) => {
    expect(await post(await secured(requestor("alice", keyType)))).toMatchObject({ status: 200, body: "hello alice" });
  });

  it("rejects a request without a token as the document says", async () => {
    const [said, ...more] = exchangesOf(file);
    expect([said, more]).toEqual([expect.anything(), []]);
    if (said === undefined) return;
    const { method, target, headers, body } = said.request;
    expectAnswer(await send(method, target, headers, body), said.response);
  });

  it("rejects a forged, a stale and a replayed message with the octets that no token gets", async () => {
    const genuine = await secured(requestor("alice", "public-key"));
    expect(await post(genuine)).toMatchObject({ status: 200 });
    const answers = [
      await post(order),
      await post(genuine.replace(">anvil<", ">crown<")),
      await post(await anHourOld()),
      await post(genuine),
    ];
    for (const { status, body } of answers) expect({ status, body }).toEqual({ status: 400, body: answers[0]?.body });
  });

  it("rejects bob, who is no clerk, with ERR_POLICY_CLAIM and the claim that he lacks", async () => {
    const { status, body } = await post(await secured(requestor("bob", "public-key")));
    expect(status).toBe(400);
    expect(body).toContain("wsse:FailedAuthentication");
    expect(body).toContain("The claim role = clerk is required.");
  });
});

describe("what a handler gets (receipt.ts, client.ts)", () => {
  beforeAll(() => stage.startService("express.ts", "receipt.ts"), 60_000);

  it("accepts alice's order and answers what was verified", async () => {
    const said = vi.spyOn(console, "log").mockImplementation(() => undefined);
    try {
      await stage.loader.load("client.ts");
      expect(said.mock.calls.map(([line]) => line as string)).toEqual([
        "alice (clerk), vouched for by https://sts.example, orders anvil",
        expect.stringMatching(/^saml2 token, holder-of-key, see audit record [0-9a-f-]{36}$/),
        "anvil",
      ]);
    } finally {
      said.mockRestore();
    }
  });

  it("rejects the same order without its signature", async () => {
    const said = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const genuine = await secured(requestor("alice", "public-key"));
    const unsigned = genuine.replace(
      /<ds:Signature (?:(?!<ds:Signature ).)*<\/ds:Signature>(?=<\/wsse:Security>)/s,
      "",
    );
    expect(unsigned).not.toBe(genuine);
    expect(await send("POST", "/orders/receipt", soap12, unsigned)).toMatchObject({ status: 400 });
    expect(said).not.toHaveBeenCalled();
    expect(await send("POST", "/orders/receipt", soap12, genuine)).toMatchObject({ status: 200 });
    expect(said).toHaveBeenCalledTimes(2);
    said.mockRestore();
  });
});

/** A message that alice's client made an hour ago, with a token of today. */
async function anHourOld(): Promise<string> {
  let behind = 0;
  const client = createClient({ ...requestor("alice", "public-key"), clock: { now: () => Date.now() - behind } });
  try {
    const target = { appliesTo: "https://orders.example/orders" };
    await client.obtainToken(target);
    behind = 3_600_000;
    return Buffer.from((await client.secure(order, target)).envelope).toString();
  } finally {
    await client.close();
  }
}
