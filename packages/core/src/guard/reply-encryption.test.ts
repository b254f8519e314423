import { describe, expect, it } from "vitest";
import { usernameToken, x509 } from "../policy/index.js";
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
});
