import { type GuardOptions, jwt, saml2, usernameToken, x509 } from "@countersign/core";
import { describe } from "vitest";
import { Wire } from "../adapter/wire.js";
import { credentials } from "../support/credentials.js";
import {
  bearerMessage,
  holderOfKeyMessage,
  type SoapMessage,
  type SoapVersion,
  usernameMessage,
  x509Message,
} from "../support/messages.js";
import { attack } from "./attack.js";
import { wireForm } from "./support/answers.js";
import { changed, evilBody, part, rebuilt, replaced } from "./support/edit.js";
import { says } from "./support/reissue.js";
import { Route } from "./support/route.js";
import type { Sent } from "./support/sent.js";
import { contentType, frameworks, genuineMessage, head, type Service, served } from "./support/service.js";

/*
 * Whatever is wrong with a message, its sender is told the same: octet for octet, header for header.
 */

const { signer, issuer, other, stranger } = credentials();
const password = "correct horse";

/** What comes over the wire for a request, but for the time and the correlation id. */
async function octets(service: Service, request: string, body: string | Uint8Array): Promise<string> {
  const wire = await Wire.open(service.port);
  wire.send(request, body);
  await wire.answer();
  wire.close();
  return wire.received.replace(/^date: .*$/im, "date").replace(/^x-correlation-id: \S+$/im, "id");
}

/** Messages that are wrong in one thing each. */
const tamperings = (soap: SoapVersion): Readonly<Record<string, Sent["body"]>> => {
  const message = () => genuineMessage({ soap });
  const without = (name: string) => {
    const made = message();
    return rebuilt(made, { security: made.security.filter((one) => one !== name) }).body;
  };
  const made = message();
  return {
    "a changed Body": replaced(made.text, "A-100001", "A-100009"),
    "another Body": rebuilt(made, { parts: { body: evilBody(made, ' wsu:Id="Body-1"') } }).body,
    "a changed digest": changed(made, "signature", (text) =>
      text.replace(/(?<=<ds:DigestValue>)./, (first) => (first === "A" ? "B" : "A")),
    ).body,
    "a changed SignatureValue": changed(made, "signature", (text) =>
      text.replace(/(?<=<ds:SignatureValue>)./, (first) => (first === "A" ? "B" : "A")),
    ).body,
    "a stranger's signature": x509Message({ signer: stranger, soap }).bytes,
    "another certificate's signature": x509Message({ signer: other, soap }).bytes,
    "no signature": without("signature"),
    "no certificate": without("token"),
    "no Timestamp": without("timestamp"),
    "an old Timestamp": genuineMessage({ soap, now: new Date(Date.now() - 3_600_000) }).bytes,
    "a Timestamp in the future": genuineMessage({ soap, now: new Date(Date.now() + 3_600_000) }).bytes,
    "an algorithm that is not allowed": x509Message({ signer, soap, algorithm: "rsa-sha1", digest: "sha1" }).bytes,
    "two Bodies": rebuilt(made, { envelope: ["header", "body", "body"] }).body,
    "two Timestamps": rebuilt(made, { security: ["timestamp", ...made.security] }).body,
    "a token of another kind": usernameMessage({ soap, username: "nobody" }).bytes,
    "no Security header": rebuilt(made, { envelope: ["body"] }).body,
  };
};

for (const framework of frameworks) {
  for (const soap of ["1.1", "1.2"] as const) {
    attack(
      "N1",
      `${framework.name}, SOAP ${soap}`,
      served(framework, {}, async (service, expect) => {
        const answers = new Map<string, string>();
        const post = (body: Sent["body"]) =>
          octets(
            service,
            head("POST", "/orders", [contentType(soap), `Content-Length: ${Buffer.byteLength(body)}`]),
            body,
          );
        const genuine = genuineMessage({ soap }).bytes;
        expect(await post(genuine)).toContain("handled");
        for (const [title, body] of Object.entries(tamperings(soap))) answers.set(title, await post(body));
        answers.set("a repetition", await post(genuine));
        const [fault] = answers.values();
        for (const [title, answer] of answers) expect([title, answer]).toEqual([title, fault]);
        expect(new Set(service.records.map(({ error }) => error?.code)).size).toBeGreaterThan(7);
        expect(service.seen.length).toBe(1);
        return "holds" as const;
      }),
    );
  }

  attack(
    "N6",
    `${framework.name}: debug by header, query, cookie and method`,
    served(framework, {}, async (service, expect) => {
      await service.admits(expect);
      const body = tamperings("1.1")["a changed Body"] ?? "";
      const post = (target: string, lines: readonly string[]) =>
        octets(
          service,
          head("POST", target, [contentType("1.1"), `Content-Length: ${Buffer.byteLength(body)}`, ...lines]),
          body,
        );
      const fault = await post("/orders", []);
      for (const line of [
        "X-Debug: 1",
        "X-Debug: true",
        "X-Countersign-Debug: 1",
        "X-Precise-Faults: true",
        "preciseFaults: true",
        "Debug: *",
        "Cookie: debug=1; preciseFaults=true",
        "Accept: application/problem+json",
        "Accept: text/html",
        "Prefer: return=representation",
        "X-Requested-With: XMLHttpRequest",
        "Authorization: Debug",
        "NODE_ENV: development",
        "X-Forwarded-For: 127.0.0.1",
        "User-Agent: Countersign/debug",
      ]) {
        expect([line, await post("/orders", [line])]).toEqual([line, fault]);
      }
      for (const query of ["?debug=1", "?preciseFaults=true", "?trace", "?error_details=1"]) {
        expect([query, await post(`/orders${query}`, [])]).toEqual([query, fault]);
      }
      return "holds" as const;
    }),
  );
}

