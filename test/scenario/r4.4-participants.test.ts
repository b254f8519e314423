import type { AuthenticationBroker, IdentityProvider } from "@countersign/broker";
import { saml2, type TokenValidator } from "@countersign/core";
import { secureMessage } from "@countersign/core/sts";
import { createTestAuthority, createTestCertificate, type IssuedCertificate } from "@countersign/core/testing";
import { expect, expectTypeOf, it } from "vitest";
import { senderVouchesMessage } from "../support/messages.js";
import { questionMessage } from "../trust/ask.js";
import { brokerKey, issuer, noon, order, ordersUrl, type TestIdentityProvider } from "../trust/estate.js";
import { post, scenario } from "./stage.js";
import { expectAdmitted, expectRefused, expectTrustFault } from "./views.js";

const day = 86_400_000;
const validity = { notBefore: noon - day, notAfter: noon + day };
const partners = createTestAuthority({ subject: "CN=Partners", ...validity });
const gateway = partners.issue({ subject: "CN=gateway", keyType: "rsa", ...validity });
const otherGateway = partners.issue({ subject: "CN=other gateway", keyType: "rsa", ...validity });
const alice = createTestCertificate({ subject: "CN=alice", keyType: "rsa", ...validity });
const mallory = createTestCertificate({ subject: "CN=mallory", keyType: "rsa", ...validity });

const signerOf = ({ keyPair, der }: IssuedCertificate) => ({ ...keyPair, certificate: der });

/** A message that somebody else sends for alice, with the broker's assertion about her. */
const vouchedBy = (sender: IssuedCertificate) =>
  senderVouchesMessage({
    soap: "1.2",
    now: new Date(noon),
    signer: signerOf(sender),
    assertion: { issuedBy: signerOf(brokerKey), issuer, audience: ordersUrl, subject: "alice@example" },
  }).bytes;

const vouched = {
  accept: [saml2({ audience: ordersUrl, confirm: "sender-vouches", attesters: [gateway.certificate] })],
};

scenario("R4.4 subject, requestor, service, broker and identity provider", (newStage) => {
  it("accepts a requestor that is the subject", async () => {
    const stage = newStage();
    const [broker, service] = await Promise.all([stage.mountedBroker(), stage.service()]);
    expectTypeOf(broker.broker).toExtend<AuthenticationBroker>();
    expectTypeOf<TestIdentityProvider>().toExtend<IdentityProvider>();
    expectTypeOf<TokenValidator<string>["validate"]>().parameter(0).toBeString();
    const { client, wire } = stage.requestor(broker);
    await client.fetch(service.url, { body: order(), appliesTo: ordersUrl });
    expectAdmitted(service, wire.received.at(-1), { principal: "alice@example", requestor: undefined });
    expect(service.handled[0]).toMatchObject({ principal: { name: "alice@example" }, requestor: undefined });
  });

  it("accepts a requestor that may speak for the subject, and tells the two apart", async () => {
    const service = await newStage().service(vouched);
    const answer = await post(service, vouchedBy(gateway));
    expectAdmitted(service, answer, { principal: "alice@example", requestor: "CN=gateway", proof: "sender-vouches" });
    expect(service.handled[0]?.requestor).toEqual({ name: "CN=gateway", kind: "x509" });
  });

  it.each([
    ["of the same authority", otherGateway],
    ["that is unknown", mallory],
  ])("rejects another requestor %s that speaks for the subject", async (_, sender) => {
    const service = await newStage().service(vouched);
    const answer = await post(service, vouchedBy(sender));
    expectRefused(service, answer, { code: "ERR_WSS_FAILED_CHECK", verdict: "FailedCheck" });
  });

  it("rejects a requestor that uses the subject's token with a key of its own", async () => {
    const stage = newStage();
    const [broker, service] = await Promise.all([stage.mountedBroker(), stage.service()]);
    const key = { privateKey: alice.privateKey, certificate: alice.certificate };
    const { client } = stage.requestor(broker, { keyType: "public-key", key });
    const { xml, attachedReference = "" } = await client.obtainToken({ appliesTo: ordersUrl });
    const signedBy = ({ keyPair }: IssuedCertificate) =>
      secureMessage(order(), {
        tokens: [xml],
        signatures: [
          {
            key: keyPair.privateKey,
            reference: { by: "reference", xml: attachedReference },
            parts: ["body", "timestamp"],
          },
        ],
        clock: stage.clock,
      }).envelope;
    const genuine = await post(service, signedBy(alice));
    expectAdmitted(service, genuine, { principal: "alice@example", proof: "holder-of-key" });
    const stolen = await post(service, signedBy(mallory));
    expectRefused(service, stolen, { code: "ERR_WSS_FAILED_CHECK", verdict: "FailedCheck" }, 1);
  });

  it("rejects a requestor that asks the broker for a token of another subject", async () => {
    const stage = newStage();
    const broker = await stage.mountedBroker();
    const { client } = stage.requestor(broker);
    const { xml: onBehalfOf } = await client.obtainToken({ appliesTo: ordersUrl });
    const question = { name: "bob", password: "builder", request: { onBehalfOf } };
    const answer = await post(broker, questionMessage(stage.clock, question).body);
    expectTrustFault(broker.events, answer, { code: "ERR_TRUST_DELEGATION_DENIED", fault: "RequestFailed" });
    expect(broker.events.at(-1)).toMatchObject({ principal: "bob@example", token: undefined });
  });
});
