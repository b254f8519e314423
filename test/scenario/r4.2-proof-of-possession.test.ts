import { usernameToken, x509 } from "@countersign/core";
import { createTestCertificate } from "@countersign/core/testing";
import { expect, it } from "vitest";
import { x509Message } from "../support/messages.js";
import { noon, order, strangerKey } from "../trust/estate.js";
import { post, type Stage, scenario } from "./stage.js";
import { errorOf, expectAdmitted, expectRefused } from "./views.js";

/*
 * The secret itself, a digest of it with a salt, and a signature with a private key. An HMAC with a secret that both sides
 * know, and the authenticator that the row counts as a signature, come with Kerberos.
 */

const day = 86_400_000;
const alice = createTestCertificate({
  subject: "CN=alice",
  keyType: "rsa",
  notBefore: noon - day,
  notAfter: noon + day,
});

/** A service that takes all three proofs, and counts how often it asks about a password. */
async function start(stage: Stage, encrypted = true) {
  const asked = { verify: 0, secret: 0 };
  const passwords = usernameToken({
    verify: (name, password) => {
      asked.verify++;
      return name === "alice" && password === "wonderland";
    },
    secret: (name) => {
      asked.secret++;
      return name === "alice" ? "wonderland" : undefined;
    },
    over: "transport",
  });
  const options = { accept: [passwords, x509()], trust: { certificates: [alice.certificate] } };
  return { asked, service: await stage.service(options, encrypted) };
}

scenario("R4.2 proof of possession: the secret, a digest, a signature", (newStage) => {
  it.each([
    ["text", { verify: 1, secret: 0 }],
    ["digest", { verify: 0, secret: 1 }],
  ] as const)("accepts a password as %s, and rejects a wrong one", async (form, calls) => {
    const stage = newStage();
    const { asked, service } = await start(stage);
    const { client, wire, user } = stage.direct({ password: form });
    await client.fetch(service.url, { body: order() });
    const proof = `password-${form}`;
    expectAdmitted(service, wire.received.at(-1), { principal: "alice", proof });
    expect(asked).toEqual(calls);

    user.password = "looking-glass";
    expect(await errorOf(client.fetch(service.url, { body: order() }))).toMatchObject({ code: "ERR_SERVICE_FAULT" });
    const failed = { code: "ERR_WSS_FAILED_AUTHENTICATION", verdict: "FailedAuthentication" } as const;
    expectRefused(service, wire.received.at(-1), failed, 1);

    user.name = "nobody";
    expect(await errorOf(client.fetch(service.url, { body: order() }))).toMatchObject({ code: "ERR_SERVICE_FAULT" });
    expectRefused(service, wire.received.at(-1), failed, 1);
  });

  it("accepts a signature, and rejects one that was made with another key", async () => {
    const stage = newStage();
    const { service } = await start(stage);
    const { client, wire } = stage.direct({
      credentials: undefined,
      key: { privateKey: alice.privateKey, certificate: alice.certificate },
    });
    await client.fetch(service.url, { body: order() });
    expectAdmitted(service, wire.received.at(-1), { principal: "CN=alice", proof: "signature" });

    const { privateKey, publicKey } = strangerKey.keyPair;
    const signer = { privateKey, publicKey, certificate: alice.der };
    const claimed = x509Message({ soap: "1.2", now: new Date(noon), signer });
    const failed = { code: "ERR_WSS_FAILED_CHECK", verdict: "FailedCheck" } as const;
    expectRefused(service, await post(service, claimed.bytes), failed, 1);
    const genuine = x509Message({
      soap: "1.2",
      now: new Date(noon),
      signer: { ...alice.keyPair, certificate: alice.der },
    });
    expect((await post(service, genuine.bytes)).status).toBe(200);
  });

  it.each(["text", "digest"] as const)(
    "rejects a right password as %s over http before it is checked",
    async (form) => {
      const stage = newStage();
      const { asked, service } = await start(stage, false);
      const { client, wire } = stage.direct({ password: form });
      const insecure = { code: "ERR_CONFIG_INSECURE", option: "url" };
      expect(await errorOf(client.fetch(service.url, { body: order() }))).toMatchObject(insecure);
      expect(wire.sent).toEqual([]);

      const { envelope } = await client.secure(order());
      const answer = await post(service, envelope);
      expectRefused(service, answer, { code: "ERR_WSS_INVALID_SECURITY", verdict: "InvalidSecurity" });
      expect(asked).toEqual({ verify: 0, secret: 0 });
    },
  );
});
