import { saml2 } from "@countersign/core";
import { ldapIdentityProvider } from "@countersign/ldap";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { requireProgram } from "../require/external.js";
import { directoryBase, directoryCa, Slapd, searcher } from "../support/slapd.js";
import { brokerKey, issuer, order } from "../trust/estate.js";
import { type Stage, scenario } from "./stage.js";
import { errorOf, expectAdmitted, expectNeutral } from "./views.js";

const enterprise = "urn:example:enterprise";
const hosts = ["orders", "billing"] as const;

requireProgram("slapd").describe("a directory of subjects", () => {
  let slapd: Slapd;
  beforeAll(async () => {
    slapd = await Slapd.start();
  }, 60_000);
  beforeEach(() => slapd.put({ uid: "alice", password: "wonderland", groups: ["clerks"] }));
  afterAll(() => slapd.close());

  /** A broker that asks the directory, and two services that know the broker only. */
  async function enterpriseOf(stage: Stage) {
    const identityProvider = ldapIdentityProvider({
      url: slapd.tlsUrl,
      tls: { ca: directoryCa },
      users: { as: searcher, base: `ou=people,${directoryBase}` },
      groups: { base: `ou=groups,${directoryBase}`, claim: "role" },
      timeoutSeconds: 1,
    });
    const relyingParties = [{ appliesTo: enterprise, claims: ["role"] }];
    const broker = await stage.mountedBroker({ identityProvider, relyingParties });
    const services = await Promise.all(
      hosts.map((host) =>
        stage.service({
          origin: `https://${host}.example`,
          trust: { issuers: [{ name: issuer, certificates: [brokerKey.certificate] }] },
          accept: [saml2({ audience: enterprise, confirm: "bearer", over: "transport" })],
        }),
      ),
    );
    return { broker, services };
  }

  scenario("R4.12 trust and subjects managed in one place", (newStage) => {
    it("accepts at both services whoever was added to the directory, with the groups they are in", async () => {
      const stage = newStage();
      const { broker, services } = await enterpriseOf(stage);
      const { client, wire, user } = stage.requestor(broker);
      Object.assign(user, { name: "dinah", password: "whiskers" });
      const unknown = await errorOf(client.obtainToken({ appliesTo: enterprise }));
      expect(unknown).toMatchObject({ code: "ERR_STS_FAULT" });
      await slapd.put({ uid: "dinah", password: "whiskers", groups: ["mousers"] });
      for (const service of services) {
        await client.fetch(service.url, { body: order(), appliesTo: enterprise });
        expectAdmitted(service, wire.received.at(-1), { principal: "dinah", issuer });
        expect([...(service.handled.at(-1)?.claims ?? [])]).toMatchObject([{ type: "role", values: ["mousers"] }]);
      }
      await slapd.remove("dinah");
    });

    it("rejects the next issuance to whoever was removed", async () => {
      const stage = newStage();
      const { broker } = await enterpriseOf(stage);
      await slapd.put({ uid: "rabbit", password: "late" });
      const first = stage.requestor(broker);
      const second = stage.requestor(broker);
      for (const { user } of [first, second]) Object.assign(user, { name: "rabbit", password: "late" });
      expect((await first.client.obtainToken({ appliesTo: enterprise })).xml).toContain("rabbit");
      await slapd.remove("rabbit");
      const error = await errorOf(second.client.obtainToken({ appliesTo: enterprise }));
      expect(error).toMatchObject({ code: "ERR_STS_FAULT" });
      expectNeutral(second.wire.received.at(-1));
      expect(broker.events.at(-1)).toMatchObject({ error: { code: "ERR_WSS_FAILED_AUTHENTICATION" } });
    });

    it("rejects issuance while the directory is out, with tokens issued before still good, and accepts when it is back", async () => {
      const stage = newStage();
      const { broker, services } = await enterpriseOf(stage);
      const { client, wire } = stage.requestor(broker);
      await client.obtainToken({ appliesTo: enterprise });
      await slapd.stop();
      try {
        const late = stage.requestor(broker);
        const error = await errorOf(late.client.obtainToken({ appliesTo: enterprise }));
        expect(error).toMatchObject({ code: "ERR_STS_UNREACHABLE" });
        expect(late.wire.received.at(-1)).toMatchObject({ status: 503 });
        expect(broker.events.at(-1)).toMatchObject({ outcome: "refused", error: { code: "ERR_UNAVAILABLE" } });
        for (const service of services) {
          await client.fetch(service.url, { body: order(), appliesTo: enterprise });
          expectAdmitted(service, wire.received.at(-1), { principal: "alice", issuer });
        }
      } finally {
        await slapd.resume();
      }
      const again = stage.requestor(broker);
      expect((await again.client.obtainToken({ appliesTo: enterprise })).xml).toContain("alice");
    });
  });
});
