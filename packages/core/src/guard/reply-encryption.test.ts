import { describe, expect, it } from "vitest";
import { securityContext, usernameToken, x509 } from "../policy/index.js";
import { InMemorySecurityContextStore } from "../state/index.js";
import { type ContextKey, replyLabel } from "../wss/index.js";
import { compileReplyEncryption } from "./reply-encryption.js";

const certificate = x509({ subjects: ["CN=alice"] });
const password = usernameToken({ verify: () => true, over: "transport" });

describe("compileReplyEncryption", () => {
  it.each([
    ["accept[1]", { accept: [certificate, password] }],
    ["conversation.bootstrap[0]", { accept: [certificate], bootstrap: [password] }],
  ])("accepts requestors with certificates, and rejects %s without one", (path, ways) => {
    expect(compileReplyEncryption({}, { accept: [certificate], bootstrap: [certificate] })).toBeTypeOf("function");
    expect(() => compileReplyEncryption({}, ways)).toThrow(
      expect.objectContaining({
        code: "ERR_CONFIG_INVALID",
        option: "reply.encrypt.for",
        message: expect.stringContaining(path),
      }),
    );
  });

  it("accepts context for replies under the request's context alone, and rejects other ways in and other names for it", () => {
    const contexts = new InMemorySecurityContextStore();
    const accept = [securityContext({ contexts })];
    const encryption = compileReplyEncryption({ for: "context", parts: ["body", "signature"] }, { accept });
    const context = { name: "name", context: { secret: "secret" } } as unknown as ContextKey;
    expect(encryption({ certificate: undefined, context })).toEqual({
      for: { name: "name", secret: "secret", label: replyLabel },
      parts: ["body", "signature"],
    });
    // The answer that establishes a context.
    expect(encryption({ certificate: undefined, context: undefined })).toBeUndefined();
    for (const [given, ways, option] of [
      [{ for: "context" }, [...accept, certificate], "reply.encrypt.for"],
      [{ for: "context", reference: "thumbprint" }, accept, "reply.encrypt.reference"],
      [{ for: "context", algorithm: "http://www.w3.org/2001/04/xmlenc#aes256-cbc" }, accept, "reply.encrypt.algorithm"],
    ] as const) {
      expect(() => compileReplyEncryption(given, { accept: ways })).toThrow(expect.objectContaining({ option }));
    }
  });
});
