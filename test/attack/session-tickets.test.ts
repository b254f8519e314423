import { createHmac, randomBytes } from "node:crypto";
import { type ErrorCode, InMemorySessionStore, isCountersignError, keyRing } from "@countersign/core";
import { crypto, ticket, xml } from "@countersign/core/testing";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { attack, lettersOf } from "./attack.js";
import type { AttackVerdict } from "./catalogue.js";

/*
 * Session tickets and the assertions that carry them, as the parts that accept them see them: sealed text that is opened,
 * then a session that must still live.
 */

const tenant = "orders";
const now = Date.UTC(2026, 10, 22, 10);
const minute = 60_000;
const lifetime = { created: now, expires: now + 60 * minute };

/** A policy server's ring, store and clock, and a ticket of alice's session. */
function stage(more: Partial<ticket.SessionTicket> = {}) {
  const time = { now };
  const ring = keyRing([randomBytes(32)]);
  const store = new InMemorySessionStore({ clock: { now: () => time.now } });
  const session = randomBytes(16).toString("hex");
  store.create({ id: session, user: "alice", idleSeconds: 600, maxSeconds: 3_600, level: 5 });
  const text = ticket.sealTicket({ session, lifetime, level: 5, ...more }, ring, tenant);
  const verdict = (given = text, rules: Partial<ticket.TicketRules> = {}, ours = tenant) =>
    verdictOf(() =>
      store.touch(ticket.openTicket(given, ring, ours, { now: time.now, skew: minute, ...rules }).session),
    );
  return { time, ring, store, session, text, verdict };
}

const refusals: Readonly<Record<string, ErrorCode>> = {
  unknown: "ERR_SESSION_INVALID",
  revoked: "ERR_SESSION_REVOKED",
  expired: "ERR_SESSION_EXPIRED",
};

/** What a ticket comes to: accepted, or the letters of the refusal. */
function verdictOf(accept: () => unknown): AttackVerdict {
  try {
    const answer = accept();
    return typeof answer === "string" ? lettersOf(refusals[answer] ?? "ERR_INTERNAL") : "accepted";
  } catch (error) {
    if (!isCountersignError(error)) throw error;
    return lettersOf(error.code);
  }
}

/** All of them must be the same. */
const only = (verdicts: readonly AttackVerdict[]): AttackVerdict =>
  verdicts.every((verdict) => verdict === verdicts[0]) ? (verdicts[0] as AttackVerdict) : "accepted";

const changedAt = (text: string, at: number) => text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);

describe("tickets", () => {
  attack("M1", "with each character changed, cut anywhere, longer, or made up", (expect) => {
    const { text, verdict } = stage();
    expect(verdict()).toBe("accepted");
    const forged = [
      ...Array.from({ length: text.length }, (_, at) => changedAt(text, at)),
      ...Array.from({ length: text.length }, (_, at) => text.slice(0, at)),
      `${text}AAAA`,
      `${text}${text}`,
      randomBytes(200).toString("base64url"),
      "x".repeat(100_000),
      "\u0000",
    ];
    return only(forged.map((one) => verdict(one)));
  });

  attack("M2", "of another tenant, another audience and another node's key", (expect) => {
    const one = stage({ audience: "urn:orders" });
    const other = stage();
    expect(one.verdict(one.text, { audience: "urn:orders" })).toBe("accepted");
    return only([
      one.verdict(one.text, { audience: "urn:orders" }, "invoices"),
      one.verdict(one.text, { audience: "urn:stock" }),
      one.verdict(other.text, { audience: "urn:orders" }),
    ]);
  });

  attack("M3", "whose session was ended, alone and with all of its user's", (expect) => {
    const [alone, together] = [stage(), stage()];
    expect([alone.verdict(), together.verdict()]).toEqual(["accepted", "accepted"]);
    alone.store.revoke(alone.session);
    together.store.revokeUser("alice");
    return only([alone.verdict(), together.verdict(), alone.verdict()]);
  });

  attack("M4", "behind the end of its session's idle time, and of its life however often it was used", (expect) => {
    const idle = stage();
    idle.time.now += 10 * minute;
    const used = stage();
    for (let minutes = 5; minutes < 60; minutes += 5) {
      used.time.now = now + minutes * minute;
      expect(used.verdict()).toBe("accepted");
    }
    used.time.now = now + 60 * minute;
    const long = stage();
    long.time.now = now + 120 * minute;
    return only([idle.verdict(), used.verdict(), long.verdict()]);
  });

  attack("M6", "bound to a TLS client, from another one and from none", (expect) => {
    const boundTo = "ab".repeat(32);
    const { text, verdict } = stage({ boundTo });
    expect(verdict(text, { boundTo })).toBe("accepted");
    return only([verdict(text, { boundTo: "cd".repeat(32) }), verdict(text)]);
  });

  attack("M7", "that name an algorithm: as JWTs do, and in the version octet", (expect) => {
    const { ring, text, session, verdict } = stage();
    expect(verdict()).toBe("accepted");
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = part({ sid: session, v: 1, iat: now, exp: lifetime.expires, lvl: 5 });
    const none = `${part({ alg: "none" })}.${claims}.`;
    const unsigned = `${part({ alg: "HS256" })}.${claims}`;
    const mac = createHmac("sha256", ring.current.id).update(unsigned).digest("base64url");
    const octets = Buffer.from(text, "base64url");
    const versions = Array.from({ length: 256 }, (_, version) => {
      octets[0] = version;
      return octets.toString("base64url");
    }).filter((other) => other !== text);
    return only([none, `${unsigned}.${mac}`, claims, ...versions].map((other) => verdict(other)));
  });

  attack("M8", "under a key that was rotated twice", (expect) => {
    const { ring, verdict } = stage();
    expect(verdict()).toBe("accepted");
    ring.rotate(randomBytes(32));
    expect(verdict()).toBe("accepted");
    ring.rotate(randomBytes(32));
    return verdict();
  });

  attack("M9", "of an ended session, in every other spelling and sealed again", (expect) => {
    const { ring, store, session, text, verdict } = stage();
    const again = ticket.sealTicket({ session, lifetime, level: 5 }, ring, tenant);
    expect(again).not.toBe(text);
    expect([verdict(), verdict(again)]).toEqual(["accepted", "accepted"]);
    store.revoke(session);
    const octets = Buffer.from(text, "base64url");
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const spellings = [octets.toString("base64"), `${text}=`, ` ${text}`, `${text}\n`].concat(
      [...alphabet].map((last) => text.slice(0, -1) + last).filter((twin) => twin !== text),
    );
    return only([text, again, ...spellings].map((one) => verdict(one)));
  });

  attack("M12", "of a million sessions: memory stays bounded, and the first ones live on", (expect) => {
    const store = new InMemorySessionStore();
    const create = (index: number) =>
      store.create({
        id: index.toString().padStart(16, "0"),
        user: `u${index % 9_973}`,
        idleSeconds: 600,
        maxSeconds: 600,
        level: 1,
      });
    expect(create(0)).toMatchObject({ user: "u0" });
    let refused = 0;
    for (let index = 1; index < 1_000_000; index++) if (create(index) === "unavailable") refused++;
    expect([store.size, refused]).toEqual([100_000, 900_000]);
    expect(store.touch("0".repeat(16))).toMatchObject({ user: "u0" });
    return lettersOf("ERR_UNAVAILABLE");
  });
});

