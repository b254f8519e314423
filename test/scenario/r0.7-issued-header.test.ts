import { type HttpTransport, obtainSecurityHeaders, SoapFaultError, signRequest } from "@countersign/client";
import { createGuard, type ResponseRule, returnAuthenticationData, saml2, wsSecurityHeader } from "@countersign/core";
import { createTestCertificate } from "@countersign/core/testing";
import { expect, it } from "vitest";
import type { Seen } from "../adapter/site.js";
import { type AgentStage, agentScenario, order, send, sentinel, soap } from "./agent-stage.js";

const agentKey = createTestCertificate({ subject: "CN=agent", notBefore: 0, notAfter: Date.UTC(2090, 0) });
const alice = createTestCertificate({ subject: "CN=alice", notBefore: 0, notAfter: Date.UTC(2090, 0) });
const sign = { key: agentKey.keyPair.privateKey, certificate: agentKey.certificate, issuer: "urn:agent" };
const aliceKey = { privateKey: alice.keyPair.privateKey, certificate: alice.certificate };

/** Credentials and the consumer's certificate, in a SOAP message. */
const request = (password?: string) =>
  soap(
    order("alice", password).replace("</PurchaseOrder>", `<Key>${alice.der.toString("base64")}</Key></PurchaseOrder>`),
  );
const holder = wsSecurityHeader({
  token: "saml2",
  audience: "urn:orders",
  affiliate: `${sentinel}-affiliate`,
  key: { from: "document", path: "PurchaseOrder/Key" },
});

/** Carries what the client sends to a service of the stage. */
const transport: HttpTransport = {
  send: ({ url, headers, body }) => send({ url: url.href }, { body, headers }),
  close: () => {},
};

/** The handler of an authentication service: it returns what the agent put into the request. */
const returning = ({ body, request: { headers } }: Seen) => {
  const reply = returnAuthenticationData({ body, headers });
  return { headers: reply.headers, body: Buffer.from(reply.body) };
};

async function authService(stage: AgentStage, responses: readonly ResponseRule[], handler?: typeof returning) {
  const policies = [{ realm: "auth", rules: [{}], users: ["alice"], responses }];
  const affiliates = { [`${sentinel}-affiliate`]: {} };
  const decisionPoint = stage.decisions({ policies });
  return stage.service({ decisionPoint, sign, affiliates }, handler && { handler });
}

/** What a service that trusts the agent says of a message: the user, or why not. */
async function associated(stage: AgentStage, body: Uint8Array, headers: Readonly<Record<string, string>>) {
  const guard = createGuard({
    origin: "https://orders.example",
    trust: { issuers: [{ name: "urn:agent", certificates: [agentKey.certificate] }] },
    accept: [saml2({ audience: "urn:orders", confirm: "holder-of-key", signed: ["body", "timestamp"] })],
    clock: stage.clock,
  });
  const verdict = await guard.admit({
    method: "POST",
    target: "/",
    headers: Object.entries(headers),
    body: async () => body,
    transport: { encrypted: true },
    signal: new AbortController().signal,
  });
  return verdict.kind === "admitted"
    ? verdict.security.principal.name
    : verdict.kind === "answered" && verdict.error?.code;
}

const bodyOf = (text: string) => /<s:Body>.*<\/s:Body>/s.exec(text)?.[0];
const wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";

agentScenario("R0.7 the agent adds the security header and passes the request on", (newStage) => {
  it("accepts the request: the handler sees the header, and the Body as it was sent", async () => {
    const service = await authService(newStage(), [holder]);
    expect((await send(service, { body: request() })).status).toBe(200);
    const body = service.handled[0]?.body ?? "";
    expect(body).toContain("<wsse:Security ");
    expect(body).toContain("urn:oasis:names:tc:SAML:2.0:cm:holder-of-key");
    expect(bodyOf(body)).toBe(bodyOf(request()));
  });

  it("rejects to pass on a forged header as issued, whether the policy adds one or not", async () => {
    const header = `<w:Security xmlns:w="${wsse}"><w:BinarySecurityToken>forged</w:BinarySecurityToken></w:Security>`;
    for (const responses of [[holder], []]) {
      const service = await authService(newStage(), responses);
      const forged = request().replace("<s:Body>", `<s:Header>${header}</s:Header><s:Body>`);
      await send(service, { body: forged });
      for (const { body } of service.handled) expect(body).not.toContain("forged");
    }
  });
});

agentScenario("R0.8 the service returns the header to the consumer", (newStage) => {
  it("accepts what the handler returns: new messages under it are admitted elsewhere", async () => {
    const stage = newStage();
    const service = await authService(stage, [holder], returning);
    const { assertion } = await obtainSecurityHeaders(service.url, { body: request(), transport });
    if (assertion === undefined) throw new RangeError("no assertion was returned");
    const { body, headers } = signRequest(assertion, soap("<new/>"), { key: aliceKey, clock: stage.clock });
    expect(await associated(stage, body, headers)).toBe("alice");
    const changed = Buffer.from(Buffer.from(body).toString().replace("<new>", "<old>").replace("<new/>", "<old/>"));
    expect(await associated(stage, changed, headers)).toBe("ERR_WSS_FAILED_CHECK");
  });

  it("rejects to return anything by itself, and answers a wrong password with a fault and no token", async () => {
    const silent = await authService(newStage(), [holder], () => ({ headers: {}, body: Buffer.from("<ok/>") }));
    expect((await send(silent, { body: request() })).text).toBe("<ok/>");
    const service = await authService(newStage(), [holder], returning);
    const obtained = obtainSecurityHeaders(service.url, { body: request("wrong"), transport });
    await expect(obtained).rejects.toBeInstanceOf(SoapFaultError);
    expect(service.handled).toEqual([]);
  });
});

agentScenario("R0.9 response data never leaves the agent", (newStage) => {
  it("accepts a request whose response holds a secret: nobody sees it", async () => {
    const password = wsSecurityHeader({ token: "password-digest", password: { attribute: "clear" }, actor: "urn:hop" });
    const service = await authService(newStage(), [holder, password], returning);
    const answer = await send(service, { body: request() });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain("PasswordDigest");
    expect(JSON.stringify([answer, answer.text, service.handled, service.events])).not.toContain(sentinel);
  });

  it("rejects one whose response cannot be made with ERR_RESPONSE_DATA: nobody sees it either", async () => {
    const stage = newStage();
    const policies = [{ realm: "auth", rules: [{}], users: ["alice"], responses: [holder] }];
    const service = await stage.service({ decisionPoint: stage.decisions({ policies }), sign });
    const answer = await send(service, { body: request() });
    expect(answer.status).toBe(500);
    expect(service.events).toMatchObject([{ outcome: "refused", error: { code: "ERR_RESPONSE_DATA" } }]);
    expect(service.handled).toEqual([]);
    expect(JSON.stringify([answer, answer.text, service.events])).not.toContain(sentinel);
  });
});
