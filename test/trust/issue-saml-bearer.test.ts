import { allowInsecureTransport } from "@countersign/broker";
import { parseAssertion, scan, tokenTypes, trust13, wstNamespace } from "@countersign/core/sts";
import { describe, expect, it } from "vitest";
import { type Answer, ask, type Question, questionMessage, responseIn, send } from "./ask.js";
import { issuer, noon, ordersUrl, stsUrl, testBroker } from "./estate.js";

const assertionIn = (answer: Answer) => parseAssertion(scan(Buffer.from(responseIn(answer).requestedSecurityToken)), 0);
const hour = 3_600_000;

describe("WS-Trust 1.4 section 4, Issue: UsernameToken in, SAML 2.0 bearer assertion out", () => {
  it("accepts a password and issues a token for the relying party", async () => {
    const { broker, clock, identityProvider, events } = testBroker();
    const answer = await ask(broker, clock);
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/soap+xml; charset=utf-8");
    expect(answer.text).toContain(`>${trust13.answers.issue}</wsa:Action>`);
    expect(answer.text).toContain(">urn:uuid:question</wsa:RelatesTo>");
    expect(responseIn(answer)).toMatchObject({
      context: "urn:uuid:context",
      tokenType: tokenTypes.saml2,
      keyType: "bearer",
      appliesTo: ordersUrl,
      lifetime: { created: noon, expires: noon + hour / 2 },
      attachedReference: expect.stringContaining("SAMLV2.0"),
      unattachedReference: expect.stringContaining("SAMLID"),
    });
    const { issuer: by, subject, conditions, attributes } = assertionIn(answer);
    expect(by).toBe(issuer);
    expect(subject?.nameId?.value).toBe("alice@example");
    expect(subject?.confirmations.map(({ method }) => method)).toEqual(["urn:oasis:names:tc:SAML:2.0:cm:bearer"]);
    expect(conditions).toMatchObject({
      notBefore: noon,
      notOnOrAfter: noon + hour / 2,
      audienceRestrictions: [[ordersUrl]],
    });
    expect(attributes.map(({ name, values }) => ({ name, values }))).toEqual([{ name: "role", values: ["clerk"] }]);
    expect(identityProvider.calls).toBe(1);
    expect(events.map(({ outcome }) => outcome)).toEqual(["admitted", "issued"]);
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set([answer.headers["x-correlation-id"]]));
    expect(JSON.stringify(events)).not.toContain("wonderland");
  });

  it("accepts SOAP 1.1, and echoes the token type that was asked for", async () => {
    const { broker, clock } = testBroker();
    const answer = await ask(broker, clock, { version: "1.1", request: { tokenType: tokenTypes.saml2Namespace } });
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("text/xml; charset=utf-8");
    expect(responseIn(answer).tokenType).toBe(tokenTypes.saml2Namespace);
  });

  it("accepts a password digest once, and rejects its repetition with the neutral fault", async () => {
    const { broker, clock } = testBroker();
    const message = questionMessage(clock, { as: "digest" });
    expect((await send(broker, message)).status).toBe(200);
    const again = await send(broker, message);
    expect(again.fault).toBe("wsse:InvalidSecurity");
    expect(again.text).not.toContain("Assertion");
  });

  it("rejects a digest where the identity provider cannot look up secrets", async () => {
    const { broker, clock } = testBroker({ identityProvider: async () => ({ name: "alice" }) });
    expect((await ask(broker, clock, { as: "digest" })).fault).toBe("wsse:InvalidSecurity");
    expect((await ask(broker, clock, { as: "text" })).status).toBe(200);
  });

  it("rejects everything before authentication with one and the same fault", async () => {
    const { broker, clock, events } = testBroker();
    const questions: Question[] = [
      { password: "looking-glass" },
      { name: "mallory" },
      { encrypted: false },
      { bare: true },
      { name: "mallory", request: { appliesTo: "https://unknown.example" } },
      { content: "<x></x>" },
      { action: "urn:other" },
      { tamper: (message) => message.replace("<wsu:Created>2026", "<wsu:Created>2025") },
    ];
    const answers = await Promise.all(questions.map((question) => ask(broker, clock, question)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]));
    expect(answers[0]?.fault).toBe("wsse:InvalidSecurity");
    expect(answers[0]?.text).not.toContain("wst:");
    expect(events.every(({ outcome }) => outcome === "refused")).toBe(true);
  });

  it.each<[string, Question]>([
    ["AppliesTo missing", { request: { appliesTo: undefined } }],
    ["an unknown AppliesTo", { request: { appliesTo: "https://unknown.example" } }],
    ["a longer AppliesTo", { request: { appliesTo: `${ordersUrl}/` } }],
    ["path traversal", { request: { appliesTo: `${ordersUrl}/../admin` } }],
    ["an internal address", { request: { appliesTo: "http://169.254.169.254/latest/meta-data" } }],
  ])("J15 rejects %s with wst:InvalidScope", async (_, question) => {
    const { broker, clock, events } = testBroker();
    const answer = await ask(broker, clock, question);
    expect(answer).toMatchObject({ status: 400, fault: "wst:InvalidScope" });
    expect(answer.text).toContain(`xmlns:wst="${wstNamespace}"`);
    expect(events.at(-1)).toMatchObject({ outcome: "refused", error: { code: "ERR_TRUST_INVALID_SCOPE" } });
  });

  it("R4.7 accepts a longer life and cuts it to the maximum; shorter ones are granted", async () => {
    const { broker, clock } = testBroker();
    const lives = async (lifetime: { created?: number; expires?: number }) =>
      responseIn(await ask(broker, clock, { request: { lifetime } })).lifetime;
    expect(await lives({ created: noon, expires: noon + 24 * hour })).toEqual({
      created: noon,
      expires: noon + 12 * hour,
    });
    expect(await lives({ expires: noon + 36_525 * 24 * hour })).toEqual({ created: noon, expires: noon + 12 * hour });
    expect(await lives({ expires: noon + 60_000 })).toEqual({ created: noon, expires: noon + 60_000 });
    expect(await lives({ created: noon - hour, expires: noon + hour })).toEqual({
      created: noon,
      expires: noon + hour,
    });
    expect(await lives({ created: noon + 60_000 })).toEqual({
      created: noon + 60_000,
      expires: noon + 60_000 + hour / 2,
    });
  });

  it.each([
    ["inverted", { created: noon + 2000, expires: noon + 1000 }],
    ["empty", { created: noon, expires: noon }],
    ["over", { created: noon - 2 * hour, expires: noon - hour }],
    ["more than a minute ahead", { created: noon + 61_000, expires: noon + hour }],
  ])("J14 rejects a life that is %s with wst:InvalidTimeRange", async (_, lifetime) => {
    const { broker, clock } = testBroker();
    expect(await ask(broker, clock, { request: { lifetime } })).toMatchObject({
      status: 400,
      fault: "wst:InvalidTimeRange",
    });
  });

  it.each<[string, Question, string]>([
    ["a symmetric key", { request: { keyType: "symmetric-key" } }, "wst:BadRequest"],
    ["another token type", { request: { tokenType: "urn:ietf:params:oauth:token-type:jwt" } }, "wst:BadRequest"],
    [
      "another operation than the action's",
      { request: { requestType: `${wstNamespace}/Renew` } },
      "wst:InvalidRequest",
    ],
    ["an unknown operation", { request: { requestType: `${wstNamespace}/KET` } }, "wst:BadRequest"],
    ["KeySize 0 (J16)", { content: rst("<wst:KeySize>0</wst:KeySize>") }, "wst:BadRequest"],
    ["an element that is not read", { content: rst("<wst:DelegateTo></wst:DelegateTo>") }, "wst:BadRequest"],
    [
      "no RequestType",
      { content: `<wst:RequestSecurityToken xmlns:wst="${wstNamespace}"></wst:RequestSecurityToken>` },
      "wst:InvalidRequest",
    ],
    ["two requests", { content: rst("") + rst("") }, "wst:BadRequest"],
    ["a claim that the relying party does not get", { request: { claims: [{ type: "mail" }] } }, "wst:RequestFailed"],
    ["a claim that nobody has", { request: { claims: [{ type: "rank" }] } }, "wst:RequestFailed"],
    [
      "a claim value that the subject lacks",
      { request: { claims: [{ type: "role", values: ["admin"] }] } },
      "wst:RequestFailed",
    ],
  ])("rejects %s with a fault of WS-Trust", async (_, question, fault) => {
    const { broker, clock } = testBroker();
    expect(await ask(broker, clock, question)).toMatchObject({ status: 400, fault });
    expect(await ask(broker, clock, { ...question, version: "1.1" })).toMatchObject({ status: 500, fault });
  });

  it("accepts optional claims that cannot be given, and leaves them out", async () => {
    const { broker, clock } = testBroker();
    const claims = [
      { type: "mail", optional: true },
      { type: "role", values: ["clerk"] },
    ];
    const { attributes } = assertionIn(await ask(broker, clock, { request: { claims } }));
    expect(attributes.map(({ name }) => name)).toEqual(["role"]);
  });

  it("J18 accepts markup in claims and names as text", async () => {
    const role = 'x</saml2:AttributeValue><saml2:AttributeValue>admin]]>&<!--"';
    const identityProvider = async () => ({ name: "a</saml2:NameID><b>&", claims: { role } });
    const { broker, clock } = testBroker({ identityProvider });
    const { attributes, subject } = assertionIn(await ask(broker, clock));
    expect(attributes.map(({ values }) => values)).toEqual([[role]]);
    expect(subject?.nameId?.value).toBe("a</saml2:NameID><b>&");
  });

  it("J19 rejects characters that XML does not have with wst:RequestFailed", async () => {
    const { broker, clock } = testBroker({ identityProvider: async () => ({ name: "a\u0000b" }) });
    expect((await ask(broker, clock)).fault).toBe("wst:RequestFailed");
  });

  it("J20 accepts a ReplyTo that names another host, and answers on the connection", async () => {
    const { broker, clock } = testBroker();
    const tamper = (message: string) =>
      message.replace(
        "<wsa:To ",
        '<wsa:ReplyTo xmlns:wsa="http://www.w3.org/2005/08/addressing"><wsa:Address>http://10.0.0.1/</wsa:Address></wsa:ReplyTo><wsa:To ',
      );
    const answer = await ask(broker, clock, { tamper });
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain("10.0.0.1");
  });

  it("R4.6 rejects with 503 while the identity provider is out, and never issues", async () => {
    const { broker, clock, identityProvider } = testBroker();
    identityProvider.out = true;
    const answer = await ask(broker, clock);
    expect(answer.status).toBe(503);
    expect(answer.headers["retry-after"]).toBeDefined();
    expect(answer.text).not.toContain("Assertion");
    identityProvider.out = false;
    expect((await ask(broker, clock)).status).toBe(200);
  });

  it("R4.12 rejects a subject that the identity provider no longer knows", async () => {
    const people = new Map([["alice", { name: "alice" }]]);
    const { broker, clock } = testBroker({ identityProvider: (name) => people.get(name) });
    expect((await ask(broker, clock)).status).toBe(200);
    people.delete("alice");
    expect((await ask(broker, clock)).fault).toBe("wsse:InvalidSecurity");
  });

  it("rejects with 503 where audit is mandatory and the record of the issuance is not taken", async () => {
    const sink = (event: { readonly outcome: string }) => {
      if (event.outcome === "issued") throw new TypeError("disk full");
    };
    const strict = testBroker({ audit: { sink, mandatory: true } });
    const answer = await ask(strict.broker, strict.clock);
    expect(answer.status).toBe(503);
    expect(answer.text).not.toContain("Assertion");
    const lenient = testBroker({ audit: { sink } });
    expect((await ask(lenient.broker, lenient.clock)).status).toBe(200);
  });

  it("accepts each of many requests at once with its own identity (J7)", async () => {
    const identityProvider = async (name: string) => {
      await new Promise((resolve) => setTimeout(resolve, name === "a" ? 20 : 1));
      return { name: `${name}@example` };
    };
    const { broker, clock } = testBroker({ identityProvider });
    const names = ["a", "b", "c", "a", "d"];
    const answers = await Promise.all(names.map((name) => ask(broker, clock, { name })));
    const subjects = answers.map((answer) => assertionIn(answer).subject?.nameId?.value);
    expect(subjects).toEqual(names.map((name) => `${name}@example`));
  });

  it("accepts unencrypted connections only with the switch of that name", async () => {
    const { broker, clock } = testBroker({ [allowInsecureTransport]: true });
    expect((await ask(broker, clock, { encrypted: false })).status).toBe(200);
    expect(broker.address).toBe(stsUrl);
  });
});

function rst(content: string): string {
  return `<wst:RequestSecurityToken xmlns:wst="${wstNamespace}"><wst:RequestType>${wstNamespace}/Issue</wst:RequestType>${content}</wst:RequestSecurityToken>`;
}
