import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createVerify, type Setting } from "../bench/ours.js";
import { pem } from "../bench/sides.js";
import { conversationMessage, pSha1 } from "./conversation.js";
import { credentials } from "./credentials.js";

const context = { identifier: "urn:uuid:1", secret: Buffer.alloc(32, 7) };
const nonce = Buffer.alloc(16, 9);
const { authority, issuer } = credentials();

describe("conversationMessage", () => {
  const now = new Date();
  const message = conversationMessage({ context, nonce, now });
  const setting: Setting = {
    protection: "context",
    authority: pem(authority),
    issuer: pem(issuer.certificate),
    now: now.toISOString(),
    octets: message.bytes.length,
    context: { identifier: context.identifier, secret: context.secret.toString("hex") },
  };
  const verify = createVerify(setting);

  it("is accepted by the product under the same secret", async () => {
    await expect(verify(message.bytes)).resolves.toBeDefined();
  });

  it.each([
    ["another nonce", () => message.text.replace(nonce.toString("base64"), Buffer.alloc(16, 8).toString("base64"))],
    ["another body", () => message.text.replace("A-100001", "A-900001")],
    ["another secret", () => conversationMessage({ context: { ...context, secret: nonce }, nonce, now }).text],
  ])("is refused with %s", async (_, changed) => {
    await expect(verify(Buffer.from(changed()))).rejects.toMatchObject({ code: "ERR_WSS_FAILED_CHECK" });
  });
});

it("pSha1 is the stream of RFC 2246 section 5", () => {
  const hmac = (octets: Uint8Array) => createHmac("sha1", context.secret).update(octets).digest();
  const a1 = hmac(nonce);
  const a2 = hmac(a1);
  const stream = Buffer.concat([hmac(Buffer.concat([a1, nonce])), hmac(Buffer.concat([a2, nonce]))]);
  expect(pSha1(context.secret, nonce, 32)).toEqual(stream.subarray(0, 32));
});
