import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type AuditEvent, usernameToken, x509 } from "@countersign/core";
import type { CountersignOptions } from "@countersign/core/adapter";
import { createTestAuthority } from "@countersign/core/testing";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { expressFramework } from "../adapter/express.js";
import { fastifyFramework } from "../adapter/fastify.js";
import { koaFramework } from "../adapter/koa.js";
import type { Running, Seen } from "../adapter/site.js";
import { requireExternal } from "../require/external.js";

/*
 * zeep, the SOAP client of Python, calls the order service on each framework: with a password digest over TLS, and with a
 * message that it signs itself and whose signed reply it verifies with the service's certificate.
 */

/** Debian's packages belong to its own Python, which need not be the first on the PATH. */
const python = ["python3", "/usr/bin/python3"].find(
  (program) => spawnSync(program, ["-c", "import zeep, xmlsec"]).status === 0,
);
const zeep = requireExternal("zeep and xmlsec for Python", () => python !== undefined);

const folder = mkdtempSync(join(tmpdir(), "countersign-zeep-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const authority = createTestAuthority({ subject: "CN=Test CA" });
const tls = authority.issue({ subject: "CN=localhost", alternativeNames: [{ dns: "localhost" }] });
const alice = authority.issue({ subject: "CN=alice,O=Example", keyType: "rsa" });
const stranger = authority.issue({ subject: "CN=stranger,O=Example", keyType: "rsa" });
const service = authority.issue({ subject: "CN=orders", keyType: "rsa" });

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}
const ca = file("ca.pem", authority.certificate);
const serviceCertificate = file("service.pem", service.certificate);
const keysOf = (name: string, { privateKey, certificate }: typeof alice) => ({
  key: file(`${name}.key`, privateKey),
  certificate: file(`${name}.pem`, certificate),
});
const aliceKeys = keysOf("alice", alice);
const strangerKeys = keysOf("stranger", stranger);

/** What the Python program prints: see place_order.py. */
interface Outcome {
  readonly outcome: "receipt" | "fault" | "reply-refused";
  readonly orderedBy?: string;
  readonly item?: string;
  readonly message?: string;
}

function placeOrder(address: string, request: Readonly<Record<string, unknown>>): Promise<Outcome> {
  const here = resolve(import.meta.dirname, "python");
  const input = JSON.stringify({ wsdl: join(here, "order.wsdl"), address, ca, ...request });
  return new Promise((done, fail) => {
    const child = spawn(python ?? "python3", [join(here, "place_order.py")], { stdio: ["pipe", "pipe", "pipe"] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (piece: Buffer) => out.push(piece));
    child.stderr.on("data", (piece: Buffer) => err.push(piece));
    child.on("error", fail);
    child.on("close", (code) => {
      if (code === 0) done(JSON.parse(Buffer.concat(out).toString()) as Outcome);
      else fail(new Error(`place_order.py ended with ${code}: ${Buffer.concat(err).toString()}`));
    });
    child.stdin.end(input);
  });
}

const soap11 = "http://schemas.xmlsoap.org/soap/envelope/";

function receipt({ securityOf }: Seen) {
  const { principal, message } = securityOf();
  const item = message?.body.child("PlaceOrder")?.child("item")?.text;
  return {
    headers: { "content-type": "text/xml; charset=utf-8" },
    body:
      `<soap:Envelope xmlns:soap="${soap11}"><soap:Body><o:OrderReceipt xmlns:o="urn:example:orders">` +
      `<o:orderedBy>${principal.name}</o:orderedBy><o:item>${item}</o:item></o:OrderReceipt></soap:Body></soap:Envelope>`,
  };
}

zeep.describe("zeep", () => {
  describe.each([expressFramework, koaFramework, fastifyFramework])("calling $name", (framework) => {
    let running: Running | undefined;
    let verdicts: (string | undefined)[] = [];

    beforeEach(async () => {
      verdicts = [];
      const audit = ({ outcome, error }: AuditEvent) => {
        verdicts.push(error?.code ?? outcome);
      };
      const origin = "https://orders.example";
      const secret = (name: string) => (name === "alice" ? "wonderland" : undefined);
      const routes = (key: typeof service) => [
        {
          path: "/password",
          guards: [
            { origin, audit, accept: [usernameToken({ secret, over: "transport" })] } satisfies CountersignOptions,
          ],
          handler: receipt,
        },
        {
          path: "/signed",
          guards: [
            {
              origin,
              audit,
              trust: { authorities: [authority.certificate] },
              accept: [x509({ subjects: ["CN=alice,O=Example"] })],
              reply: { sign: { key: key.privateKey, certificate: key.certificate } },
            } satisfies CountersignOptions,
          ],
          handler: receipt,
        },
      ];
      running = await framework.start(
        {
          routes: [
            ...routes(service),
            ...routes(stranger).map((route) => ({ ...route, path: `/stranger${route.path}` })),
          ],
        },
        { key: tls.privateKey, cert: tls.certificate },
      );
    });
    afterEach(() => running?.close());

    const url = (path: string) => `https://localhost:${running?.port}${path}`;
    const digest = { security: "username-digest", name: "alice" };
    const signed = { security: "x509", ...aliceKeys, service_certificate: serviceCertificate };

    it("accepts a UsernameToken with a password digest", async () => {
      const outcome = await placeOrder(url("/password"), { ...digest, password: "wonderland" });
      expect(outcome).toEqual({ outcome: "receipt", orderedBy: "alice", item: "anvil" });
    });

    it("rejects a digest of another password with ERR_WSS_FAILED_AUTHENTICATION", async () => {
      const outcome = await placeOrder(url("/password"), { ...digest, password: "looking-glass" });
      expect(outcome).toMatchObject({ outcome: "fault", message: "The security check failed." });
      expect(verdicts).toEqual(["ERR_WSS_FAILED_AUTHENTICATION"]);
    });

    it("accepts a message signed with RSA-SHA256, and its reply is verified by zeep", async () => {
      const outcome = await placeOrder(url("/signed"), signed);
      expect(outcome).toEqual({ outcome: "receipt", orderedBy: "CN=alice,O=Example", item: "anvil" });
    });

    it("rejects the same message with ERR_WSS_FAILED_CHECK where it was changed on its way", async () => {
      const outcome = await placeOrder(url("/signed"), { ...signed, tamper: true });
      expect(outcome).toMatchObject({ outcome: "fault", message: "The security check failed." });
      expect(verdicts).toEqual(["ERR_WSS_FAILED_CHECK"]);
    });

    it("rejects the signature of somebody else with ERR_WSS_FAILED_AUTHENTICATION", async () => {
      const outcome = await placeOrder(url("/signed"), { ...signed, ...strangerKeys });
      expect(outcome).toMatchObject({ outcome: "fault" });
      expect(verdicts).toEqual(["ERR_WSS_FAILED_AUTHENTICATION"]);
    });

    it("accepts nothing less: zeep rejects a reply that another key signed", async () => {
      const outcome = await placeOrder(url("/stranger/signed"), signed);
      expect(outcome.outcome).toBe("reply-refused");
    });
  });
});
