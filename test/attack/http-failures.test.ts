import { type GuardOptions, saml2, usernameToken, x509 } from "@countersign/core";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { element } from "../support/markup.js";
import { addressing, bearerMessage, type SoapMessage, usernameMessage, x509Message } from "../support/messages.js";
import { attack } from "./attack.js";
import { contentType, frameworks, genuineMessage, head, served } from "./support/service.js";

/*
 * What goes wrong in the middle of a verification never ends in the handler, and no answer says what was sent or why.
 */

const { signer, issuer } = credentials();
const secret = "zq9-of-the-inside";
const boom = (): never => {
  throw new RangeError(`boom ${secret} /srv/app/node_modules/x.js:1`);
};
const password = "correct horse";
const alice = (name: string, given: string) => name === "alice" && given === password;
const proxy = { trust: ["127.0.0.1"] };
const overTls = ["X-Forwarded-Proto: https"];

/** One place in which code that is not ours fails; `whole` is the same guard without the failure. */
interface Fault {
  readonly broken: Partial<GuardOptions>;
  readonly whole: Partial<GuardOptions>;
  readonly message: () => SoapMessage;
  readonly status: 500 | 503;
}

const passwordMessage = (passwordType: "text" | "digest") => () =>
  usernameMessage({
    username: "alice",
    password,
    passwordType,
    nonce: Buffer.from(String(Math.random()).padEnd(18, "0")),
  });
const assertions = {
  trust: { issuers: [{ name: "https://sts.example", certificates: [issuer.certificate] }] },
  accept: [saml2({ audience: "urn:orders", confirm: "bearer", over: "transport" })],
} as const;

const faults: Readonly<Record<string, Fault>> = {
  "the clock": { broken: { clock: { now: boom } }, whole: {}, message: genuineMessage, status: 500 },
  "a clock that tells no time": {
    broken: { clock: { now: () => Number.NaN } },
    whole: {},
    message: genuineMessage,
    status: 500,
  },
  "the account check": {
    broken: { accept: [x509({ account: boom })] },
    whole: { accept: [x509({ account: () => true })] },
    message: genuineMessage,
    status: 503,
  },
  "the account check, later": {
    broken: { accept: [x509({ account: async () => boom() })] },
    whole: { accept: [x509({ account: async () => true })] },
    message: genuineMessage,
    status: 503,
  },
  "the password check": {
    broken: { accept: [usernameToken({ verify: boom, over: "transport" })] },
    whole: { accept: [usernameToken({ verify: alice, over: "transport" })] },
    message: passwordMessage("text"),
    status: 503,
  },
  "the look-up of a secret": {
    broken: { accept: [usernameToken({ secret: async () => boom(), over: "transport" })] },
    whole: { accept: [usernameToken({ secret: () => password, over: "transport" })] },
    message: passwordMessage("digest"),
    status: 503,
  },
  "a rule about claims": {
    broken: { ...assertions, require: { claims: [{ description: "broken", holds: boom }] } },
    whole: assertions,
    message: () => bearerMessage({ assertion: { issuedBy: issuer } }),
    status: 500,
  },
  "a header rule": {
    broken: { inject: { headers: { "x-auth-user": boom } } },
    whole: {},
    message: genuineMessage,
    status: 500,
  },
  "a header rule that is no text": {
    broken: { inject: { headers: { "x-auth-user": () => Symbol("x") as unknown as string } } },
    whole: {},
    message: genuineMessage,
    status: 500,
  },
  "the replay store": { broken: { replay: { reserve: boom } }, whole: {}, message: genuineMessage, status: 503 },
  "the audit sink, where it is mandatory": {
    broken: { audit: { sink: boom, mandatory: true } },
    whole: { audit: { sink: () => undefined, mandatory: true } },
    message: genuineMessage,
    status: 503,
  },
  "the audit sink, later, where it is mandatory": {
    broken: { audit: { sink: async () => boom(), mandatory: true } },
    whole: { audit: { sink: async () => undefined, mandatory: true } },
    message: genuineMessage,
    status: 503,
  },
};

