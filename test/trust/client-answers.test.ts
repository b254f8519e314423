import { inspect } from "node:util";
import { type HttpTransport, SoapFaultError } from "@countersign/client";
import { isCountersignError } from "@countersign/core";
import { describe, expect, it } from "vitest";
import { brokerKey, estate, issuer, order, ordersUrl, strangerKey } from "./estate.js";

const target = { appliesTo: ordersUrl };

async function codeOf(pending: Promise<unknown>): Promise<string> {
  try {
    await pending;
  } catch (error) {
    if (isCountersignError(error)) return error.code;
    throw error;
  }
  return "accepted";
}

describe("what a client accepts from its broker", () => {
  it("accepts the answer to its own request", async () => {
    const { client } = estate();
    const token = await client.obtainToken(target);
    expect(token).toMatchObject({ appliesTo: ordersUrl, keyType: "bearer" });
    expect(token.xml).toContain(issuer);
  });

  it.each<[string, (body: string) => string]>([
    ["J1 another Context", (body) => body.replace(/ Context="[^"]*"/, ' Context="urn:uuid:other"')],
    ["J1 no Context", (body) => body.replace(/ Context="[^"]*"/, "")],
    ["another RelatesTo", (body) => body.replace(/(<wsa:RelatesTo[^>]*>)[^<]*/, "$1urn:uuid:other")],
    ["another AppliesTo", (body) => body.replace(/(<wsa:Address>)[^<]*/, "$1https://other.example")],
    ["another token type", (body) => body.replace(/(<wst:TokenType>)[^<]*/, "$1urn:other")],
    ["another key type", (body) => body.replace("/Bearer<", "/PublicKey<")],
    ["J3 another audience", (body) => body.replace(/(<saml2:Audience>)[^<]*/, "$1https://other.example")],
    ["no token", (body) => body.replace(/<wst:RequestedSecurityToken>.*<\/wst:RequestedSecurityToken>/s, "")],
    ["another kind of Body", (body) => body.replaceAll("RequestSecurityTokenResponse", "Something")],
    ["no XML", () => "<html"],
    ["nothing", () => ""],
    ["more than 256 KiB", (body) => body.replace("<wst:Lifetime>", `<!--${"x".repeat(262_144)}--><wst:Lifetime>`)],
  ])("rejects %s with ERR_STS_RESPONSE_INVALID, and keeps nothing of it", async (_, tamper) => {
    // Without the broker's certificates, so that nothing but the check in question stands between.
    const { client, transport } = estate(
      { broker: { url: "https://sts.example/sts" } },
      { broker: { signReplies: false } },
    );
    transport.tamper = tamper;
    expect(await codeOf(client.obtainToken(target))).toBe("ERR_STS_RESPONSE_INVALID");
    transport.tamper = undefined;
    expect(await codeOf(client.obtainToken(target))).toBe("accepted");
    expect(transport.sent).toHaveLength(2);
  });

  it("J2 rejects an unsigned answer where signed ones are demanded", async () => {
    const broker = { url: "https://sts.example/sts", certificates: [brokerKey.certificate], signedReplies: true };
    expect(await codeOf(estate({ broker }).client.obtainToken(target))).toBe("accepted");
    const unsigned = estate({ broker }, { broker: { signReplies: false } });
    expect(await codeOf(unsigned.client.obtainToken(target))).toBe("ERR_STS_RESPONSE_INVALID");
  });

  it("J2 rejects an answer and a token signed with another certificate", async () => {
    const other = { url: "https://sts.example/sts", certificates: [strangerKey.certificate] };
    expect(await codeOf(estate({ broker: other }).client.obtainToken(target))).toBe("ERR_STS_RESPONSE_INVALID");
    const tokenOnly = estate({ broker: other }, { broker: { signReplies: false } });
    expect(await codeOf(tokenOnly.client.obtainToken(target))).toBe("ERR_STS_RESPONSE_INVALID");
  });

  it("J2 rejects a signed answer that was changed", async () => {
    const { client, transport } = estate();
    transport.tamper = (body) => body.replace(/(<wst:Lifetime>.*Expires[^>]*>)2026/, "$12027");
    expect(await codeOf(client.obtainToken(target))).toBe("ERR_STS_RESPONSE_INVALID");
  });

  it("accepts a signed answer over TLS without knowing the broker's certificate", async () => {
    const { client } = estate({ broker: { url: "https://sts.example/sts" } });
    expect(await codeOf(client.obtainToken(target))).toBe("accepted");
  });

  it("rejects a token that is tied to another key, or to none", async () => {
    const first = estate({ keyType: "public-key" });
    const second = estate({ keyType: "public-key" }, { broker: { signReplies: false } });
    let theirs = "";
    first.transport.tamper = (body) => {
      theirs = tokenIn(body);
      return body;
    };
    await first.client.obtainToken(target);
    second.transport.tamper = (body) => body.replace(tokenIn(body), theirs);
    expect(await codeOf(second.client.obtainToken(target))).toBe("ERR_STS_RESPONSE_INVALID");

    const third = estate({ keyType: "public-key" }, { broker: { signReplies: false } });
    const bearer = await estate().client.obtainToken(target);
    third.transport.tamper = (body) => body.replace(tokenIn(body), bearer.xml);
    expect(await codeOf(third.client.obtainToken(target))).toBe("ERR_STS_RESPONSE_INVALID");
  });

  it("surfaces the broker's fault with its code", async () => {
    const { client, asked } = estate();
    const refused = client.obtainToken({ appliesTo: "https://unknown.example" });
    await expect(refused).rejects.toMatchObject({
      code: "ERR_STS_FAULT",
      fault: { subcode: { localName: "InvalidScope" } },
    });
    asked.password = "wrong";
    const error = await client.obtainToken(target).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SoapFaultError);
    expect(error).toMatchObject({
      code: "ERR_STS_FAULT",
      httpStatus: 400,
      fault: { subcode: { localName: "InvalidSecurity" } },
    });
  });

  it("rejects with ERR_STS_UNREACHABLE while the broker is out, and comes back with it", async () => {
    const { client, identityProvider } = estate();
    identityProvider.out = true;
    expect(await codeOf(client.obtainToken(target))).toBe("ERR_STS_UNREACHABLE");
    identityProvider.out = false;
    expect(await codeOf(client.obtainToken(target))).toBe("accepted");
    const { client: lost } = estate({ broker: { url: "https://nowhere.example/sts" } });
    expect(await codeOf(lost.obtainToken(target))).toBe("ERR_STS_UNREACHABLE");
  });
});

describe("how long a client keeps a token", () => {
  it("J10 accepts a cached token until ten seconds before its end, then gets a new one", async () => {
    const { client, clock, transport } = estate();
    const first = await client.obtainToken(target);
    clock.pass(1789);
    expect(await client.obtainToken(target)).toBe(first);
    clock.pass(1);
    const second = await client.obtainToken(target);
    expect(second.id).not.toBe(first.id);
    clock.pass(3600);
    expect((await client.obtainToken(target)).id).not.toBe(second.id);
    expect(transport.sent).toHaveLength(3);
  });

  it("accepts one token for many callers at once", async () => {
    const { client, transport } = estate();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => client.obtainToken(target)));
    expect(new Set(tokens).size).toBe(1);
    expect(transport.sent).toHaveLength(1);
  });

  it("J4 never gives out a token for another service", async () => {
    const { client, transport } = estate();
    const orders = await client.obtainToken(target);
    const other = await client.obtainToken({ appliesTo: "https://bearer-only.example" });
    expect(other.id).not.toBe(orders.id);
    const audience = client.obtainToken({ ...target, audience: "https://other.example" });
    expect(await codeOf(audience)).toBe("ERR_STS_RESPONSE_INVALID");
    expect(transport.sent).toHaveLength(3);
  });

  it("rejects to get a token for nobody with ERR_CONFIG_INVALID", async () => {
    const { client, transport } = estate();
    await expect(client.secure(order())).rejects.toMatchObject({ code: "ERR_CONFIG_INVALID", option: "appliesTo" });
    expect(transport.sent).toEqual([]);
  });

  it("rejects with ERR_UNAVAILABLE while fifty requests are under way and two hundred wait", async () => {
    let fail = (_: Error) => {};
    const failing = new Promise<never>((_, reject) => {
      fail = reject;
    });
    let sent = 0;
    const transport: HttpTransport = {
      async send() {
        sent++;
        return failing;
      },
      close() {},
    };
    const { client } = estate({ transport });
    const codes = Array.from({ length: 251 }, (_, index) =>
      codeOf(client.obtainToken({ appliesTo: `urn:service:${index}` })),
    );
    expect(await codes[250]).toBe("ERR_UNAVAILABLE");
    expect(sent).toBe(50);
    fail(new TypeError("reset"));
    expect(new Set(await Promise.all(codes.slice(0, 250)))).toEqual(new Set(["ERR_STS_UNREACHABLE"]));
    expect(sent).toBeLessThan(60);
  });

  it("R4.1 keeps no password, and asks again for each new token", async () => {
    const { client, clock, asked } = estate();
    await client.obtainToken(target);
    await client.fetch(ordersUrl, { body: order() });
    expect(asked.count).toBe(1);
    expect(inspect(client, { depth: 20, showHidden: true })).not.toContain("wonderland");
    expect(JSON.stringify(everythingIn(client))).not.toContain("wonderland");
    clock.pass(1800);
    await client.obtainToken(target);
    expect(asked.count).toBe(2);
    asked.password = "forgotten";
    clock.pass(1800);
    expect(await codeOf(client.obtainToken(target))).toBe("ERR_STS_FAULT");
  });

  it("R4.7 rejects the token at the service once it is over, and accepts it up to its last second", async () => {
    const { client, clock, transport } = estate();
    const { xml } = await client.obtainToken(target);
    const url = new URL(ordersUrl);
    const present = async () => {
      const { envelope, contentType } = await client.secure(order(), target);
      const mixed = Buffer.from(envelope)
        .toString()
        .replace(/<saml2:Assertion.*<\/saml2:Assertion>/s, xml);
      const headers = { "content-type": contentType };
      const request = {
        url,
        method: "POST",
        headers,
        body: Buffer.from(mixed),
        timeoutMilliseconds: 1000,
        maxResponse: 1 << 20,
      };
      return Buffer.from((await transport.send(request)).body).toString();
    };
    clock.pass(1799);
    expect(await present()).toContain("alice@example");
    clock.pass(62);
    expect(await present()).toContain("wsse:InvalidSecurity");
  });
});

const tokenIn = (body: string): string => /<saml2:Assertion.*<\/saml2:Assertion>/s.exec(body)?.[0] ?? "";

/** The text that can be reached through public properties, arrays and maps. */
function everythingIn(value: unknown, seen = new Set<unknown>()): unknown {
  if (typeof value !== "object" || value === null || seen.has(value))
    return typeof value === "string" ? value : undefined;
  seen.add(value);
  return Reflect.ownKeys(value).map((key) => everythingIn(Reflect.get(value, key), seen));
}
