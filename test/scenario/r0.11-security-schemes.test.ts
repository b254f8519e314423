import { type SchemeRequirement, wsSecurity, xmlSignature } from "@countersign/core";
import {
  Certificate,
  issueAssertion,
  issueBinarySecurityToken,
  issueUsernameToken,
  loadPrivateKey,
  secureMessage,
} from "@countersign/core/sts";
import { createTestAuthority } from "@countersign/core/testing";
import { expect, it } from "vitest";
import { SignedXml } from "xml-crypto";
import { type AgentStage, agentScenario, authority, send, soap, soapTypes } from "./agent-stage.js";

const stranger = createTestAuthority({ subject: "CN=Agents CA" });
const person = (subject: string, from = authority) => from.issue({ subject, keyType: "rsa" });
const alice = person("CN=alice");
const bob = person("CN=bob");
const nobody = person("CN=nobody");
const foreign = person("CN=alice", stranger);
const broker = authority.issue({ subject: "CN=sts", keyType: "rsa" });
type Person = typeof alice;

const issuer = "https://sts.example";
const audience = "urn:orders";
const trust = {
  authorities: [authority.certificate],
  issuers: [{ name: issuer, certificates: [broker.certificate] }],
};
const plain = soap('<o:order xmlns:o="urn:orders">1</o:order>', { version: "1.2" });
const type = soapTypes["1.2"];

/** Starts a service whose callers show what one scheme takes; alice may, bob is known. */
async function serviceOf(stage: AgentStage, scheme: SchemeRequirement) {
  // The certificates are of today.
  stage.clock.time = Date.now();
  stage.directory.certificates.set("CN=alice", "alice").set("CN=bob", "bob");
  const decisions = stage.decisions({ realms: [{ name: "auth", resources: ["/auth/*"], scheme }] });
  return stage.service({ decisionPoint: decisions }, { trust });
}

type Service = Awaited<ReturnType<typeof serviceOf>>;

async function expectAdmitted(service: Service, body: string, media: string = type): Promise<void> {
  const answer = await send(service, { body, type: media });
  expect([answer.status, service.events.at(-1)?.error]).toEqual([200, undefined]);
  expect(service.handled.at(-1)?.security?.principal.name).toBe("alice");
}

async function expectRefused(service: Service, body: string, code: string, media: string = type): Promise<void> {
  const before = service.handled.length;
  const answer = await send(service, { body, type: media });
  expect(service.events.at(-1)).toMatchObject({ outcome: "refused", error: { code } });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(service.handled).toHaveLength(before);
}

const textOf = (octets: Uint8Array) => Buffer.from(octets).toString();

const withToken = (stage: AgentStage, xml: string) =>
  textOf(secureMessage(plain, { tokens: [xml], clock: stage.clock }).envelope);

const username = (stage: AgentStage, as: "text" | "digest", name = "alice", password = "wonderland") =>
  withToken(stage, issueUsernameToken({ name, password, as, now: stage.clock.now() }).xml);

function signed(stage: AgentStage, { privateKey, der }: Person): string {
  const token = issueBinarySecurityToken([Certificate.parse(der)]);
  const key = loadPrivateKey(privateKey, "key");
  const reference = { by: "token", id: token.id, valueType: token.valueType } as const;
  const signatures = [{ key, reference, parts: ["body", "timestamp"] as const }];
  return textOf(secureMessage(plain, { tokens: [token.xml], signatures, clock: stage.clock }).envelope);
}

function assertion(stage: AgentStage, change: { issuer?: string; audience?: string; ended?: boolean; by?: Person }) {
  const now = stage.clock.now();
  const from = change.ended ? now - 7_200_000 : now;
  const { privateKey, der } = change.by ?? broker;
  const { xml } = issueAssertion(
    {
      issuer: change.issuer ?? issuer,
      subject: { name: "alice" },
      audience: change.audience ?? audience,
      lifetime: { created: from, expires: from + 3_600_000 },
      confirmation: { method: "bearer" },
    },
    { key: loadPrivateKey(privateKey, "key"), certificate: Certificate.parse(der) },
  );
  return withToken(stage, xml);
}

