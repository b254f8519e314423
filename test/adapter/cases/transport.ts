import { request as tlsRequest } from "node:https";
import type { CountersignOptions, ProxyOptions } from "@countersign/core/adapter";
import { createTestAuthority, createTestCertificate } from "@countersign/core/testing";
import request from "supertest";
import { expect } from "vitest";
import type { Case } from "../case.js";
import { type ScriptedGuard, scriptedGuard } from "../scripted-guard.js";

const handler = () => ({ body: "handled" });
const believed: ProxyOptions["headers"] = { certificate: "x-client-cert" };

const https = {
  authorization: "Bearer good",
  "x-forwarded-proto": "https",
  "x-forwarded-for": "203.0.113.7, 127.0.0.1",
  "x-client-cert": Buffer.from("der").toString("base64"),
};

/** What the guard was told last. */
const told = ({ requests }: ScriptedGuard) => {
  const { encrypted, remoteAddress, peerCertificate } = requests.at(-1)?.transport ?? {};
  return { encrypted, remoteAddress, certificate: peerCertificate && Buffer.from(peerCertificate).toString() };
};

const direct = { encrypted: false, remoteAddress: "127.0.0.1", certificate: undefined };

export const transportCases: readonly Case[] = [
  [
    "accepts forwarding headers from a listed proxy, and rejects them from anyone else",
    async (start) => {
      const guard = scriptedGuard();
      const site = (proxy: ProxyOptions | undefined) => ({
        guards: [{ guard, proxy }],
        routes: [{ path: "/", handler }],
      });
      for (const trust of [["127.0.0.1"], ["10.0.0.1", "127.0.0.0/8"], ["::1", "127.0.0.1/32"]]) {
        const { server } = await start(site({ trust, headers: believed }));
        await request(server).get("/").set(https).expect(200);
        expect(told(guard)).toEqual({ encrypted: true, remoteAddress: "203.0.113.7", certificate: "der" });
      }
      for (const proxy of [undefined, { trust: ["10.0.0.1", "128.0.0.0/8", "::1"], headers: believed }]) {
        const { server } = await start(site(proxy));
        await request(server).get("/").set(https).expect(200);
        expect(told(guard)).toEqual(direct);
      }
    },
  ],
  [
    "accepts a listed proxy's word only as far as it goes: absent headers and mixed hops are not TLS, and what stands left of a stranger is hearsay",
    async (start) => {
      const guard = scriptedGuard();
      const { server } = await start({
        guards: [{ guard, proxy: { trust: ["127.0.0.1", "10.0.0.0/8"] } }],
        routes: [{ path: "/", handler }],
      });
      const rows: readonly [Record<string, string | string[]>, boolean, string][] = [
        [{}, false, "127.0.0.1"],
        [{ "x-forwarded-proto": "HTTPS" }, true, "127.0.0.1"],
        [{ "x-forwarded-proto": "https, http" }, false, "127.0.0.1"],
        [{ "x-forwarded-proto": "http, https" }, false, "127.0.0.1"],
        [{ "x-forwarded-proto": "https, https" }, true, "127.0.0.1"],
        [{ "x-forwarded-proto": "https," }, false, "127.0.0.1"],
        [{ "x-forwarded-for": "198.51.100.1, 203.0.113.7, 10.1.1.1" }, false, "203.0.113.7"],
        [{ "x-forwarded-for": "[2001:db8::1]:443, 10.1.1.1:80" }, false, "2001:db8::1"],
        [{ "x-forwarded-for": "198.51.100.1, 203.0.113.7, ::ffff:10.1.1.1" }, false, "203.0.113.7"],
        [{ "x-forwarded-for": "198.51.100.1, unknown, 10.1.1.1" }, false, "10.1.1.1"],
        [{ "x-forwarded-for": "unknown" }, false, "127.0.0.1"],
        // Not named in the options: not believed.
        [{ "x-client-cert": https["x-client-cert"] }, false, "127.0.0.1"],
      ];
      for (const [headers, encrypted, remoteAddress] of rows) {
        await request(server)
          .get("/")
          .set({ authorization: "Bearer good" })
          .set(headers as Record<string, string>)
          .expect(200);
        expect([headers, told(guard)]).toEqual([headers, { encrypted, remoteAddress, certificate: undefined }]);
      }
    },
  ],
  [
    "accepts a proxy's certificate header in each form, and rejects one that holds none",
    async (start) => {
      const guard = scriptedGuard();
      const proxy = {
        trust: ["127.0.0.1"],
        headers: { scheme: "X-Scheme", address: "X-Real-IP", certificate: "Client-Cert" },
      };
      const { server, errors } = await start({ guards: [{ guard, proxy }], routes: [{ path: "/", handler }] });
      const { certificate, der } = createTestCertificate({ subject: "CN=caller" });
      const get = (value: string) =>
        request(server)
          .get("/")
          .set({ authorization: "Bearer good", "x-scheme": "https", "x-real-ip": "203.0.113.7", "client-cert": value });
      for (const form of [der.toString("base64"), `:${der.toString("base64")}:`, encodeURIComponent(certificate)]) {
        await get(form).expect(200);
        expect(guard.requests.at(-1)?.transport).toMatchObject({ encrypted: true, remoteAddress: "203.0.113.7" });
        expect(guard.requests.at(-1)?.transport.peerCertificate).toEqual(der);
      }
      const asked = guard.requests.length;
      const junk = [
        `${der.toString("base64")}!`,
        "::",
        `:${der.toString("base64")}`,
        "-----BEGIN CERTIFICATE-----",
        "YQ==, YQ==",
      ];
      for (const value of junk) expect([value, (await get(value)).text]).toEqual([value, "fixed failure"]);
      expect([guard.requests.length, errors.length]).toEqual([asked, 0]);
    },
  ],
  [
    "accepts TLS and a certificate that the connection's own check accepted, and rejects one that it did not",
    async (start) => {
      const authority = createTestAuthority({ subject: "CN=authority" });
      const caller = authority.issue({ subject: "CN=caller" });
      const stranger = createTestCertificate({ subject: "CN=stranger" });
      const own = createTestCertificate({ subject: "CN=localhost" });
      const guard = scriptedGuard();
      const { port } = await start(
        { guards: [guard], routes: [{ path: "/", handler }] },
        {
          key: own.privateKey,
          cert: own.certificate,
          ca: authority.certificate,
          requestCert: true,
          rejectUnauthorized: false,
        },
      );
      for (const [identity, certificate] of [
        [caller, caller.der],
        [stranger, undefined],
        [undefined, undefined],
      ] as const) {
        const status = await new Promise<number | undefined>((resolve, reject) => {
          const options = {
            port,
            rejectUnauthorized: false,
            headers: { authorization: "Bearer good", "x-forwarded-proto": "http" },
            ...(identity ? { key: identity.privateKey, cert: identity.certificate } : {}),
          };
          tlsRequest(options, (response) => resolve(response.resume().statusCode))
            .on("error", reject)
            .end();
        });
        expect(status).toBe(200);
        expect(guard.requests.at(-1)?.transport.encrypted).toBe(true);
        expect(guard.requests.at(-1)?.transport.peerCertificate).toEqual(certificate);
      }
    },
  ],
  [
    "accepts proxy options that name somebody, and rejects others at start with ERR_CONFIG_INVALID or ERR_CONFIG_INSECURE",
    async (start) => {
      const guard = scriptedGuard();
      const site = (proxy: unknown, more: object = {}) => ({
        guards: [{ guard, proxy, ...more } as unknown as CountersignOptions],
        routes: [{ path: "/", handler }],
      });
      await start(site({ trust: ["2001:db8::/32", "192.0.2.1"] }));
      const rows: readonly [unknown, string, string][] = [
        [{ trust: [] }, "ERR_CONFIG_INVALID", "proxy.trust"],
        [{ trust: "127.0.0.1" }, "ERR_CONFIG_INVALID", "proxy.trust"],
        [{}, "ERR_CONFIG_INVALID", "proxy.trust"],
        [{ trust: ["10.0.0.1", "loopback"] }, "ERR_CONFIG_INVALID", "proxy.trust[1]"],
        [{ trust: ["10.0.0.0/33"] }, "ERR_CONFIG_INVALID", "proxy.trust[0]"],
        [{ trust: ["10.0.0.0/8/8"] }, "ERR_CONFIG_INVALID", "proxy.trust[0]"],
        [{ trust: ["10.0.0.0/"] }, "ERR_CONFIG_INVALID", "proxy.trust[0]"],
        [{ trust: ["0.0.0.0/0"] }, "ERR_CONFIG_INSECURE", "proxy.trust[0]"],
        [{ trust: ["::/0"] }, "ERR_CONFIG_INSECURE", "proxy.trust[0]"],
        [{ trust: ["10.0.0.1"], headers: { scheme: "no name" } }, "ERR_CONFIG_INVALID", "proxy.headers.scheme"],
        [{ trust: ["10.0.0.1"], headers: { proto: "x" } }, "ERR_CONFIG_INVALID", "proxy.headers.proto"],
        [{ trust: ["10.0.0.1"], hops: 1 }, "ERR_CONFIG_INVALID", "proxy.hops"],
      ];
      for (const [proxy, code, option] of rows) {
        await expect(start(site(proxy))).rejects.toMatchObject({ code, option });
      }
      await expect(start(site(undefined, { origin: "https://a.example" }))).rejects.toMatchObject({ option: "origin" });
    },
  ],
];
