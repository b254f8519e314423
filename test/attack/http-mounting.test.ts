import { gzipSync } from "node:zlib";
import { type GuardOptions, usernameToken, x509 } from "@countersign/core";
import { describe } from "vitest";
import { spellings } from "../adapter/cases/paths.js";
import type { Site } from "../adapter/site.js";
import { Wire } from "../adapter/wire.js";
import { credentials } from "../support/credentials.js";
import { usernameMessage } from "../support/messages.js";
import { attack } from "./attack.js";
import { contentType, frameworks, genuineMessage, head, served } from "./support/service.js";

/*
 * How a guard stands in an application: before parsers, around every path, and between the message and the handler
 * whatever goes wrong.
 */

const { signer } = credentials();
const password = "correct horse";

for (const framework of frameworks) {
  describe(framework.name, () => {
    attack(
      "L13",
      "a parser in front that leaves no octets",
      served(
        framework,
        {
          site: (guard, handler) => ({ before: "json", guards: [guard], routes: [{ path: "/orders", handler }] }),
        },
        async (service, expect) => {
          const { bytes, soap } = genuineMessage();
          const answer = await service.post(framework.name === "express" ? '"parsed"' : bytes, [contentType(soap)]);
          expect(service.records.at(-1)?.error?.code).toBe("ERR_HTTP_BODY_CONSUMED");
          return service.refused(expect, answer, 0);
        },
      ),
    );
    attack(
      "L13",
      "a parser in front that leaves other octets than came",
      served(
        framework,
        {
          site: (guard, handler) => ({ before: "raw", guards: [guard], routes: [{ path: "/orders", handler }] }),
        },
        async (service, expect) => {
          await service.admits(expect);
          const { bytes, soap } = genuineMessage();
          const answer = await service.post(gzipSync(bytes), [contentType(soap), "Content-Encoding: gzip"]);
          return service.refused(expect, answer, 1);
        },
      ),
    );

    const sites: Readonly<
      Record<string, (guard: GuardOptions, handler: NonNullable<Site["routes"]>[number]["handler"]) => Site>
    > = {
      "one route": (guard, handler) => ({ routes: [{ path: "/svc", guards: [guard], handler }] }),
      "a scope": (guard, handler) => ({ scope: { path: "/svc", guards: [guard], routes: [{ path: "/", handler }] } }),
      "the application": (guard, handler) => ({ guards: [guard], routes: [{ path: "/svc", handler }] }),
    };
    for (const [title, site] of Object.entries(sites)) {
      attack(
        "L16",
        `spellings of a path, guard around ${title}`,
        served(framework, { site }, async (service, expect) => {
          const bare = genuineMessage().text.replace(/<wsse:Security [\s\S]*<\/wsse:Security>/, "");
          for (const path of spellings) {
            for (const method of ["GET", "POST"]) {
              const lines = [contentType("1.1"), `Content-Length: ${method === "GET" ? 0 : Buffer.byteLength(bare)}`];
              const { status } = await service.raw(head(method, path, lines), method === "GET" ? "" : bare);
              expect([path, method, status]).toEqual([path, method, expect.toBeOneOf([400, 404, 405, 500])]);
            }
          }
          expect(service.seen.length).toBe(0);
          const { bytes, soap } = genuineMessage();
          const genuine = await service.raw(
            head("POST", "/svc", [contentType(soap), `Content-Length: ${bytes.length}`]),
            bytes,
          );
          expect([genuine.status, service.seen.length]).toEqual([200, 1]);
          return "holds" as const;
        }),
      );
    }
    attack(
      "L17",
      "health paths and user agents of probes",
      served(
        framework,
        {
          site: (guard, handler) => ({
            guards: [guard],
            routes: ["/orders", "/health", "/healthz", "/ping", "/metrics", "/favicon.ico", "/.well-known/x"].map(
              (path) => ({ path, handler }),
            ),
          }),
        },
        async (service, expect) => {
          await service.admits(expect);
          for (const path of [
            "/health",
            "/healthz",
            "/ping",
            "/metrics",
            "/favicon.ico",
            "/.well-known/x",
            "/orders/../health",
          ]) {
            for (const agent of ["kube-probe/1.29", "GoogleHC/1.0", "ELB-HealthChecker/2.0", "curl/8"]) {
              for (const method of ["GET", "POST"]) {
                const { status } = await service.raw(head(method, path, [`User-Agent: ${agent}`, "Content-Length: 0"]));
                expect([path, agent, method, status]).toEqual([path, agent, method, expect.toBeOneOf([404, 405, 415])]);
              }
            }
          }
          expect(service.seen.length).toBe(1);
          return "holds" as const;
        },
      ),
    );

    const passwords: Partial<GuardOptions> = {
      accept: [usernameToken({ verify: (name, given) => name === "alice" && given === password, over: "transport" })],
    };
    const token = () => usernameMessage({ username: "alice", password }).bytes;
    const forwarded = [
      "X-Forwarded-Proto: https",
      "X-Forwarded-Ssl: on",
      "X-Forwarded-Scheme: https",
      "Forwarded: proto=https",
      "Front-End-Https: on",
      "X-Url-Scheme: https",
      "X-Forwarded-For: 10.0.0.1",
      "X-Forwarded-Host: orders.example",
      `X-Client-Cert: ${signer.certificate.toString("base64")}`,
    ];
    for (const [title, proxy] of [
      ["no proxy is named", undefined],
      ["another proxy is named", { trust: ["10.0.0.1"] }],
    ] as const) {
      attack(
        "L20",
        `forwarded headers where ${title}`,
        served(framework, { guard: { ...passwords, proxy } }, async (service, expect) => {
          expect(service.refused(expect, await service.post(token(), [contentType("1.1"), ...forwarded]), 0)).toBe(
            "IS",
          );
          for (const line of forwarded) {
            expect([line, service.refused(expect, await service.post(token(), [contentType("1.1"), line]), 0)]).toEqual(
              [line, "IS"],
            );
          }
          expect(new Set(service.records.map(({ remoteAddress }) => remoteAddress))).toEqual(new Set(["127.0.0.1"]));
          return "holds" as const;
        }),
      );
    }
    attack(
      "L20",
      "forwarded headers of a named proxy, which says no",
      served(framework, { guard: { ...passwords, proxy: { trust: ["127.0.0.1"] } } }, async (service, expect) => {
        expect((await service.post(token(), [contentType("1.1"), "X-Forwarded-Proto: https"])).status).toBe(200);
        for (const lines of [
          [],
          ["X-Forwarded-Proto: http"],
          ["X-Forwarded-Proto: https", "X-Forwarded-Proto: http"],
          ["X-Forwarded-Ssl: on"],
          ["Forwarded: proto=https"],
        ]) {
          expect([
            lines,
            service.refused(expect, await service.post(token(), [contentType("1.1"), ...lines]), 1),
          ]).toEqual([lines, "IS"]);
        }
        return "holds" as const;
      }),
    );

    const held = new HeldAccounts();
    attack(
      "L22",
      "no verdict yet, a wrong one late, and nobody there to hear it",
      served(framework, { guard: { accept: [x509({ account: held.account })] } }, async (service, expect) => {
        const open = async () => {
          const { bytes, soap } = genuineMessage();
          const wire = await Wire.open(service.port);
          const waiting = held.next();
          wire.send(head("POST", "/orders", [contentType(soap), `Content-Length: ${bytes.length}`]), bytes);
          return { wire, decide: await waiting };
        };
        const admitted = await open();
        expect([service.seen.length, admitted.wire.received]).toEqual([0, ""]);
        admitted.decide(true);
        expect([(await admitted.wire.answer()).status, service.seen.length]).toEqual([200, 1]);
        const refused = await open();
        refused.decide(false);
        expect([(await refused.wire.answer()).status, service.seen.length]).toEqual([500, 1]);
        const gone = await open();
        gone.wire.close();
        await new Promise((resolve) => setTimeout(resolve, 50));
        gone.decide(true);
        await gone.wire.until(() => service.records.length === 3);
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(service.seen.length).toBe(1);
        for (const { wire } of [admitted, refused]) wire.close();
        return "holds" as const;
      }),
    );
  });
}

/** An account check that waits until the test decides. */
class HeldAccounts {
  #arrived: (decide: (allowed: boolean) => void) => void = () => undefined;

  readonly account = () => new Promise<boolean>((resolve) => this.#arrived(resolve));

  /** The next check that is asked for. */
  next(): Promise<(allowed: boolean) => void> {
    return new Promise((resolve) => {
      this.#arrived = resolve;
    });
  }
}
