import { ConfigurationError, keyRing } from "@countersign/core";
import { crypto, ticket, xml } from "@countersign/core/testing";
import { describe, expect, it } from "vitest";
import { textOf } from "./blocks.js";

/*
 * The page of the session ticket assertion is the format: its sample opens, and says what the tables say.
 */

const page = textOf("docs/session-ticket.md");
const sample = /```xml\n(.*?)```/s.exec(page)?.[1] ?? "";
const [, key = "", tenant = ""] = /ring key `([^`]+)`.*?tenant `([^`]+)`/s.exec(page) ?? [];
const cells = (line: string) =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim().replace(/`/g, ""));
const rows = (heading: string) =>
  (page.split(`| ${heading} |`)[1] ?? "").split("\n\n")[0]?.split("\n").slice(2).map(cells) ?? [];

const ring = keyRing([key]);
const read = (text: string) => ticket.parseTicketAssertion(xml.scan(Buffer.from(text)), 0);
const issuers = new Map([["urn:agent:orders", { name: "urn:agent:orders", certificates: [] }]]);
const rules = {
  ring,
  tenant,
  audiences: new Set(["urn:orders"]),
  now: Date.UTC(2026, 10, 22, 10),
  skew: 0,
  signature: "when-present",
  suite: crypto.defaultSuite,
} as const;

describe("docs/session-ticket.md", () => {
  const opened = ticket.openTicketAssertion(read(sample), rules);
  const binding = { purpose: "session-ticket-assertion", tenant };
  const { sealed } = read(sample);
  const members = JSON.parse(crypto.openSealed(ring, sealed, binding)?.toString() ?? "") as Record<string, unknown>;

  it("accepts its sample, which says what the table of members says", () => {
    const table = rows("Member | In the sample | Is");
    expect(table.map(([name]) => name)).toEqual(Object.keys(members));
    for (const [name = "", value = ""] of table) {
      if (name !== "id" && name !== "tkt") expect(String(members[name])).toBe(value);
    }
    expect(members.id).toBe(/ID="([^"]+)"/.exec(sample)?.[1]);
    expect(opened).toMatchObject({ subject: "alice", level: 5, thumbprint: members.kth, ticket: members.tkt });
    const rules = { now: Date.UTC(2026, 10, 22, 10), skew: 0 };
    expect(ticket.openTicket(opened.ticket, ring, tenant, rules)).toMatchObject({ level: 5 });
  });

  it("rejects its sample changed, late, elsewhere, and where a signature is demanded", () => {
    const open = (text: string, more = {}) => ticket.openTicketAssertion(read(text), { ...rules, ...more });
    expect(() => open(sample.replace(">alice<", ">admin<"))).toThrow(
      expect.objectContaining({ code: "ERR_TOKEN_MALFORMED" }),
    );
    const refused: readonly (readonly [object, string])[] = [
      [{ now: Date.UTC(2026, 10, 22, 10, 5) }, "ERR_TOKEN_EXPIRED"],
      [{ audiences: new Set(["urn:pay"]) }, "ERR_TOKEN_AUDIENCE"],
      [{ tenant: "invoices" }, "ERR_SESSION_INVALID"],
      [{ signature: "required" }, "ERR_TOKEN_ISSUER"],
      [{ signature: "required", issuers }, "ERR_TOKEN_SIGNATURE"],
    ];
    for (const [more, code] of refused) {
      expect(() => open(sample, more)).toThrow(expect.objectContaining({ code }));
      expect(page).toContain(`\`${code}\``);
    }
  });

  it("accepts the table of octets as the layout of what is sealed", () => {
    const layout = rows("Octets | Length | Hold").map(([at = "", length = ""]) => [at, length]);
    expect(layout.slice(0, 4).map(([at]) => Number(at))).toEqual([0, 1, 9, 25]);
    for (const [index, [at, length]] of layout.slice(0, 4).entries()) {
      expect(Number(layout[index + 1]?.[0])).toBe(Number(at) + Number(length));
    }
    expect(sealed[0]).toBe(1);
    expect(sealed.toString("hex", 1, 9)).toBe(ring.current.id);
    expect(sealed.length).toBe(37 + Buffer.byteLength(JSON.stringify(members)) + 16);
    expect(crypto.sealOverheadOctets).toBe(37 + 16);
  });

  it("accepts an assertion made today as the sample: the same elements and attributes in the same order", () => {
    const shape = (text: string) => [...text.matchAll(/<[^>]+>/g)].map(([tag]) => tag.replace(/\s+/g, " "));
    const fresh = ticket.issueTicketAssertion(
      {
        ticket: opened.ticket,
        subject: opened.subject,
        issuer: opened.issuer,
        audience: opened.audience,
        lifetime: opened.lifetime,
        level: opened.level,
      },
      { ring, tenant, key: { key: opened.key as crypto.KeyObject }, sign: "unsigned", id: opened.id },
    );
    expect(shape(fresh.xml)).toEqual(shape(sample));
    const signer = { key: crypto.generateKeyPair("ec").privateKey };
    const signed = ticket.issueTicketAssertion(
      { ...opened, audience: [...opened.audience] },
      { ring, tenant, sign: signer },
    );
    expect(signed.xml).toMatch(/<\/saml2:Issuer><ds:Signature /);
    expect(signed.xml).toContain(ticket.sealedConfirmation);
  });

  it("accepts the table of what fits into a cookie", () => {
    const [ec, rsa] = [crypto.generateKeyPair("ec"), crypto.generateKeyPair("rsa")];
    const { lifetime } = opened;
    const session = { session: "s".repeat(32), lifetime, level: 5 };
    const content = { ...opened, ticket: ticket.sealTicket(session, ring, tenant), audience: ["urn:orders"] };
    const fits = (key: crypto.KeyObject, encryptKey: boolean, sign: "unsigned" | { key: crypto.KeyObject }) => {
      const { encoded } = ticket.issueTicketAssertion(content, { ring, tenant, key: { key }, encryptKey, sign });
      return ticket.writeTicketCookie(encoded) === undefined ? "does not fit" : "fits";
    };
    const signers = ["unsigned", { key: ec.privateKey }, { key: rsa.privateKey }] as const;
    const row = (key: crypto.KeyObject, hide = false) => signers.map((sign) => fits(key, hide, sign));
    const table = rows("Subject's key | Unsigned | Signed with ECDSA P-256 | Signed with RSA 2,048");
    expect(table.map(([, ...cells]) => cells)).toEqual([
      row(ec.publicKey),
      row(rsa.publicKey),
      row(rsa.publicKey, true),
    ]);
  });

  it("accepts the names of its places and of the format", () => {
    expect(rows("Place | Name | As").map(([, name]) => name)).toEqual([
      "in the wsse:Security header",
      ticket.ticketHeader,
      ticket.ticketCookie,
    ]);
    for (const name of [ticket.ticketAttribute, ticket.sealedConfirmation]) expect(page).toContain(`\`${name}\``);
    expect(page).toContain(ticket.maxCookieOctets.toLocaleString("en"));
    expect(() => keyRing([`${key}AAAA`])).toThrow(ConfigurationError);
  });
});
