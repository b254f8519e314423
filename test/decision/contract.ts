import type {
  AuthenticationResult,
  DecisionPoint,
  DirectoryUser,
  PolicyServerOptions,
  SessionResult,
  UserDirectory,
} from "@countersign/core";
import {
  attribute,
  clientCertificate,
  computed,
  headerVariable,
  httpBasic,
  keyRing,
  userName,
  variable,
  xmlDocumentCredentials,
} from "@countersign/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { errorOf } from "../scenario/views.js";
import { TestClock } from "../trust/estate.js";

/** Makes a decision point that answers as a policy server with these options does, and says when it is done with. */
export type MakeDecisionPoint = (
  options: PolicyServerOptions,
) => Promise<{ readonly point: DecisionPoint; readonly close: () => Promise<void> }>;

const octets = (seed: number) => Buffer.from(Array.from({ length: 32 }, (_, i) => (i * 37 + seed * 101) % 251));

/** What decisions rest on, and what of it can be changed while they are made. */
class World {
  readonly clock = new TestClock();
  readonly users = new Map<string, DirectoryUser & { readonly password: string }>([
    ["alice", { name: "alice", password: "wonderland", attributes: { role: ["clerk", "buyer"], mail: ["a@example"] } }],
    ["bob", { name: "bob", password: "builder", attributes: { role: ["guest"] } }],
  ]);
  out = false;
  readonly directory: UserDirectory = {
    name: "people",
    find: (name) => this.users.get(name),
    verify: (name, password) => {
      if (this.out) throw new TypeError("out");
      return this.users.get(name)?.password === password;
    },
    secret: (name) => this.users.get(name)?.password,
    certificate: ({ subject }) => (subject === "CN=alice" ? "alice" : undefined),
  };

  options(): PolicyServerOptions {
    return {
      users: this.directory,
      sessions: { keys: keyRing([octets(1)]), idleSeconds: 600, maxSeconds: 3_600 },
      realms: [
        {
          name: "orders",
          resources: ["/orders/*"],
          scheme: [xmlDocumentCredentials({ user: "Order/User", password: "Order/Password" }), httpBasic()],
        },
        { name: "ledger", resources: ["/orders/ledger"], scheme: clientCertificate(), level: 10 },
      ],
      policies: [
        {
          name: "small orders",
          realm: "orders",
          rules: [
            { methods: ["POST"], operations: ["{urn:o}Order"] },
            { methods: ["GET"], resources: ["/orders/list"] },
          ],
          users: [{ attribute: "role", values: ["clerk"] }],
          when: ({ variables }) => typeof variables.total !== "number" || variables.total < 1_000,
          responses: [
            headerVariable("x-mail", attribute("mail")),
            headerVariable("x-none", attribute("nothing")),
            headerVariable("x-user", userName),
            headerVariable("x-total", variable("total")),
            headerVariable(
              "x-roles",
              computed(({ attributes }) => attributes.role?.join("+")),
            ),
          ],
        },
        { realm: "ledger", rules: [{}], users: "everyone" },
      ],
      open: ["/health", "/orders/prices"],
      variables: [{ name: "total", of: "body", path: "Order/Total", as: "number" }],
      clock: this.clock,
    };
  }
}

const orders = { agent: "a", path: "/orders", method: "POST", operation: "{urn:o}Order" };
const ledger = { agent: "a", path: "/orders/ledger", method: "POST" };
const password = (name: string, secret: string) => ({ kind: "password", name, password: secret }) as const;