for (const framework of frameworks) {
  describe(framework.name, () => {
    for (const [title, { broken, whole, message, status }] of Object.entries(faults)) {
      attack("L21", title, async (expect) => {
        const post = async (service: Parameters<Parameters<typeof served>[2]>[0]) => {
          const { bytes, soap } = message();
          return service.post(bytes, [contentType(soap), ...overTls]);
        };
        await served(framework, { guard: { proxy, ...whole } }, async (service) => {
          expect([(await post(service)).status, service.seen.length]).toEqual([200, 1]);
          return "holds" as const;
        })(expect);
        return served(framework, { guard: { proxy, ...broken } }, async (service) => {
          const answer = await post(service);
          expect([answer.status, service.seen.length]).toEqual([status, 0]);
          expect(JSON.stringify(answer)).not.toMatch(/boom|zq9|node_modules|RangeError|stack/);
          expect(answer.headers["retry-after"] !== undefined).toBe(status === 503);
          return "holds" as const;
        })(expect);
      });
    }
    attack(
      "L21",
      "the audit sink, where it is not mandatory: the decision stands",
      served(framework, { guard: { audit: boom } }, async (service, expect) => {
        await service.admits(expect);
        const { text } = genuineMessage();
        const answer = await service.post(text.replace("A-100001", "A-100002"), [contentType("1.1")]);
        expect([answer.status, service.seen.length]).toEqual([500, 1]);
        return "holds" as const;
      }),
    );

    attack(
      "L25",
      "markup and marks in every part of a request",
      served(framework, {}, async (service, expect) => {
        await service.admits(expect);
        const mark = "zq9<script>alert(1)</script>";
        const escaped = "zq9&lt;script>alert(1)&lt;/script>";
        const attribute = (text: string, found: RegExp, value: string) => text.replace(found, `$1${value}`);
        const text = (options: object = {}) => genuineMessage(options).text;
        const headers = addressing("https://orders.example", escaped, `urn:uuid:${escaped}`);
        const bodies: readonly string[] = [
          text({ headers }).replace("A-100001", "A-2"),
          text({ headers: { o: element("o:Zq9", { zq9: "zq9" }, ["zq9"]) } }).replace("A-100001", "A-2"),
          attribute(text(), /(<wsu:Created>)/, escaped),
          attribute(text(), /(<ds:SignatureMethod Algorithm=")/, "urn:zq9"),
          attribute(text(), /(wsu:Id=")/, "zq9"),
          text().replace("A-100001", "A-2").replaceAll("wsse:", "zq9:").replace("xmlns:wsse", "xmlns:zq9"),
          `<zq9>${text()}</zq9>`,
          `${text()}<zq9/>`,
          "<!DOCTYPE zq9>",
          "zq9",
          text().replace(/<soap:Body /, '<soap:Body zq9="zq9" '),
          usernameMessage({ username: escaped, password: mark }).text,
          x509Message({ signer, payload: "<zq9></zq9>" }).text.replace("<zq9>", "<zq9>zq9"),
        ];
        const lines = [
          "X-Zq9: zq9",
          'SOAPAction: "zq9"',
          "X-Correlation-Id: zq9",
          "X-Request-Id: zq9",
          "Origin: https://zq9.example",
          "Referer: https://zq9.example",
          "User-Agent: zq9",
          "Cookie: zq9=zq9",
          "Accept-Language: zq9",
        ];
        for (const body of bodies) {
          const answer = await service.post(body, [contentType("1.1"), ...lines]);
          expect([
            body.slice(0, 60),
            answer.status >= 400,
            JSON.stringify(answer).toLowerCase().includes("zq9"),
          ]).toEqual([body.slice(0, 60), true, false]);
        }
        for (const [method, target, more] of [
          ["GET", "/orders?zq9=%3Cscript%3E", []],
          ["POST", "/orders?zq9", [`Content-Type: text/${"zq9"}`]],
          ["POST", "/orders", ["Content-Type: text/xml; charset=zq9"]],
          ["POST", "/orders", ["Content-Type: text/xml", "Content-Encoding: zq9"]],
        ] as const) {
          const answer = await service.raw(head(method, target, ["Content-Length: 0", ...more]));
          expect([target, more, JSON.stringify(answer).toLowerCase().includes("zq9")]).toEqual([target, more, false]);
        }
        expect(service.seen.length).toBe(1);
        // What is written into the audit record is one line of bounded, escaped text.
        for (const record of service.records) expect(record.error?.reason ?? "").toMatch(/^[^\n\r]{0,256}$/);
        return "holds" as const;
      }),
    );
  });
}
