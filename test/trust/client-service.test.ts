import { createClient } from "@countersign/client";
import { allowInsecureTransport, isCountersignError, jwt, usernameToken, x509 } from "@countersign/core";
import { createTestCertificate } from "@countersign/core/testing";
import { describe, expect, it } from "vitest";
import {
  estate,
  LoopTransport,
  noon,
  order,
  ordersUrl,
  serviceKey,
  strangerKey,
  TestClock,
  testService,
} from "./estate.js";

const alice = createTestCertificate({
  subject: "CN=alice",
  keyType: "rsa",
  notBefore: noon - 86_400_000,
  notAfter: noon + 86_400_000,
});

async function codeOf(pending: Promise<unknown>): Promise<string> {
  try {
    await pending;
  } catch (error) {
    if (isCountersignError(error) || error instanceof TypeError) return (error as { code?: string }).code ?? "none";
    throw error;
  }
  return "accepted";
}

const signing = { reply: { sign: { key: serviceKey.privateKey, certificate: serviceKey.certificate }, confirm: true } };
const demands = { signed: true, certificates: [serviceKey.certificate] };

describe("a client without a broker", () => {
  const direct = (accept: Parameters<typeof testService>[1], options: Partial<Parameters<typeof createClient>[0]>) => {
    const clock = new TestClock();
    const transport = new LoopTransport({ [ordersUrl]: testService(clock, accept) });
    return { clock, transport, client: createClient({ transport, clock, ...options }) };
  };
  const password = {
    verify: (_: string, given: string) => given === "wonderland",
    secret: () => "wonderland",
    over: "transport",
  } as const;

  it.each(["text", "digest"] as const)(
    "accepts a UsernameToken with password %s, and rejects a wrong one",
    async (form) => {
      const given = { name: "alice", password: "wonderland" };
      const { client } = direct({ accept: [usernameToken(password)] }, { credentials: () => given, password: form });
      const { message } = await client.fetch(ordersUrl, { body: order(), action: "urn:order" });
      expect(message?.body.child("hello")?.text).toBe("alice");
      given.password = "x";
      const refused = client.fetch(ordersUrl, { body: order() });
      await expect(refused).rejects.toMatchObject({
        code: "ERR_SERVICE_FAULT",
        fault: { subcode: { localName: "InvalidSecurity" } },
      });
    },
  );

  it.each(["certificate", "thumbprint", "issuer-serial", "subject-key-identifier"] as const)(
    "accepts a signature whose certificate is named by %s, and rejects a stranger's",
    async (reference) => {
      const accept = { accept: [x509()], trust: { certificates: [alice.certificate] } };
      const { client } = direct(accept, {
        key: { privateKey: alice.privateKey, certificate: alice.certificate, reference },
      });
      const { message } = await client.fetch(ordersUrl, { body: order() });
      expect(message?.body.child("hello")?.text).toBe("CN=alice");
      const stranger = direct(accept, {
        key: { privateKey: strangerKey.privateKey, certificate: strangerKey.certificate, reference },
      });
      expect(await codeOf(stranger.client.fetch(ordersUrl, { body: order() }))).toBe("ERR_SERVICE_FAULT");
    },
  );

  it("accepts WS-Addressing headers of its own, under the signature", async () => {
    const accept = {
      accept: [x509({ signed: ["body", "timestamp", "addressing"] })],
      trust: { certificates: [alice.certificate] },
    };
    const key = { privateKey: alice.privateKey, certificate: alice.certificate };
    const { client, transport } = direct(accept, { key, addressing: true });
    await client.fetch(ordersUrl, { body: order("1.1"), action: "urn:order" });
    const sent = Buffer.from(transport.sent[0]?.body ?? "").toString();
    for (const name of ["Action", "MessageID", "To", "ReplyTo"])
      expect(sent).toMatch(new RegExp(`<wsa:${name} [^>]*wsu:Id=`));
    expect(transport.sent[0]?.headers).toMatchObject({
      soapaction: '"urn:order"',
      "content-type": "text/xml; charset=utf-8",
    });
  });

  it("accepts a JWT as Authorization, with SOAP and without", async () => {
    const accept = {
      accept: [
        jwt({ issuer: "https://idp.example", audience: ordersUrl, keys: serviceKey.certificate, over: "transport" }),
      ],
    };
    const { client, transport } = direct(accept, { bearer: async () => "not.a.token" });
    expect(await codeOf(client.fetch(ordersUrl, { body: order() }))).toMatch(/^ERR_SERVICE/);
    const { status } = await client.fetch(ordersUrl, { body: "{}", contentType: "application/json" });
    expect(status).toBe(401);
    expect(transport.sent.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer not.a.token",
      "Bearer not.a.token",
    ]);
  });
});

