import { createHmac } from "node:crypto";
import {
  type AuditEvent,
  createGuard,
  type Guard,
  type GuardOptions,
  jwt,
  saml2,
  usernameToken,
  x509,
} from "@countersign/core";
import { SignJWT } from "jose";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { holderOfKeyMessage, type SoapMessage, usernameMessage, x509Message } from "../support/messages.js";
import { attack } from "./attack.js";
import { passwordScenes } from "./support/accounts.js";
import { wireForm } from "./support/answers.js";
import { replaced } from "./support/edit.js";
import { canBeToldApart, timeLimit } from "./support/timing.js";

/*
 * What answers, records and times tell beyond the decision.
 */

const { signer, issuer, stranger } = credentials();

for (const scene of Object.values(passwordScenes())) {
  attack(
    "N2",
    scene.title,
    async (expect) => {
      const { route, accounts, genuine } = scene;
      await route.admits(genuine());
      const unknown = genuine({ username: "mallory" });
      const wrong = genuine({ username: "alice", password: "guess" });
      const asked = accounts.asked.length;
      const faults = new Set<string>();
      for (const { soap, bytes } of [unknown, wrong]) {
        const { decision, verdict } = await route.refusal({ soap, body: bytes });
        faults.add(`${verdict} ${wireForm(decision)}`);
      }
      expect([...faults]).toHaveLength(1);
      expect(accounts.asked.slice(asked)).toEqual(["mallory", "alice"]);
      const kinds = { one: () => route.refusalTime(unknown), other: () => route.refusalTime(wrong) };
      expect(await canBeToldApart(kinds)).toEqual([]);
      return "holds" as const;
    },
    timeLimit,
  );
}

describe("faults and records", () => {
  const password = "a-most-secret-passphrase";
  const store = new Map([["alice", password]]);
  const verify = (name: string, given: string) => store.get(name) === given;
  const secret = (name: string) => store.get(name);
  const keys = issuer.publicKey.export({ type: "spki", format: "pem" }) as string;
  const options: GuardOptions = {
    origin: "https://orders.example",
    trust: {
      certificates: [signer.certificate],
      issuers: [{ name: "https://sts.example", certificates: [issuer.certificate] }],
    },
    accept: [
      x509(),
      saml2({ audience: "urn:orders", confirm: "holder-of-key" }),
      usernameToken({ verify, secret, over: "transport" }),
      jwt({ issuer: "https://sts.example", audience: "urn:orders", keys, over: "transport" }),
    ],
  };

  attack("N3", "no password, key, token, path or stack in either", async (expect) => {
    const log: string[] = [];
    const guard = createGuard({ ...options, audit: (event: AuditEvent) => void log.push(JSON.stringify(event)) });
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: "RS256" })
      .setIssuer("https://sts.example")
      .setAudience("urn:orders")
      .setSubject("alice")
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign(issuer.privateKey);
    const forged = `${token.slice(0, token.lastIndexOf("."))}.${createHmac("sha256", "k").update(token).digest("base64url")}`;
    const messages: readonly SoapMessage[] = [
      usernameMessage({ username: "alice", password }),
      usernameMessage({ username: "alice", password, passwordType: "digest" }),
      x509Message({ signer }),
      holderOfKeyMessage({ signer, assertion: { issuedBy: issuer } }),
    ];
    const bodies = messages.flatMap(({ text }) => [text, text, spoilt(text), text.slice(0, -40), `${text}<x/>`]);
    const answers: string[] = [];
    for (const body of bodies) answers.push(await ask(guard, { "content-type": "text/xml" }, body));
    for (const bearer of [token, forged, `${token}x`, token.slice(10)])
      answers.push(await ask(guard, { authorization: `Bearer ${bearer}` }, ""));
    answers.push(
      await ask(guard, { authorization: `Basic ${Buffer.from(`alice:${password}`).toString("base64")}` }, ""),
    );
    expect(answers.filter((answer) => answer === "admitted").length).toBe(6);

    const secrets = [
      password,
      Buffer.from(password).toString("base64"),
      token.split(".")[2] ?? "",
      forged.split(".")[2] ?? "",
      ...messages.flatMap(
        ({ text }) =>
          text.match(/(?<=Digest">|SignatureValue>|X509Certificate>|Nonce [^>]*>)[A-Za-z0-9+/=]{20,}/g) ?? [],
      ),
      signer.certificate.toString("base64").slice(40, 80),
    ];
    const said = [...log, ...answers].join("\n");
    for (const one of secrets) expect([one, one.length > 8 && said.includes(one)]).toEqual([one, false]);
    expect(said).not.toMatch(
      /node_modules|\.[jt]s:\d+|\/packages\/|\bat [\w.<>]+ \(|node:internal|PRIVATE KEY|password[^ ,."]*=/i,
    );
    expect(log.length).toBe(answers.length);
    return "holds" as const;
  });

  attack("N3", "a certificate and a name that want to be part of a record", async (expect) => {
    const log: AuditEvent[] = [];
    const guard = createGuard({ ...options, audit: (event: AuditEvent) => void log.push(event) });
    await ask(guard, { "content-type": "text/xml" }, x509Message({ signer: stranger }).text);
    await ask(
      guard,
      { "content-type": "text/xml" },
      usernameMessage({ username: 'a\n{"outcome":"admitted"}\u2028\u001b[31m', password: "x" }).text,
    );
    expect(await ask(guard, { "content-type": "text/xml" }, x509Message({ signer }).text)).toBe("admitted");
    for (const record of log) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there.
      for (const text of textsOf(record)) expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    }
    expect(log.map(({ outcome }) => outcome)).toEqual(["refused", "refused", "admitted"]);
    return "holds" as const;
  });
});

/** Takes one character of the Body away: signatures do not hold any more, and passwords are sent again. */
const spoilt = (text: string): string => replaced(text, /(?<=<\/soap:Header>)/, "<x/>");

async function ask(guard: Guard, headers: Readonly<Record<string, string>>, body: string): Promise<string> {
  const decision = await guard.admit({
    method: "POST",
    target: "/orders",
    headers: Object.entries(headers),
    body: async () => Buffer.from(body),
    transport: { encrypted: true, remoteAddress: "192.0.2.1" },
    signal: new AbortController().signal,
  });
  if (decision.kind !== "answered") return decision.kind;
  const { status, headers: answered, body: octets } = decision.reply;
  return `${status} ${JSON.stringify(answered)} ${Buffer.from(octets ?? []).toString()}`;
}

/** Every text in a record. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}