agentScenario("R0.11 the target demands the token type of its scheme", (newStage) => {
  it.each(["text", "digest"] as const)(
    "accepts a password as %s, and rejects another one and other tokens",
    async (as) => {
      const stage = newStage();
      const token = as === "text" ? "password" : "password-digest";
      const service = await serviceOf(stage, wsSecurity({ token, over: "transport" }));
      await expectAdmitted(service, username(stage, as));
      await expectRefused(service, username(stage, as, "alice", "looking-glass"), "ERR_WSS_FAILED_AUTHENTICATION");
      await expectRefused(service, username(stage, as, "mallory"), "ERR_WSS_FAILED_AUTHENTICATION");
      await expectRefused(service, username(stage, as, "bob", "builder"), "ERR_POLICY_DENIED");
      await expectRefused(service, username(stage, as === "text" ? "digest" : "text"), "ERR_WSS_UNSUPPORTED_TOKEN");
      await expectRefused(service, signed(stage, alice), "ERR_WSS_FAILED_CHECK");
      await expectRefused(service, plain, "ERR_TOKEN_MISSING");
    },
  );

  it("accepts a password digest once", async () => {
    const stage = newStage();
    const service = await serviceOf(stage, wsSecurity({ token: "password-digest", over: "transport" }));
    const message = username(stage, "digest");
    await expectAdmitted(service, message);
    await expectRefused(service, message, "ERR_TOKEN_REPLAYED");
    stage.clock.pass(400);
    await expectRefused(service, message, "ERR_WSS_MESSAGE_EXPIRED");
  });

  it("accepts a signed message of the user whose certificate it is, and rejects what was changed or is another's", async () => {
    const stage = newStage();
    const service = await serviceOf(stage, wsSecurity({ token: "x509" }));
    const message = signed(stage, alice);
    await expectRefused(service, message.replace(">1<", ">2<"), "ERR_WSS_FAILED_CHECK");
    await expectAdmitted(service, message);
    await expectRefused(service, message, "ERR_TOKEN_REPLAYED");
    await expectRefused(service, signed(stage, bob), "ERR_POLICY_DENIED");
    await expectRefused(service, signed(stage, nobody), "ERR_WSS_FAILED_AUTHENTICATION");
    await expectRefused(service, signed(stage, foreign), "ERR_WSS_FAILED_CHECK");
    await expectRefused(service, username(stage, "text"), "ERR_WSS_UNSUPPORTED_TOKEN");
    await expectRefused(service, plain, "ERR_TOKEN_MISSING");
  });

  it("accepts an assertion for this audience, and rejects those of others, for others, and that are over", async () => {
    const stage = newStage();
    const service = await serviceOf(
      stage,
      wsSecurity({ token: "saml2", confirm: "bearer", audience, over: "transport" }),
    );
    await expectAdmitted(service, assertion(stage, {}));
    await expectRefused(service, assertion(stage, { issuer: "https://elsewhere.example" }), "ERR_TOKEN_ISSUER");
    await expectRefused(service, assertion(stage, { by: alice }), "ERR_TOKEN_SIGNATURE");
    await expectRefused(service, assertion(stage, { audience: "urn:pay" }), "ERR_TOKEN_AUDIENCE");
    await expectRefused(service, assertion(stage, { ended: true }), "ERR_TOKEN_EXPIRED");
    await expectRefused(service, assertion(stage, {}).replace(">alice<", ">bob<"), "ERR_TOKEN_SIGNATURE");
    await expectRefused(service, username(stage, "text"), "ERR_WSS_UNSUPPORTED_TOKEN");
  });
});

const document = '<PurchaseOrder xmlns="urn:po"><Item Id="i">nail</Item><Amount>3000</Amount></PurchaseOrder>';
const exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";

/** A document with an enveloped signature of another library. */
function enveloped({ privateKey, certificate }: Person, of: "document" | "item" = "document"): string {
  const signer = new SignedXml({
    privateKey,
    publicCert: certificate,
    signatureAlgorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    canonicalizationAlgorithm: exclusive,
  });
  const whole = of === "document";
  signer.addReference({
    xpath: whole ? "/*" : "//*[local-name(.)='Item']",
    isEmptyUri: whole,
    digestAlgorithm: "http://www.w3.org/2001/04/xmlenc#sha256",
    transforms: whole ? ["http://www.w3.org/2000/09/xmldsig#enveloped-signature", exclusive] : [exclusive],
  });
  signer.computeSignature(document, { location: { reference: "/*", action: "append" } });
  return signer.getSignedXml();
}

agentScenario("R2.2 the key comes from the certificate of a signed document", (newStage) => {
  it("accepts a signed document of the user whose certificate it is, once", async () => {
    const stage = newStage();
    const service = await serviceOf(stage, xmlSignature());
    const message = enveloped(alice);
    await expectAdmitted(service, message, "text/xml");
    expect(service.handled.at(-1)?.body).toBe(message);
    await expectRefused(service, message, "ERR_TOKEN_REPLAYED", "text/xml");
  });

  it.each<[string, () => string, string]>([
    ["a changed document", () => enveloped(alice).replace("3000", "9000"), "ERR_WSS_FAILED_CHECK"],
    [
      "a comment in a signed text",
      () => enveloped(alice).replace("3000", "3<!---->000"),
      "ERR_POLICY_PART_UNPROTECTED",
    ],
    ["an element around the signed document", () => `<a>${enveloped(alice)}</a>`, "ERR_TOKEN_MISSING"],
    ["a signature over one element", () => enveloped(alice, "item"), "ERR_WSS_FAILED_CHECK"],
    ["a certificate of a stranger of the same name", () => enveloped(foreign), "ERR_WSS_FAILED_CHECK"],
    ["a certificate that is no user's", () => enveloped(nobody), "ERR_WSS_FAILED_AUTHENTICATION"],
    ["a user who may not", () => enveloped(bob), "ERR_POLICY_DENIED"],
    ["a document without signature", () => document, "ERR_TOKEN_MISSING"],
  ])("rejects %s", async (_, message, code) => {
    const stage = newStage();
    const service = await serviceOf(stage, xmlSignature());
    await expectRefused(service, message(), code, "text/xml");
    await expectAdmitted(service, enveloped(alice), "text/xml");
  });

  it("rejects what is only signed as a child of another document", async () => {
    const stage = newStage();
    const service = await serviceOf(stage, xmlSignature());
    const message = enveloped(alice);
    const [signature = ""] = /<Signature.*<\/Signature>/s.exec(message) ?? [];
    const inner = message.replace(signature, "");
    await expectRefused(service, `<Evil>${inner}${signature}</Evil>`, "ERR_WSS_FAILED_CHECK", "text/xml");
  });
});
