import { type GuardOptions, saml2 } from "@countersign/core";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { holderOfKeyMessage } from "../support/messages.js";
import { attack } from "./attack.js";
import {
  caller,
  contentType,
  frameworks,
  genuineMessage,
  head,
  type Service,
  served,
  valuesOf,
} from "./support/service.js";

/*
 * The header that tells the handler who called is ours alone, in every view that Node and the framework have of a request.
 */

const { signer, issuer } = credentials();
const name = "x-auth-user";
const aliases = [
  "X-Auth-User",
  "x-auth-user",
  "X-AUTH-USER",
  "X_Auth_User",
  "x_auth_user",
  "X.Auth.User",
  "x-auth_user",
  "X.AUTH-user",
];

/** A route for holder-of-key assertions, whose attributes the handler is told. */
const assertions: Partial<GuardOptions> = {
  trust: { issuers: [{ name: "https://sts.example", certificates: [issuer.certificate] }] },
  accept: [saml2({ audience: "urn:orders", confirm: "holder-of-key" })],
  inject: {
    headers: { [name]: ({ principal }) => principal.name, "x-role": ({ claims }) => claims.values("role").join(",") },
  },
};
const asserted = (subject: string, attributes: Readonly<Record<string, readonly string[]>>) =>
  holderOfKeyMessage({ signer, assertion: { issuedBy: issuer, subject, attributes } }).bytes;

