import { describe, expect, it } from "vitest";
import { CountersignError, type ErrorCode, errorTable } from "../errors/index.js";
import { type AnswerContext, type AnswerOptions, createAnswers } from "./answers.js";

const options: AnswerOptions = {
  soap12SenderStatus: 400,
  preciseFaults: false,
  realm: "https://o.example",
  bearer: true,
};
const codes = Object.keys(errorTable) as ErrorCode[];
const ofFamily = (...families: string[]) => codes.filter((code) => families.includes(errorTable[code].family));
const credentials = ofFamily("wss", "token", "session", "trust", "policy").filter(
  (code) => code !== "ERR_POLICY_CLAIM" && code !== "ERR_POLICY_DENIED" && code !== "ERR_CONTEXT_INVALID",
);

function answer(code: ErrorCode, context: Partial<AnswerContext> = {}, more: Partial<AnswerOptions> = {}) {
  const error = new CountersignError(code, { reason: "a <secret> reason", rule: "rule", remedy: "remedy" });
  const reply = createAnswers({ ...options, ...more })(error, { id: "id-1", soap: undefined, ...context });
  return { ...reply, text: Buffer.from(reply.body ?? []).toString() };
}

describe("answers", () => {
  it.each(["1.1", "1.2", undefined] as const)(
    "give every refused credential the same octets, SOAP %s (N1, N5)",
    (soap) => {
      expect(credentials.length).toBeGreaterThan(30);
      const first = answer("ERR_WSS_FAILED_CHECK", { soap });
      for (const code of credentials) expect(answer(code, { soap })).toEqual(first);
      if (soap === undefined) expect(answer("ERR_CONTEXT_INVALID")).toEqual(first);
      expect(first.status).toBe(soap === undefined ? 401 : soap === "1.1" ? 500 : 400);
      expect(first.text).toContain("The security check failed.");
      expect(first.headers).toEqual({
        "content-type": soap === undefined ? "text/plain; charset=utf-8" : expect.stringContaining("xml"),
        "cache-control": "no-store",
        "x-correlation-id": "id-1",
        ...(soap === undefined ? { "www-authenticate": 'Bearer realm="https://o.example"' } : {}),
      });
    },
  );

  it.each(["1.1", "1.2"] as const)(
    "tell a context that does not live, with the same octets each time, SOAP %s",
    (soap) => {
      const told = answer("ERR_CONTEXT_INVALID", { soap });
      expect(told.text).toContain(
        ' xmlns:wsc="http://docs.oasis-open.org/ws-sx/ws-secureconversation/200512">wsc:BadContextToken<',
      );
      for (const preciseFaults of [false, true]) {
        expect(answer("ERR_CONTEXT_INVALID", { soap, trust: "urn:wst" }, { preciseFaults })).toEqual(told);
      }
    },
  );

  it("tell the fault of WS-Trust only where something was asked about a context, and only one of WS-Trust", () => {
    const asked = { soap: "1.2", trust: "urn:wst" } as const;
    expect(answer("ERR_TRUST_REQUEST_FAILED", asked).text).toContain('xmlns:wst="urn:wst">wst:RequestFailed<');
    const neutral = answer("ERR_WSS_FAILED_CHECK", { soap: "1.2" });
    expect(answer("ERR_TRUST_REQUEST_FAILED", { soap: "1.2" })).toEqual(neutral);
    expect(answer("ERR_WSS_FAILED_CHECK", asked)).toEqual(neutral);
  });

  it("tell no reason, rule or remedy, but for a missing claim to a proven caller", () => {
    for (const soap of ["1.1", "1.2", undefined] as const) {
      for (const preciseFaults of [false, true]) {
        for (const code of codes.filter((one) => one !== "ERR_POLICY_CLAIM")) {
          expect(answer(code, { soap }, { preciseFaults }).text).not.toMatch(/secret|rule|remedy/);
        }
      }
      expect(answer("ERR_POLICY_CLAIM", { soap }).text).toContain(soap === undefined ? "<secret>" : "&lt;secret");
    }
  });

  it.each(["1.1", "1.2", undefined] as const)("have status 503 with Retry-After for an outage, SOAP %s", (soap) => {
    for (const code of ["ERR_UNAVAILABLE", "ERR_STS_UNREACHABLE"] as const) {
      const { status, headers } = answer(code, { soap });
      expect([status, headers["retry-after"], headers["www-authenticate"]]).toEqual([503, "5", undefined]);
    }
    for (const code of ["ERR_STS_FAULT", "ERR_STS_RESPONSE_INVALID"] as const) {
      expect(answer(code, { soap })).toMatchObject({ status: 502 });
    }
    expect(answer("ERR_INTERNAL", { soap }).status).toBe(500);
    expect(answer("ERR_INTERNAL", { soap }).headers["retry-after"]).toBeUndefined();
  });

  it("have the status of what is no message, the same in every version", () => {
    for (const soap of ["1.1", "1.2", undefined] as const) {
      for (const code of ofFamily("message")) {
        const sender = errorTable[code].soap === "Sender";
        expect([code, answer(code, { soap }).status]).toEqual([code, sender || soap === undefined ? 400 : 500]);
      }
    }
  });

  it("answer what is wrong with the exchange in plain text, with the table's status", () => {
    for (const soap of ["1.1", "1.2", undefined] as const) {
      for (const code of ofFamily("exchange")) {
        const { status, headers, text } = answer(code, { soap });
        expect([status, text]).toEqual([errorTable[code].status, errorTable[code].sentence]);
        expect(headers.allow).toBe(code === "ERR_HTTP_METHOD" ? "POST" : undefined);
        expect(headers.connection).toBe(code === "ERR_HTTP_TOO_LARGE" ? "close" : undefined);
      }
    }
  });

  it("echo a MessageID in SOAP, and offer Bearer only where the route takes it", () => {
    const relatesTo = "urn:uuid:1";
    expect(answer("ERR_WSS_FAILED_CHECK", { soap: "1.2", relatesTo }).text).toContain(`>${relatesTo}<`);
    expect(answer("ERR_WSS_FAILED_CHECK", { soap: "1.2" }).text).not.toContain("RelatesTo");
    expect(answer("ERR_TOKEN_MISSING", {}, { bearer: false }).headers["www-authenticate"]).toBeUndefined();
    expect(answer("ERR_POLICY_CLAIM").headers["www-authenticate"]).toBe('Bearer error="insufficient_scope"');
    expect(answer("ERR_POLICY_CLAIM", {}, { bearer: false })).toMatchObject({ status: 403 });
  });

  it("offer Basic where the route takes it, after Bearer", () => {
    const basic = 'Basic realm="https://o.example", charset="UTF-8"';
    const challenge = (bearer: boolean) =>
      answer("ERR_TOKEN_MISSING", {}, { bearer, basic: true }).headers["www-authenticate"];
    expect([challenge(false), challenge(true)]).toEqual([basic, `Bearer realm="https://o.example", ${basic}`]);
  });

  it("deny access in one sentence whatever the reason: 403, or the fault of a failed authorisation", () => {
    expect(answer("ERR_POLICY_DENIED", {}, { bearer: false })).toMatchObject({
      status: 403,
      text: "Access is denied.",
    });
    const fault = answer("ERR_POLICY_DENIED", { soap: "1.2" });
    expect([fault.status, fault.text]).toEqual([
      400,
      expect.stringMatching(/wsse:FailedAuthentication.*Access is denied/),
    ]);
    expect(fault.text).not.toContain("secret");
  });

  it("are a document where the request was one, and say the same", () => {
    const { status, headers, text } = answer("ERR_WSS_FAILED_CHECK", { xml: true }, { bearer: false });
    expect({ status, type: headers["content-type"], text }).toEqual({
      status: 401,
      type: "text/xml; charset=utf-8",
      text: "<fault>The security check failed.</fault>",
    });
  });

  it("have status 500 on SOAP 1.2 where the route says so, and the exact verdict only where it says so", () => {
    const wcf = { soap12SenderStatus: 500 } as const;
    expect(answer("ERR_WSS_FAILED_CHECK", { soap: "1.2" }, wcf).status).toBe(500);
    expect(answer("ERR_XML_MALFORMED", { soap: "1.2" }, wcf).status).toBe(400);
    const precise = answer("ERR_WSS_FAILED_CHECK", { soap: "1.2" }, { preciseFaults: true });
    expect(precise.text).toMatch(/wsse:FailedCheck[\s\S]*The signature or decryption was invalid\./);
    expect(answer("ERR_TOKEN_EXPIRED", {}, { preciseFaults: true }).text).toBe("The token has expired.");
    expect(answer("ERR_WSS_FAILED_CHECK", { soap: "1.2" }).text).toContain("wsse:InvalidSecurity");
  });
});