describe("R4.10 what a client accepts as a reply", () => {
  it("accepts a signed and confirmed reply", async () => {
    const { client } = estate({ keyType: "public-key", reply: { ...demands, confirmed: true } }, { service: signing });
    const { message } = await client.fetch(ordersUrl, { body: order() });
    expect(message?.body.protection).toMatchObject({ by: "signature" });
    expect(message?.body.child("hello")?.text).toBe("alice@example");
  });

  it("rejects an unsigned reply where a signed one is demanded", async () => {
    const { client } = estate({ reply: demands });
    expect(await codeOf(client.fetch(ordersUrl, { body: order() }))).toBe("ERR_SERVICE_RESPONSE_INVALID");
  });

  it("rejects a reply signed by another certificate", async () => {
    const sign = { key: strangerKey.privateKey, certificate: strangerKey.certificate };
    const { client } = estate({ reply: demands }, { service: { reply: { sign } } });
    expect(await codeOf(client.fetch(ordersUrl, { body: order() }))).toBe("ERR_SERVICE_RESPONSE_INVALID");
  });

  it("rejects an altered reply", async () => {
    const { client, transport } = estate({ reply: demands }, { service: signing });
    await client.obtainToken({ appliesTo: ordersUrl });
    transport.tamper = (body) => body.replace("alice@example", "mallory");
    expect(await codeOf(client.fetch(ordersUrl, { body: order() }))).toBe("ERR_SERVICE_RESPONSE_INVALID");
  });

  it("rejects an old reply", async () => {
    const { client, transport, clock } = estate({ reply: demands }, { service: signing });
    repeatFirstReply(transport);
    expect(await codeOf(client.fetch(ordersUrl, { body: order() }))).toBe("accepted");
    clock.pass(361);
    expect(await codeOf(client.fetch(ordersUrl, { body: order() }))).toBe("ERR_SERVICE_RESPONSE_INVALID");
  });

  it("rejects a reply that confirms another request", async () => {
    const { client, transport } = estate(
      { keyType: "public-key", reply: { ...demands, confirmed: true } },
      { service: signing },
    );
    repeatFirstReply(transport);
    expect(await codeOf(client.fetch(ordersUrl, { body: order() }))).toBe("accepted");
    expect(await codeOf(client.fetch(ordersUrl, { body: order() }))).toBe("ERR_SERVICE_RESPONSE_INVALID");
  });

  it("surfaces a fault first, and says whether it was protected", async () => {
    const { client, transport } = estate({ reply: demands }, { service: signing });
    await client.obtainToken({ appliesTo: ordersUrl });
    const fault =
      '<f:Fault xmlns:f="http://www.w3.org/2003/05/soap-envelope"><f:Code><f:Value>f:Sender</f:Value></f:Code><f:Reason><f:Text xml:lang="en">no</f:Text></f:Reason></f:Fault>';
    transport.tamper = (body) => body.replace(/<hello.*<\/hello>/, fault);
    const error = await client.fetch(ordersUrl, { body: order() }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "ERR_SERVICE_FAULT",
      verified: false,
      fault: { reason: "no", code: { localName: "Sender" } },
    });
    const lenient = estate();
    await lenient.client.obtainToken({ appliesTo: ordersUrl });
    lenient.transport.tamper = transport.tamper;
    const second = await lenient.client.fetch(ordersUrl, { body: order() }).catch((thrown: unknown) => thrown);
    expect(second).toMatchObject({ code: "ERR_SERVICE_FAULT", verified: true });
  });

  it("rejects an answer that is no SOAP message", async () => {
    const { client, transport } = estate();
    await client.obtainToken({ appliesTo: ordersUrl });
    transport.tamper = () => "<html></html>";
    expect(await codeOf(client.fetch(ordersUrl, { body: order() }))).toBe("ERR_SERVICE_RESPONSE_INVALID");
  });
});

describe("what a client sends where", () => {
  const plain = "http://orders.example/orders";

  it("rejects http for secrets and for replies that need no signature with ERR_CONFIG_INSECURE", async () => {
    const bearer = estate({ reply: demands });
    expect(await codeOf(bearer.client.fetch(plain, { body: order(), appliesTo: ordersUrl }))).toBe(
      "ERR_CONFIG_INSECURE",
    );
    const unsigned = estate({ keyType: "public-key" });
    expect(await codeOf(unsigned.client.fetch(plain, { body: order(), appliesTo: ordersUrl }))).toBe(
      "ERR_CONFIG_INSECURE",
    );
    expect(bearer.transport.sent.concat(unsigned.transport.sent)).toEqual([]);
  });

  it("accepts http where request and reply are signed, or with the switch", async () => {
    const signed = estate({ keyType: "public-key", reply: demands });
    expect(await codeOf(signed.client.fetch(plain, { body: order(), appliesTo: ordersUrl }))).toBe("ERR_UNAVAILABLE");
    const switched = estate({ [allowInsecureTransport]: true });
    expect(await codeOf(switched.client.fetch(plain, { body: order(), appliesTo: ordersUrl }))).toBe("ERR_UNAVAILABLE");
  });

  it("rejects an envelope that has a Security header already", async () => {
    const { client } = estate();
    const { envelope } = await client.secure(order(), { appliesTo: ordersUrl });
    expect(await codeOf(client.secure(envelope, { appliesTo: ordersUrl }))).toBe("ERR_WSS_INVALID_SECURITY");
  });
});

/** The service's first reply comes again and again, whatever it answers. */
function repeatFirstReply(transport: LoopTransport): void {
  let first: string | undefined;
  transport.tamper = (body, { url }) => {
    if (url.href !== ordersUrl) return body;
    first ??= body;
    return first;
  };
}
