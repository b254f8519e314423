import { describe, expect, it } from "vitest";
import { Certificate, pSha1 } from "../crypto/index.js";
import { createTestCertificate } from "../testing/index.js";
import {
  type ContextSource,
  conversation13,
  conversation2005,
  defaultLabel,
  type EstablishedContext,
  InvalidContextError,
  issueDerivedKey,
  issueSecurityContextToken,
  writeContextReference,
} from "../tokens/context/index.js";
import { issueBinarySecurityToken } from "../tokens/x509/index.js";
import { scan } from "../xml/index.js";
import { parseKeyInfo, writeDirectReference, writeEmbeddedToken, writeKeyInfo } from "../xmlsec/index.js";
import { replyLabel } from "./context-key.js";
import { wsseNamespace, wsuNamespace } from "./names.js";
import { findSigner } from "./signer.js";

const secret = Buffer.from("0123456789abcdef0123456789abcdef");
const subject = {
  principal: { name: "alice", kind: "username" },
  claims: [],
  issuer: "urn:orders",
  created: 0,
  until: 1e15,
} as const;
const established: EstablishedContext = {
  identifier: "urn:uuid:1",
  instance: "",
  secret,
  expires: 1e15,
  owner: "alice",
  subject,
};
const contexts: ContextSource = {
  async find({ words, identifier, instance }) {
    if (identifier === "urn:uuid:1" && instance === "") return established;
    throw new InvalidContextError(words, "unknown");
  },
};

/** Finds the signer of a KeyInfo with this content, in a header with these tokens. */
async function find(keyInfo: string, tokens = "", route: { readonly contexts?: ContextSource } = { contexts }) {
  const xml = `<w:Security xmlns:w="${wsseNamespace}" xmlns:u="${wsuNamespace}">${tokens}${writeKeyInfo(keyInfo)}</w:Security>`;
  const document = scan(Buffer.from(xml));
  let last = document.firstChild(0);
  for (let next = document.nextSibling(last); next !== -1; next = document.nextSibling(last)) last = next;
  const elementById = (id: string) => [...document.ids].find(({ value }) => value === id)?.element ?? -1;
  return findSigner(parseKeyInfo(document, last), last, {
    document,
    header: 0,
    elementById,
    assertions: [],
    trusts: [],
    ...route,
    possession: false,
    now: 1,
  });
}

