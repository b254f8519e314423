import { describe, expect, it } from "vitest";
import { Certificate, signatureUri } from "../crypto/index.js";
import { usernameToken } from "../policy/index.js";
import { createTestCertificate } from "../testing/index.js";
import { type VerifyReplyOptions, verifyReply } from "../wss/index.js";
import { compileGuard } from "./compile.js";
import type { ReplyOptions } from "./options.js";
import { createReplySecurity } from "./reply-security.js";
import type { SecurityContext } from "./security-context.js";

const service = createTestCertificate({ subject: "CN=service" });
const other = createTestCertificate({ subject: "CN=other" });
const sign = { key: service.keyPair.privateKey, certificate: service.certificate };
const guard = compileGuard(
  { origin: "https://orders.example", accept: [usernameToken({ verify: () => true, over: "transport" })] },
  {},
);

const security = () => ({ message: {} }) as unknown as SecurityContext;
const order = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><o/></s:Body></s:Envelope>';
const reply = { status: 200, headers: { etag: "1", "content-length": "3" }, body: Buffer.from(order) };

const compile = (options: ReplyOptions | undefined) => createReplySecurity(options, guard);
function compiled(options: ReplyOptions) {
  const replies = compile(options);
  if (replies === undefined) throw new TypeError("replies are not protected");
  return replies;
}

/** What a requestor makes of a secured reply. */
async function read(body: Uint8Array | undefined, more: Partial<VerifyReplyOptions> = {}): Promise<string> {
  const certificates = [Certificate.parse(service.der)];
  try {
    await verifyReply(body ?? Buffer.of(), { certificates, required: ["body", "timestamp"], ...more });
    return "accepted";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("a signed reply", () => {
  it("accepts one in the requestor's eyes, and rejects it changed, or by another certificate", async () => {
    const { status, headers, body = Buffer.of() } = compiled({ sign }).secure(security(), reply);
    expect(status).toBe(200);
    expect(headers).toEqual({
      etag: "1",
      "content-type": expect.stringMatching(/^application\/soap\+xml/),
      "content-length": String(body.length),
    });
    expect(await read(body)).toBe("accepted");
    const changed = Buffer.from(Buffer.from(body).toString().replace("<o/>", "<p/>"));
    expect(await read(changed)).toBe("ERR_WSS_FAILED_CHECK");
    expect(await read(body, { certificates: [Certificate.parse(other.der)] })).toBe("ERR_WSS_FAILED_CHECK");
    expect(await read(body, { clock: { now: () => Date.now() + 700_000 } })).toBe("ERR_WSS_MESSAGE_EXPIRED");
  });

  it("confirms the signatures of its own request, and of no other", async () => {
    const replies = compiled({ sign, confirm: true });
    const [mine, theirs] = [security(), security()];
    replies.remember(mine, [Buffer.from("mine")]);
    replies.remember(theirs, [Buffer.from("theirs")]);
    const { body } = replies.secure(mine, reply);
    expect(await read(body, { confirm: [Buffer.from("mine")] })).toBe("accepted");
    expect(await read(body, { confirm: [Buffer.from("theirs")] })).not.toBe("accepted");
    expect(await read(replies.secure(security(), reply).body, { confirm: [] })).toBe("accepted");
    expect(Buffer.from(compiled({ sign }).secure(mine, reply).body ?? []).toString()).not.toContain("Confirmation");
  });

  it("lives as long as the route says", async () => {
    const { body } = compiled({ sign, ttlSeconds: 5 }).secure(security(), reply);
    const later = (seconds: number) => read(body, { clock: { now: () => Date.now() + seconds * 1000 } });
    expect(await later(30)).toBe("accepted");
    expect(await later(70)).toBe("ERR_WSS_MESSAGE_EXPIRED");
  });
});

describe("replies that stay as they are", () => {
  it("are all of a route that does not protect them", () => {
    expect(compile(undefined)).toBeUndefined();
    expect(compile({})).toBeUndefined();
    expect(compile({ ttlSeconds: 5, timestamp: false, confirm: false })).toBeUndefined();
  });

  it("are those without a body, or to a request without a message", () => {
    const replies = compiled({ sign });
    for (const body of [undefined, Buffer.of()]) {
      const empty = { ...reply, status: 204, body };
      expect(replies.secure(security(), empty)).toBe(empty);
    }
    expect(replies.secure({} as SecurityContext, reply)).toBe(reply);
  });

  it("get a Timestamp alone where nothing else is asked for", async () => {
    const { body } = compiled({ timestamp: true }).secure(security(), reply);
    expect(Buffer.from(body ?? []).toString()).toContain("<wsu:Timestamp");
    expect(await read(body)).not.toBe("accepted");
    expect(await read(body, { required: "transport", certificates: [] })).toBe("accepted");
  });
});

describe("a reply that cannot be secured", () => {
  it.each([
    ["no XML", "hello"],
    ["no envelope", "<o/>"],
    ["an envelope with a document type", `<!DOCTYPE o>${order}`],
    [
      "an envelope with a Security header",
      order.replace(
        "<s:Body>",
        '<s:Header><w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"/></s:Header><s:Body>',
      ),
    ],
  ])("rejects %s with ERR_INTERNAL: it is the service's fault", (_, body) => {
    expect(() => compiled({ sign }).secure(security(), { ...reply, body: Buffer.from(body) })).toThrow(
      expect.objectContaining({ code: "ERR_INTERNAL", detail: expect.objectContaining({ rule: "reply" }) }),
    );
  });
});

describe("reply options", () => {
  const mistake = (code: string, option: string) => expect.objectContaining({ code, option });

  it("rejects a signed reply without Timestamp with ERR_CONFIG_INSECURE", () => {
    expect(() => compile({ sign, timestamp: false })).toThrow(mistake("ERR_CONFIG_INSECURE", "reply.timestamp"));
  });

  it("rejects a certificate of another key with ERR_CONFIG_INVALID", () => {
    const swapped = { ...sign, certificate: other.certificate };
    expect(() => compile({ sign: swapped })).toThrow(mistake("ERR_CONFIG_INVALID", "reply.sign.certificate"));
    expect(() => compile({ sign: { ...sign, key: "no key" } })).toThrow(
      mistake("ERR_CONFIG_INVALID", "reply.sign.key"),
    );
  });

  it("accepts a method that goes with the key, and rejects others with ERR_CONFIG_INVALID", () => {
    expect(compile({ sign: { ...sign, algorithm: signatureUri.ecdsaSha256 } })).toBeDefined();
    for (const algorithm of [signatureUri.rsaSha256, signatureUri.hmacSha256, "urn:none", ""]) {
      expect(() => compile({ sign: { ...sign, algorithm } })).toThrow(
        mistake("ERR_CONFIG_INVALID", "reply.sign.algorithm"),
      );
    }
  });
});
