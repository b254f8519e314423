import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createBroker, type ServedBroker, serve } from "@countersign/broker";
import { createClient } from "@countersign/client";
import type { Express } from "express";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call } from "../cli/invocation.js";
import { modules, repository } from "./blocks.js";
import { order } from "./messages.js";

/** What `countersign keygen` writes for the documentation's examples. */
interface TrialSettings {
  readonly ca: string;
  readonly tls: { readonly key: string; readonly cert: string };
  readonly signing: { readonly key: string; readonly certificate: string };
}

/** A folder made by `countersign keygen`, with the quick start beside its `settings.js`. */
async function makeKeys() {
  const out = mkdtempSync(join(repository, "test/dist/keys-"));
  const { code } = await call(["keygen", "--out", out, "--force"]);
  expect(code).toBe(0);
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  const source = modules().get("express.ts")?.source ?? "";
  writeFileSync(join(out, "express.js"), ts.transpileModule(source, { compilerOptions }).outputText);
  const load = (name: string): Promise<unknown> => import(pathToFileURL(join(out, name)).href);
  return {
    settings: (await load("settings.js")) as TrialSettings,
    app: ((await load("express.js")) as { app: Express }).app,
    remove: () => rmSync(out, { recursive: true }),
  };
}

describe("keys of countersign keygen", { timeout: 60_000 }, () => {
  let keys: Awaited<ReturnType<typeof makeKeys>>;
  let others: Awaited<ReturnType<typeof makeKeys>>;
  let server: Server;
  const brokers: ServedBroker[] = [];

  beforeAll(async () => {
    [keys, others] = await Promise.all([makeKeys(), makeKeys()]);
    const { app, settings } = keys;
    server = createServer(settings.tls, app);
    await new Promise<void>((resolve) => {
      server.listen(0, "localhost", () => resolve());
    });
  }, 60_000);

  afterAll(async () => {
    server.close();
    await Promise.all(brokers.map((broker) => broker.close()));
    keys.remove();
    others.remove();
  });

  /** What the quick start answers to alice, whose token comes from a broker that signs with these keys. */
  async function answerTo(signing: TrialSettings["signing"]): Promise<{ status: number; body: string }> {
    const { ca, tls } = keys.settings;
    const broker = await serve(
      createBroker({
        issuer: "https://sts.example",
        origin: "https://sts.example",
        signing,
        identityProvider: (name, password) =>
          password === "wonderland" ? { name, claims: { role: ["clerk"] } } : undefined,
        relyingParties: [{ appliesTo: "https://orders.example/orders", claims: ["role"] }],
      }),
      { port: 0, host: "localhost", tls: { key: tls.key, certificate: tls.cert } },
    );
    brokers.push(broker);
    const client = createClient({
      broker: { url: broker.url, certificates: [signing.certificate], tls: { ca } },
      credentials: () => ({ name: "alice", password: "wonderland" }),
      keyType: "public-key",
      tls: { ca },
    });
    try {
      const { envelope, contentType } = await client.secure(order, { appliesTo: "https://orders.example/orders" });
      return await post(envelope, contentType, ca);
    } finally {
      await client.close();
    }
  }

  async function post(body: Uint8Array, contentType: string, ca: string) {
    return new Promise<{ status: number; body: string }>((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const headers = { "content-type": contentType };
      const sent = request({ host: "localhost", port, path: "/orders", method: "POST", headers, ca }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  it("accepts alice in the quick start, with a token that they signed", async () => {
    expect(await answerTo(keys.settings.signing)).toEqual({ status: 200, body: "hello alice" });
  });

  it("rejects a token that other keys signed", async () => {
    expect(await answerTo(others.settings.signing)).toMatchObject({ status: 400 });
  });
});