for (const framework of frameworks) {
  describe(framework.name, () => {
    attack(
      "L1",
      "sent once, twice, and on an anonymous route",
      served(framework, { guard: { anonymous: true } }, async (service, expect) => {
        for (const lines of [
          [],
          ["X-Auth-User: admin"],
          ["X-Auth-User: admin", "X-Auth-User: root"],
          ["X-Auth-User:"],
        ]) {
          expect(valuesOf(await service.admits(expect, lines), name)).toEqual([caller]);
          const bare = await service.raw(head("GET", "/orders", lines));
          expect([bare.status, valuesOf(service.seen.at(-1) as never, name)]).toEqual([200, []]);
          expect(service.seen.at(-1)?.security).toBeUndefined();
        }
        return "holds" as const;
      }),
    );
    attack(
      "L1",
      "on a route that sets nothing, but strips",
      served(framework, { guard: { inject: { strip: [name] } } }, async (service, expect) => {
        expect(valuesOf(await service.admits(expect, ["X-Auth-User: admin"]), name)).toEqual([]);
        return "holds" as const;
      }),
    );
    attack(
      "L2",
      "under every alias",
      served(framework, {}, async (service, expect) => {
        for (const alias of aliases) {
          const seen = await service.admits(expect, [`${alias}: admin`, "X-Other_Name: kept"]);
          expect([alias, valuesOf(seen, name)]).toEqual([alias, [caller]]);
          expect(valuesOf(seen, "x-other-name")).toEqual(["kept"]);
        }
        expect(
          valuesOf(
            await service.admits(
              expect,
              aliases.map((alias) => `${alias}: admin`),
            ),
            name,
          ),
        ).toEqual([caller]);
        return "holds" as const;
      }),
    );
    attack(
      "L3",
      "a Connection header that names it",
      served(framework, {}, async (service, expect) => {
        await service.admits(expect, ["Connection: keep-alive, TE"]);
        const { bytes, soap } = genuineMessage();
        for (const value of [
          "close, X-Auth-User",
          "x-auth-user",
          "X-Auth-User , close",
          "close,\tX-Auth-User",
          "close, content-type",
          "X_Auth_User",
          "keep-alive,,authorization",
        ]) {
          const answer = await service.post(bytes, [contentType(soap), `Connection: ${value}`]);
          expect([value, answer.status]).toEqual([value, 400]);
        }
        const answer = await service.post(bytes, [contentType(soap), "Connection: close", "Connection: X-Auth-User"]);
        expect(service.seen.length).toBe(1);
        return String(answer.status) as "400";
      }),
    );
    attack(
      "L4",
      "in raw headers, lists and records",
      served(framework, {}, async (service, expect) => {
        const { request, records, header } = await service.admits(
          expect,
          aliases.map((alias) => `${alias}: admin`),
        );
        expect(request.headers[name]).toBe(caller);
        expect(request.headersDistinct[name]).toEqual([caller]);
        expect(request.rawHeaders.join("\n")).not.toContain("admin");
        expect(request.rawHeaders.filter((text) => /^x.auth.user$/i.test(text))).toEqual([name]);
        expect(header("X-Auth-User")).toBe(caller);
        for (const record of Object.values(records)) expect(record[name]).toBe(caller);
        return "holds" as const;
      }),
    );
    attack(
      "L5",
      "line ends, other scripts and quotes in names and claims",
      served(framework, { guard: assertions }, async (service, expect) => {
        for (const text of [
          "Zo\u00eb",
          "\u7530\u4e2d",
          "a\r\nX-Role: admin",
          "a\nX-Role: admin",
          " padded ",
          "\u0085\u2028",
          "a\tb",
          "UTF-8''admin",
          "\ud83d\udc7b",
          "a\u007f",
          'a", b=c',
        ]) {
          const answer = await service.post(asserted(text, { role: [text, "clerk"] }), [
            contentType("1.1"),
            "X-Role: admin",
          ]);
          expect([text, answer.status]).toEqual([text, 200]);
          const seen = service.seen.at(-1) as Service["seen"][number];
          const [value = "", ...others] = valuesOf(seen, name);
          expect([others, decoded(value)]).toEqual([[], text]);
          expect(value).toMatch(/^[\x20-\x7e]+$/);
          expect(valuesOf(seen, "x-role").map(decoded)).toEqual([`${text},clerk`]);
          // What the handler reads from the security context is the text itself.
          expect(seen.security?.principal.name).toBe(text);
        }
        const answer = await service.post(Buffer.from(asserted("nul", {}).toString().replace(">nul<", ">&#0;<")), [
          contentType("1.1"),
        ]);
        expect(answer.status).toBe(400);
        return "holds" as const;
      }),
    );
    attack(
      "L6",
      "claims named as headers, twins, and a thousand of them",
      served(framework, { guard: assertions }, async (service, expect) => {
        const plain = await service.post(asserted("alice", { role: ["clerk"] }), [contentType("1.1")]);
        expect(plain.status).toBe(200);
        const many = Object.fromEntries(
          Array.from({ length: 1000 }, (_, index) => [`x-claim-${index}`, [String(index)]]),
        );
        const hostile = Object.fromEntries([
          ["__proto__", ["x"]],
          ["constructor", ["x"]],
          ["x-role\r\nx-evil", ["x"]],
          ["x-auth-user", ["admin"]],
          ["host", ["evil"]],
          ["ROLE", ["admin"]],
          ["Role", ["admin"]],
        ]);
        const answer = await service.post(asserted("alice", { role: ["clerk"], ...hostile, ...many }), [
          contentType("1.1"),
        ]);
        expect(answer.status).toBe(200);
        const [first, second] = service.seen;
        const names = (seen = first) => Object.keys(seen?.request.headers ?? {}).sort();
        expect(names(second)).toEqual(names(first));
        expect([valuesOf(second as never, "x-role"), valuesOf(second as never, name)]).toEqual([["clerk"], ["alice"]]);
        expect([second?.security?.claims.value("__proto__"), ({} as { x?: unknown }).x]).toEqual(["x", undefined]);
        return "holds" as const;
      }),
    );
    attack(
      "L15",
      "in trailers, and by a method of its own",
      served(framework, {}, async (service, expect) => {
        const { bytes, soap } = genuineMessage();
        const chunked = [contentType(soap), "Transfer-Encoding: chunked", "Trailer: X-Auth-User"];
        const answer = await service.raw(
          head("POST", "/orders", chunked),
          `${bytes.length.toString(16)}\r\n`,
          bytes,
          "\r\n0\r\nX-Auth-User: admin\r\nx_auth_user: admin\r\nX-Sum: 1\r\n\r\n",
        );
        expect([answer.status, valuesOf(service.seen.at(-1) as never, name)]).toEqual([200, [caller]]);
        for (const override of ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method", "_method"]) {
          expect((await service.admits(expect, [`${override}: GET`])).request.method).toBe("POST");
          expect((await service.raw(head("GET", "/orders?_method=POST", [`${override}: POST`]))).status).toBe(405);
        }
        return "holds" as const;
      }),
    );
  });
}

/** The text of a header value as RFC 8187 has it. */
const decoded = (value: string): string => (value.startsWith("UTF-8''") ? decodeURIComponent(value.slice(7)) : value);