attack("N6", "by the environment, where only the option at start does it, with a warning", async (expect) => {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error) => void warnings.push(message);
  process.on("warning", onWarning);
  const before = { ...process.env };
  Object.assign(process.env, { NODE_ENV: "development", DEBUG: "*", NODE_DEBUG: "http", COUNTERSIGN_DEBUG: "1" });
  try {
    const options: Omit<GuardOptions, "origin" | "audit"> = {
      trust: { certificates: [signer.certificate] },
      accept: [x509()],
    };
    const neutral = new Route(options);
    const message = genuineMessage();
    await neutral.admits(message);
    const attacked: Sent = { soap: "1.1", body: tamperings("1.1")["a changed Body"] ?? "" };
    await neutral.refuses(attacked);
    const precise = new Route({ ...options, preciseFaults: true });
    const { decision } = await precise.send(attacked);
    expect(wireForm(decision)).toContain("wsse:FailedCheck");
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings.filter((text) => /exactly why/.test(text)).length).toBe(1);
  } finally {
    process.off("warning", onWarning);
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
  return "holds" as const;
});

describe("a route with every way in", () => {
  const keys = issuer.publicKey.export({ type: "spki", format: "pem" }) as string;
  const route = new Route({
    trust: {
      certificates: [signer.certificate],
      issuers: [{ name: "https://sts.example", certificates: [issuer.certificate] }],
    },
    accept: [
      x509({ account: ({ name }) => name === "CN=alice,O=Example" }),
      saml2({ audience: "urn:orders", confirm: "holder-of-key" }),
      saml2({ audience: "urn:orders", confirm: "bearer", over: "transport" }),
      usernameToken({
        verify: (name, given) => name === "alice" && given === password,
        secret: () => password,
        over: "transport",
      }),
      jwt({ issuer: "https://sts.example", audience: "urn:orders", keys, over: "transport" }),
    ],
  });
  for (const soap of ["1.1", "1.2"] as const) {
    attack("N5", `one fault for every stage of the work, SOAP ${soap}`, async (expect) => {
      const holder = holderOfKeyMessage({ soap, signer, assertion: { issuedBy: issuer } });
      const bearer = bearerMessage({ soap, assertion: { issuedBy: issuer } });
      const user = usernameMessage({ soap, username: "alice", password });
      for (const genuine of [genuineMessage({ soap }), holder, bearer, user]) await route.admits(genuine);
      const sent = ({ bytes }: SoapMessage): Sent => ({ soap, body: bytes });
      const stages: readonly Sent[] = [
        ...Object.values(tamperings(soap)).map((body) => ({ soap, body })),
        sent(usernameMessage({ soap, username: "alice", password: "guess" })),
        sent(usernameMessage({ soap, username: "mallory", password })),
        { ...sent(user), transport: { encrypted: false } },
        { ...sent(bearer), transport: { encrypted: false } },
        sent(bearerMessage({ soap, assertion: { issuedBy: stranger } })),
        sent(bearerMessage({ soap, assertion: { issuedBy: issuer, issuer: "https://other.example" } })),
        sent(bearerMessage({ soap, assertion: { issuedBy: issuer, audience: "urn:other" } })),
        sent(bearerMessage({ soap, assertion: { issuedBy: issuer, now: new Date(Date.now() - 3_600_000) } })),
        says(bearer, (text) => replaced(text, 'Version="2.0"', 'Version="1.0"')),
        says(bearer, (text) => replaced(text, ">alice<", "><")),
        rebuilt(holder, { parts: { signature: part(genuineMessage({ soap }), "signature") } }),
        rebuilt(bearer, { parts: { assertion: part(holder, "assertion") } }),
        rebuilt(holder, { security: [...holder.security, "assertion"] }),
      ];
      const outcomes: Awaited<ReturnType<Route["refusal"]>>[] = [];
      for (const stage of stages) outcomes.push(await route.refusal(stage));
      const codes = new Set(outcomes.map(({ record }) => record.error?.code));
      expect(codes.size, [...codes].join()).toBeGreaterThan(11);
      // A message in an envelope of another shape is refused before security begins, and all others alike.
      const faults = new Set(
        outcomes
          .filter(({ record }) => record.error?.code !== "ERR_SOAP_INVALID")
          .map(({ decision }) => wireForm(decision)),
      );
      expect(faults.size).toBe(1);
      return "holds" as const;
    });
  }
});
