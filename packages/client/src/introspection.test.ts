import { ConfigurationError, isCountersignError, type PresentedToken } from "@countersign/core/sts";
import { describe, expect, it } from "vitest";
import type { HttpRequest, HttpResponse } from "./http.js";
import { type IntrospectionOptions, introspection } from "./introspection.js";

const token: PresentedToken = { kind: "jwt", issuer: "https://as.example", id: "1", text: "a.b+c/d=" };
const json = { "content-type": "application/json; charset=utf-8" };
const good: HttpResponse = { status: 200, headers: json, body: Buffer.from('{"active":true,"sub":"alice"}') };

async function ask(response: HttpResponse | Error, options: Partial<IntrospectionOptions> = {}) {
  const sent: HttpRequest[] = [];
  const source = introspection({
    url: "https://as.example/introspect",
    credentials: () => ({ name: "orders:1", password: "s&cret" }),
    transport: {
      async send(request) {
        sent.push(request);
        if (response instanceof Error) throw response;
        return response;
      },
      close: () => undefined,
    },
    ...options,
  });
  try {
    return { said: await source.statusOf(token), sent };
  } catch (error) {
    if (isCountersignError(error)) return { said: error.code, sent };
    throw error;
  }
}

const answer = (body: string, change: Partial<HttpResponse> = {}) => ({ ...good, body: Buffer.from(body), ...change });

describe("RFC 7662: introspection", () => {
  it("accepts an active token, and asks as the RFC says", async () => {
    const { said, sent } = await ask(good);
    expect(said).toBe("valid");
    expect(sent[0]).toMatchObject({ method: "POST", url: new URL("https://as.example/introspect") });
    expect(Buffer.from(sent[0]?.body ?? "").toString()).toBe("token=a.b%2Bc%2Fd%3D");
    const [scheme, basic = ""] = sent[0]?.headers.authorization?.split(" ") ?? [];
    expect([scheme, Buffer.from(basic, "base64").toString()]).toEqual(["Basic", "orders%3A1:s%26cret"]);
  });

  it.each<[string, HttpResponse | Error, string]>([
    ["a token that is not active", answer('{"active":false}'), "invalid"],
    ["an answer that does not say", answer("{}"), "ERR_STS_RESPONSE_INVALID"],
    ["active as text", answer('{"active":"true"}'), "ERR_STS_RESPONSE_INVALID"],
    ["no JSON", answer("active"), "ERR_STS_RESPONSE_INVALID"],
    ["JSON that is no object", answer("null"), "ERR_STS_RESPONSE_INVALID"],
    [
      "another media type",
      answer('{"active":true}', { headers: { "content-type": "text/html" } }),
      "ERR_STS_RESPONSE_INVALID",
    ],
    ["a wrong secret", answer('{"active":true}', { status: 401 }), "ERR_STS_RESPONSE_INVALID"],
    ["a server that is out", answer("", { status: 503 }), "ERR_STS_UNREACHABLE"],
    ["nobody there", new TypeError("refused"), "ERR_STS_UNREACHABLE"],
  ])("rejects %s", async (_, response, said) => {
    expect((await ask(response)).said).toBe(said);
  });

  it.each([
    { url: "http://as.example" },
    { url: "ftp://as.example" },
    { credentials: "x" as never },
    { timeoutSeconds: 0 },
  ])("rejects the options %j", (options) => {
    const credentials = () => ({ name: "orders", password: "s" });
    expect(() => introspection({ url: "https://as.example", credentials, ...options })).toThrow(ConfigurationError);
  });
});