/** What every decision point owes an agent. */
export function runDecisionContract(title: string, make: MakeDecisionPoint): void {
  async function begin() {
    const world = new World();
    const { point, close } = await make(world.options());
    onTestFinished(close);
    const logIn = (name = "alice", secret = "wonderland", ticket?: string) =>
      point.authenticate({
        resource: orders,
        realm: "orders",
        scheme: "basic",
        credentials: password(name, secret),
        ticket,
      });
    const authorize = (ticket: string, more: object = {}, variables = {}) =>
      point.authorize({ resource: { ...orders, ...more }, realm: "orders", ticket, variables });
    return { world, point, logIn, authorize };
  }

  describe(title, () => {
    it.each(["/orders", "/orders/", "/Orders/7", "/orders/7/8"])(
      "accepts that %s is in the realm of orders",
      async (path) => {
        const { point } = await begin();
        const protection = await point.isProtected({ ...orders, path });
        expect(protection).toMatchObject({
          kind: "protected",
          realm: "orders",
          level: 5,
          schemes: [{ kind: "xml-document" }, { kind: "basic" }],
          variables: [{ name: "total" }],
          soapOnly: false,
          reserved: { headers: ["x-mail", "x-none", "x-user", "x-total", "x-roles"], cookies: [] },
        });
      },
    );

    it("accepts the most exact of all patterns: another realm, or an open resource", async () => {
      const { point } = await begin();
      const kinds = ["/orders/ledger", "/orders/prices", "/health", "/ordersx", "/health/x", "/"].map(async (path) => {
        const protection = await point.isProtected({ ...orders, path });
        return protection.kind === "protected" ? protection.realm : protection.kind;
      });
      expect(await Promise.all(kinds)).toEqual(["ledger", "open", "open", "unknown", "unknown", "unknown"]);
    });

    it("accepts right credentials, begins a session with an opaque ticket, and never twice the same (M5)", async () => {
      const { world, logIn } = await begin();
      const results = [authenticated(await logIn()), authenticated(await logIn())];
      expect(new Set(results.map(({ ticket }) => ticket)).size).toBe(2);
      expect(results[0]).toMatchObject({
        subject: { name: "alice", directory: "people", level: 5 },
        session: {
          user: "alice",
          created: world.clock.time,
          lastAccess: world.clock.time,
          idleSeconds: 600,
          maxSeconds: 3_600,
          level: 5,
        },
      });
      expect(results[0]?.ticket).not.toContain(results[0]?.session.id);
      expect(Buffer.from(results[0]?.ticket ?? "", "base64url").toString("latin1")).not.toContain("alice");
    });

    it.each([
      ["a wrong password", "alice", "Wonderland"],
      ["an unknown user", "mallory", "x"],
      ["a name out of an object's prototype (E19)", "__proto__", "x"],
      ["an empty password", "alice", ""],
      ["a name with a line end", "alice\r\n", "wonderland"],
    ])("rejects %s with a reason, and begins nothing", async (_, name, secret) => {
      const { logIn } = await begin();
      expect(await logIn(name, secret)).toEqual({ outcome: "refused", reason: expect.any(String) });
    });

    it("rejects credentials by a scheme that the realm does not take, and those for another realm's resource", async () => {
      const { point } = await begin();
      const certificate = {
        kind: "certificate",
        certificate: octets(1),
        publicKey: octets(2),
        subject: "CN=alice",
        issuer: "CN=ca",
        proof: "tls",
      } as const;
      const asked = { resource: orders, realm: "orders", scheme: "certificate", credentials: certificate } as const;
      expect(await point.authenticate(asked)).toMatchObject({ outcome: "refused" });
      expect(await point.authenticate({ ...asked, realm: "ledger" })).toMatchObject({ outcome: "refused" });
      expect(await point.authenticate({ ...asked, realm: "ledger", resource: ledger })).toMatchObject({
        outcome: "authenticated",
        subject: { name: "alice", level: 10 },
      });
    });

    it("accepts what a policy permits, and resolves its responses", async () => {
      const { logIn, authorize } = await begin();
      const { ticket } = authenticated(await logIn());
      expect(await authorize(ticket, {}, { total: 12.5 })).toEqual({
        outcome: "permitted",
        policy: "small orders",
        responses: [
          { kind: "header", name: "x-mail", value: "a@example" },
          { kind: "header", name: "x-user", value: "alice" },
          { kind: "header", name: "x-total", value: "12.5" },
          { kind: "header", name: "x-roles", value: "clerk+buyer" },
        ],
      });
      expect(await authorize(ticket, { method: "GET", path: "/orders/list" })).toMatchObject({ outcome: "permitted" });
    });

    it.each([
      ["another method", { method: "DELETE" }, {}],
      ["another operation", { operation: "{urn:o}Cancel" }, {}],
      ["a message without operation", { operation: undefined }, {}],
      ["another resource", { method: "GET" }, {}],
      ["what its condition excludes", {}, { total: 1_000 }],
    ])("denies %s", async (_, more, variables) => {
      const { logIn, authorize } = await begin();
      const { ticket } = authenticated(await logIn());
      expect(await authorize(ticket, more, variables)).toEqual({ outcome: "denied", reason: expect.any(String) });
    });

    it("denies users whom no policy names, also once an attribute changed, and who was disabled (M10)", async () => {
      const { world, logIn, authorize } = await begin();
      const bob = authenticated(await logIn("bob", "builder"));
      expect(await authorize(bob.ticket)).toMatchObject({ outcome: "denied" });
      const alice = authenticated(await logIn());
      expect(await authorize(alice.ticket)).toMatchObject({ outcome: "permitted" });
      world.users.set("alice", { name: "alice", password: "wonderland", attributes: {} });
      expect(await authorize(alice.ticket)).toMatchObject({ outcome: "denied" });
      world.users.delete("alice");
      expect(await authorize(alice.ticket)).toMatchObject({ outcome: "denied" });
    });

    it("accepts a session while it is used, refuses it after idle time and at its absolute end (M4)", async () => {
      const { world, point, logIn } = await begin();
      const { ticket } = authenticated(await logIn());
      for (let use = 0; use < 6; use++) {
        world.clock.pass(590);
        expect(await point.validateSession(ticket, orders)).toMatchObject({
          outcome: "valid",
          subject: { name: "alice" },
        });
      }
      world.clock.pass(590);
      expect(await point.validateSession(ticket, orders)).toMatchObject({ outcome: "refused", why: "expired" });
      const idle = authenticated(await logIn());
      world.clock.pass(601);
      expect(await point.validateSession(idle.ticket, orders)).toMatchObject({ outcome: "refused", why: "expired" });
    });

    it("refuses a session of too low a level, which must not be mistaken for a broken one", async () => {
      const { point, logIn } = await begin();
      const { ticket } = authenticated(await logIn());
      expect(await point.validateSession(ticket, ledger)).toMatchObject({ outcome: "refused", why: "level" });
      const asked = { resource: ledger, realm: "ledger", ticket, variables: {} };
      expect(await point.authorize(asked)).toMatchObject({ outcome: "denied" });
    });

    it.each([
      ["text", () => "ticket"],
      [
        "a flipped bit (M1)",
        (ticket: string) => `${ticket.slice(0, 40)}${ticket[40] === "A" ? "B" : "A"}${ticket.slice(41)}`,
      ],
      ["a cut end (M1)", (ticket: string) => ticket.slice(0, -4)],
      ["10,000 characters", () => "A".repeat(10_000)],
    ])("refuses a ticket that is %s, everywhere", async (_, changed) => {
      const { point, logIn, authorize } = await begin();
      const ticket = changed(authenticated(await logIn()).ticket);
      expect(await point.validateSession(ticket, orders)).toMatchObject({ outcome: "refused", why: "invalid" });
      expect(await authorize(ticket)).toMatchObject({ outcome: "denied" });
      await point.logOut(ticket);
    });

    it("ends a session at log-out, and the one that somebody held before a login (M3, M5)", async () => {
      const { point, logIn } = await begin();
      const before = authenticated(await logIn());
      const after = authenticated(await logIn("alice", "wonderland", before.ticket));
      await expectRevoked(point.validateSession(before.ticket, orders));
      expect(await point.validateSession(after.ticket, orders)).toMatchObject({ outcome: "valid" });
      await point.logOut(after.ticket);
      await expectRevoked(point.validateSession(after.ticket, orders));
    });

    it("rejects with ERR_UNAVAILABLE while the directory is out, and answers when it is back", async () => {
      const { world, logIn } = await begin();
      world.out = true;
      expect(await errorOf(logIn())).toMatchObject({ code: "ERR_UNAVAILABLE" });
      expect(await errorOf(logIn("alice", "wrong"))).toMatchObject({ code: "ERR_UNAVAILABLE" });
      world.out = false;
      expect(await logIn()).toMatchObject({ outcome: "authenticated" });
    });
  });
}

async function expectRevoked(pending: Promise<SessionResult>): Promise<void> {
  expect(await pending).toMatchObject({ outcome: "refused", why: "revoked" });
}

function authenticated(result: AuthenticationResult): Extract<AuthenticationResult, { outcome: "authenticated" }> {
  if (result.outcome === "authenticated") return result;
  throw new TypeError(`refused: ${result.reason}`);
}
