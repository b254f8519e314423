import { type DocumentField, type SchemeRequirement, xmlDocumentCredentials } from "@countersign/core";
import { expect, it } from "vitest";
import { agentScenario, documentScheme, order, send, soap, soapTypes } from "./agent-stage.js";

const fault = "<fault>The security check failed.</fault>";

agentScenario("R1.4 the request is an XML document, not necessarily SOAP", (newStage) => {
  it("accepts a plain purchase order, and hands it on as it came", async () => {
    const stage = newStage();
    const service = await stage.service({ decisionPoint: stage.decisions() });
    const answer = await send(service, { body: order() });
    expect([answer.status, answer.text]).toEqual([200, order()]);
    expect(service.events).toMatchObject([{ outcome: "admitted", principal: "alice", proof: "password-text" }]);
    expect(service.handled[0]).toMatchObject({ body: order(), security: { principal: { name: "alice" } } });
  });

  it.each(["1.1", "1.2"] as const)("accepts the same order in SOAP %s", async (version) => {
    const stage = newStage();
    const service = await stage.service({ decisionPoint: stage.decisions() });
    const answer = await send(service, { body: soap(order(), { version }), type: soapTypes[version] });
    expect([answer.status, answer.text]).toEqual([200, soap(order(), { version })]);
    expect(service.handled[0]?.security?.message?.body.child("PurchaseOrder")?.child("Item")?.text).toBe("nail");
  });

  it.each([
    ["JSON", '{"User":"alice"}', "application/json", 401, "ERR_TOKEN_MISSING"],
    ["a document type declaration", `<!DOCTYPE a>${order()}`, "text/xml", 400, "ERR_XML_FORBIDDEN"],
    ["what is not well-formed", order().slice(0, -3), "text/xml", 400, "ERR_XML_MALFORMED"],
    ["another charset than it declares", order(), "text/xml; charset=utf-16", 400, "ERR_XML_MALFORMED"],
  ] as const)("rejects %s", async (_, body, type, status, code) => {
    const stage = newStage();
    const service = await stage.service({ decisionPoint: stage.decisions() });
    const answer = await send(service, { body, type });
    expect(answer.status).toBe(status);
    expect(service.events).toMatchObject([{ outcome: "refused", error: { code } }]);
    expect(service.handled).toEqual([]);
  });
});

agentScenario("R1.5 the agent takes credentials from the message", (newStage) => {
  const inHeader = xmlDocumentCredentials({
    user: "a:Caller/@name",
    password: "a:Caller/a:Password",
    from: "header",
    namespaces: { a: "urn:auth" },
  });
  const header = `<c:Caller xmlns:c="urn:auth" name="alice"><c:Password>wonderland</c:Password></c:Caller>`;

  it("accepts name and password in the body, and in the header", async () => {
    const stage = newStage();
    const decisions = stage.decisions({
      realms: [{ name: "auth", resources: ["/auth/*"], scheme: [inHeader, documentScheme] }],
    });
    const service = await stage.service({ decisionPoint: decisions });
    for (const body of [soap("<Order/>", { header }), soap(order()), order()]) {
      expect((await send(service, { body })).status).toBe(200);
    }
    const credentials = decisions.calls.flatMap(({ operation, asked }) =>
      operation === "authenticate" ? [(asked as { credentials: unknown }).credentials] : [],
    );
    expect(credentials).toEqual(Array(3).fill({ kind: "password", name: "alice", password: "wonderland" }));
  });

  const path = (user: string): SchemeRequirement => {
    const field = (text: string): DocumentField => ({ in: "body", path: text });
    return {
      kind: "xml-document",
      user: field(user),
      password: field("PurchaseOrder/Password"),
      secureTransport: true,
    };
  };

  it.each([
    ["a path that matches nothing", path("PurchaseOrder/Nobody"), order()],
    [
      "a path that matches several nodes",
      path("PurchaseOrder/User"),
      order().replace("<User>", "<User>bob</User><User>"),
    ],
    ["an element with child elements", path("PurchaseOrder/User"), order("<b>alice</b>")],
    ["a wrong password", documentScheme, order("alice", "wonderlanD")],
    ["an unknown user", documentScheme, order("__proto__")],
    ["an empty password", documentScheme, order("alice", "")],
    ["a name with white space around it", documentScheme, order("alice ")],
  ])("rejects %s with ERR_WSS_FAILED_AUTHENTICATION", async (_, scheme, body) => {
    const stage = newStage();
    const decisions = stage.decisions({ realms: [{ name: "auth", resources: ["/auth/*"], scheme }] });
    const service = await stage.service({ decisionPoint: decisions });
    const answer = await send(service, { body });
    expect([answer.status, answer.text]).toEqual([401, fault]);
    const error = { code: "ERR_WSS_FAILED_AUTHENTICATION", verdict: "FailedAuthentication" };
    expect(service.events).toMatchObject([{ outcome: "refused", error }]);
    expect(service.handled).toEqual([]);
  });

  it("rejects a document with a password that came in the open", async () => {
    const stage = newStage();
    const service = await stage.service({ decisionPoint: stage.decisions() }, { encrypted: false });
    const answer = await send(service, { body: order() });
    expect([answer.status, answer.text]).toEqual([401, fault]);
    expect(service.events).toMatchObject([{ error: { code: "ERR_WSS_INVALID_SECURITY" } }]);
    expect(stage.directory.checked).toBe(0);
  });
});