const codeOf = async (pending: Promise<unknown>) => {
  try {
    await pending;
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return "accepted";
};

describe.each([conversation13, conversation2005])("a signer's key under a context of $version", (words) => {
  const name = { words, identifier: "urn:uuid:1", instance: "" };
  const sct = issueSecurityContextToken(name, "sct-1");
  const direct = writeDirectReference("sct-1", sct.valueType);
  const nonce = Buffer.alloc(16, 1);
  const seed = Buffer.concat([Buffer.from(defaultLabel), nonce]);
  const implied = (reference: string, more = "") =>
    reference.replace(
      "<wsse:SecurityTokenReference ",
      `<wsse:SecurityTokenReference xmlns:wsc="${words.namespace}" wsc:Nonce="${nonce.toString("base64")}"${more} `,
    );

  it("accepts a reference to the token in the message, by Identifier alone, and to one embedded: the context's own key", async () => {
    for (const [keyInfo, tokens] of [
      [direct, sct.xml],
      [writeContextReference(name), ""],
      [writeEmbeddedToken(sct.xml), ""],
    ] as const) {
      const signer = await find(keyInfo, tokens);
      expect(signer).toMatchObject({ kind: "context", context: established, derivation: undefined });
      expect(signer.key.export()).toEqual(secret);
    }
  });

  it("accepts a DerivedKeyToken of either reference", async () => {
    for (const [reference, tokens] of [
      [direct, sct.xml],
      [writeContextReference(name), ""],
    ] as const) {
      const derived = issueDerivedKey(words, { secret, reference });
      const signer = await find(writeDirectReference(derived.id, derived.valueType), tokens + derived.xml);
      expect(signer.key.equals(derived.key)).toBe(true);
      expect(signer.key.export()).not.toEqual(secret);
    }
  });

  it("accepts a key that the reference implies", async () => {
    const signer = await find(implied(direct), sct.xml);
    expect(signer.key.export()).toEqual(pSha1(secret, seed, 32));
    const shorter = await find(implied(direct, ' wsc:Length="20"'), sct.xml);
    expect(shorter.key.export()).toEqual(pSha1(secret, seed, 20));
  });

  it("rejects an unknown context or instance with ERR_CONTEXT_INVALID in the message's own version", async () => {
    for (const other of [{ identifier: "urn:uuid:2" }, { instance: "2" }]) {
      const pending = find(writeContextReference({ ...name, ...other }));
      await expect(pending).rejects.toMatchObject({ code: "ERR_CONTEXT_INVALID", words });
      const token = issueSecurityContextToken({ ...name, ...other }, "sct-1");
      expect(await codeOf(find(direct, token.xml))).toBe("ERR_CONTEXT_INVALID");
    }
  });

  it("rejects every way where the route takes no contexts with ERR_WSS_UNSUPPORTED_TOKEN", async () => {
    const derived = issueDerivedKey(words, { secret, reference: direct });
    for (const [keyInfo, tokens] of [
      [direct, sct.xml],
      [writeContextReference(name), ""],
      [writeDirectReference(derived.id, derived.valueType), sct.xml + derived.xml],
    ] as const) {
      expect(await codeOf(find(keyInfo, tokens))).toBe("accepted");
      expect(await codeOf(find(keyInfo, tokens, {}))).toBe("ERR_WSS_UNSUPPORTED_TOKEN");
    }
  });

  it("rejects a key derived twice, or from another token, with ERR_WSS_UNSUPPORTED_TOKEN", async () => {
    const once = issueDerivedKey(words, { secret, reference: direct });
    const twice = issueDerivedKey(words, { secret, reference: writeDirectReference(once.id, once.valueType) });
    const to = ({ id, valueType }: typeof once) => writeDirectReference(id, valueType);
    expect(await codeOf(find(to(once), sct.xml + once.xml))).toBe("accepted");
    expect(await codeOf(find(to(twice), sct.xml + once.xml + twice.xml))).toBe("ERR_WSS_UNSUPPORTED_TOKEN");
    expect(await codeOf(find(implied(to(once)), sct.xml + once.xml))).toBe("ERR_WSS_UNSUPPORTED_TOKEN");
    const itself = once.xml.replace("#sct-1", `#${once.id}`);
    expect(await codeOf(find(to(once), sct.xml + itself))).toBe("ERR_WSS_UNSUPPORTED_TOKEN");
    const certificate = Certificate.load(createTestCertificate({ subject: "CN=a" }).certificate, "certificate");
    const x509 = issueBinarySecurityToken([certificate]);
    const reference = writeDirectReference(x509.id, x509.valueType);
    const foreign = issueDerivedKey(words, { secret, reference });
    expect(await codeOf(find(to(foreign), x509.xml + foreign.xml))).toBe("ERR_WSS_UNSUPPORTED_TOKEN");
    expect(await codeOf(find(implied(reference), x509.xml))).toBe("ERR_WSS_UNSUPPORTED_TOKEN");
  });

  it("rejects a token that is not in the message with ERR_WSS_TOKEN_UNAVAILABLE", async () => {
    expect(await codeOf(find(direct))).toBe("ERR_WSS_TOKEN_UNAVAILABLE");
    const typed = writeContextReference(name).replace(words.contextTokenType, "urn:other");
    expect(await codeOf(find(typed))).toBe("ERR_WSS_TOKEN_UNAVAILABLE");
  });
});

describe("replyLabel", () => {
  it("is no beginning of the label of the standard, nor that one of it", () => {
    expect(replyLabel.startsWith(defaultLabel) || defaultLabel.startsWith(replyLabel)).toBe(false);
  });
});
