import { createClient } from "@countersign/client";
import { saml2 } from "@countersign/core";
import type { CountersignOptions } from "@countersign/core/adapter";
import { createTestAuthority } from "@countersign/core/testing";
import { describe, expect, it } from "vitest";
import { expressFramework } from "../adapter/express.js";
import { fastifyFramework } from "../adapter/fastify.js";
import { koaFramework } from "../adapter/koa.js";
import type { Running } from "../adapter/site.js";
import { issuer, order, ordersUrl, testBroker } from "./estate.js";

const authority = createTestAuthority({ subject: "CN=Test CA" });
const server = authority.issue({ subject: "CN=localhost", alternativeNames: [{ ip: "127.0.0.1" }] });
const signer = authority.issue({ subject: "CN=sts", keyType: "rsa" });
const service = authority.issue({ subject: "CN=orders", keyType: "rsa" });

/** The way to the orders: a token of the broker, with a key or without. */
const ordersGuard: CountersignOptions = {
  origin: "https://orders.example",
  trust: { issuers: [{ name: issuer, certificates: [signer.certificate] }] },
  accept: [
    saml2({ audience: ordersUrl, confirm: "holder-of-key", signed: ["body", "timestamp"] }),
    saml2({ audience: ordersUrl, confirm: "bearer", over: "transport" }),
  ],
  reply: { sign: { key: service.privateKey, certificate: service.certificate }, confirm: true },
};

describe.each([expressFramework, koaFramework, fastifyFramework])("a broker and a service on $name", (framework) => {
  async function run(story: (base: string) => Promise<void>): Promise<void> {
    const { broker } = testBroker({
      clock: undefined,
      signing: { key: signer.privateKey, certificate: signer.certificate },
    });
    const site = {
      endpoint: { path: "/sts", endpoint: broker },
      routes: [
        {
          path: "/orders",
          guards: [ordersGuard],
          handler: ({ securityOf }: { securityOf(): { principal: { name: string } } }) => ({
            headers: { "content-type": "application/soap+xml; charset=utf-8" },
            body: order().replace(">1<", `>for ${securityOf().principal.name}<`),
          }),
        },
      ],
    };
    let running: Running | undefined;
    try {
      running = await framework.start(site, { key: server.privateKey, cert: server.certificate });
      await story(`https://127.0.0.1:${running.port}`);
    } finally {
      await running?.close();
      await broker.close();
    }
  }

  const requestor = (base: string, keyType: "bearer" | "public-key", password = "wonderland") =>
    createClient({
      broker: {
        url: `${base}/sts`,
        certificates: [signer.certificate],
        signedReplies: true,
        tls: { ca: authority.certificate },
      },
      credentials: () => ({ name: "alice", password }),
      keyType,
      tls: { ca: authority.certificate },
      reply: { signed: true, certificates: [service.certificate], confirmed: true },
    });

  it.each(["bearer", "public-key"] as const)("accepts a client with a %s token", (keyType) =>
    run(async (base) => {
      const client = requestor(base, keyType);
      const call = { appliesTo: ordersUrl, body: order(), action: "urn:order" };
      for (let times = 0; times < 2; times++) {
        const { message } = await client.fetch(`${base}/orders`, call);
        expect(message?.body.child("order")?.text).toBe("for alice@example");
      }
      await client.close();
    }),
  );

  it("rejects a wrong password, and a token for another service", () =>
    run(async (base) => {
      const wrong = requestor(base, "bearer", "looking-glass");
      const call = { appliesTo: ordersUrl, body: order(), action: "urn:order" };
      await expect(wrong.fetch(`${base}/orders`, call)).rejects.toMatchObject({
        code: "ERR_STS_FAULT",
        httpStatus: 400,
      });
      const lost = requestor(base, "bearer");
      const elsewhere = { ...call, appliesTo: "https://bearer-only.example" };
      await expect(lost.fetch(`${base}/orders`, elsewhere)).rejects.toMatchObject({ code: "ERR_SERVICE_FAULT" });
      await Promise.all([wrong.close(), lost.close()]);
    }));
});