describe("assertions that carry tickets", () => {
  const { signer: alice, other: mallory } = credentials();
  const ring = keyRing([randomBytes(32)]);
  const content = { ticket: "t", subject: "alice", issuer: "urn:agent", audience: ["urn:orders"], lifetime, level: 5 };
  const issue = (key = alice.publicKey) =>
    ticket.issueTicketAssertion(content, { ring, tenant, key: { key }, sign: "unsigned" }).xml;
  const rules = { ring, tenant, audiences: new Set(["urn:orders"]), now, skew: minute, suite: crypto.defaultSuite };
  const verdict = (text: string, more: Partial<ticket.TicketAssertionRules> = {}) =>
    verdictOf(() =>
      ticket.openTicketAssertion(ticket.parseTicketAssertion(xml.scan(Buffer.from(text)), 0), {
        ...rules,
        signature: "when-present",
        ...more,
      }),
    );

  attack("M1", "with the sealed part changed, and with another subject, end or audience in clear", (expect) => {
    const genuine = issue();
    expect(verdict(genuine)).toBe("accepted");
    const from = genuine.indexOf("<saml2:AttributeValue>") + "<saml2:AttributeValue>".length;
    const sealed = Array.from({ length: 200 }, (_, at) => changedAt(genuine, from + at));
    const clear = [
      genuine.replace(">alice<", ">admin<"),
      genuine.replace(/NotOnOrAfter="2026/, 'NotOnOrAfter="2036'),
      genuine.replace(">urn:orders<", ">urn:orders2<"),
    ];
    expect(clear).not.toContain(genuine);
    return only([...sealed, ...clear].map((text) => verdict(text)));
  });

  attack("M2", "for another service, of another tenant, and under another ring", (expect) => {
    const genuine = issue();
    expect(verdict(genuine)).toBe("accepted");
    return only([
      verdict(genuine, { audiences: new Set(["urn:stock"]) }),
      verdict(genuine, { tenant: "invoices" }),
      verdict(genuine, { ring: keyRing([randomBytes(32)]) }),
    ]);
  });

  attack("G2", "a stolen one with the thief's key in clear", (expect) => {
    const genuine = issue();
    expect(verdict(genuine)).toBe("accepted");
    const keyInfo = /<ds:KeyInfo.*<\/ds:KeyInfo>/;
    const swapped = genuine.replace(keyInfo, keyInfo.exec(issue(mallory.publicKey))?.[0] ?? "");
    expect(swapped).not.toBe(genuine);
    return verdict(swapped);
  });
});
