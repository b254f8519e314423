import { describe, expect, it } from "vitest";
import type { AuditEvent } from "../audit/index.js";
import { Certificate } from "../crypto/index.js";
import { saml2, usernameToken, x509 } from "../policy/index.js";
import { soap12Namespace } from "../soap/index.js";
import { createTestCertificate } from "../testing/index.js";
import { conversation13, issueDerivedKey } from "../tokens/context/index.js";
import { issueAssertion } from "../tokens/saml/index.js";
import { issueUsernameToken } from "../tokens/username/index.js";
import { issueBinarySecurityToken } from "../tokens/x509/index.js";
import {
  type IssuedEncryptedKey,
  issueEncryptedKey,
  type KeyReference,
  type OutboundSignature,
  type SecureMessageOptions,
  secureMessage,
  verifyReply,
  writeReference,
} from "../wss/index.js";
import { createGuard } from "./create-guard.js";
import type { GuardOptions } from "./options.js";

const now = Date.parse("2026-03-01T12:00:00Z");
const clock = { now: () => now };
const validity = { notBefore: now - 1_000, notAfter: now + 86_400_000 };
const alice = createTestCertificate({ subject: "CN=alice", ...validity });
const service = createTestCertificate({ subject: "CN=service", ...validity });
const other = createTestCertificate({ subject: "CN=other", ...validity });
const sts = createTestCertificate({ subject: "CN=sts", ...validity });
const [forAlice, forService, forOther] = [alice, service, other].map((one) =>
  Certificate.load(one.certificate, "certificate"),
) as [Certificate, Certificate, Certificate];
const password = "correct horse";

const plain = `<s:Envelope xmlns:s="${soap12Namespace}"><s:Body><o:order xmlns:o="urn:orders">4711</o:order></s:Body></s:Envelope>`;

const byX509: Partial<GuardOptions> = { accept: [x509()] };
const byPassword: Partial<GuardOptions> = {
  accept: [usernameToken({ verify: (_, given) => given === password, over: "encrypted-key" })],
};
const byBearer: Partial<GuardOptions> = {
  accept: [saml2({ audience: "urn:orders", confirm: "bearer", over: "encrypted-key" })],
};

function route(options: Partial<GuardOptions>) {
  const events: AuditEvent[] = [];
  const guard = createGuard({
    origin: "https://orders.example",
    trust: {
      certificates: [alice.certificate],
      issuers: [{ name: "urn:sts", certificates: [sts.certificate] }],
      decryption: [{ key: service.keyPair.privateKey, certificate: service.certificate }],
    },
    accept: [x509()],
    clock,
    audit: (event) => {
      events.push(event);
    },
    ...options,
  });
  const admit = (body: Uint8Array | string) =>
    guard.admit({
      method: "POST",
      target: "/",
      headers: [["content-type", "application/soap+xml"]],
      body: async () => Buffer.from(body),
      transport: { encrypted: false, remoteAddress: "192.0.2.1" },
      signal: new AbortController().signal,
    });
  const outcome = async (body: Uint8Array | string) => {
    const verdict = await admit(body);
    if (verdict.kind === "admitted") return verdict.security.principal.name;
    return verdict.kind === "answered" ? verdict.error?.code : verdict.kind;
  };
  return { guard, admit, outcome };
}

const both = ["body", "timestamp"] as const;
const held = () => issueEncryptedKey({ for: forService });
const byKey = ({ key, id }: IssuedEncryptedKey, more: Partial<OutboundSignature> = {}): OutboundSignature => ({
  key,
  reference: { by: "encrypted-key", id },
  parts: both,
  id: "SIG-1",
  ...more,
});

const token = issueBinarySecurityToken([forAlice], "X509-1");
const endorsing = (more: Partial<OutboundSignature> = {}): OutboundSignature => ({
  key: alice.keyPair.privateKey,
  reference: { by: "token", id: token.id },
  parts: [],
  ids: ["SIG-1"],
  ...more,
});

const secure = (options: SecureMessageOptions) =>
  Buffer.from(secureMessage(plain, { clock, ...options }).envelope).toString();

/** A message that a fresh key signs and alice's certificate endorses. */
const endorsed = (key = held(), signatures = [byKey(key), endorsing()], more: Partial<SecureMessageOptions> = {}) =>
  secure({ tokens: [key.xml, token.xml], signatures, ...more });

const user = () => issueUsernameToken({ name: "alice", password, as: "text", now, id: "UT-1" }).xml;
const assertion = () =>
  issueAssertion(
    {
      issuer: "urn:sts",
      subject: { name: "alice" },
      audience: "urn:orders",
      lifetime: { created: now, expires: now + 60_000 },
      confirmation: { method: "bearer" },
    },
    { key: sts.keyPair.privateKey },
  );

/** A message with a token that is signed and encrypted with one key, unless told otherwise. */
function bound(made: { xml: string; id: string }, more: Partial<SecureMessageOptions> = {}, key = held()) {
  const named: KeyReference = { by: "encrypted-key", id: key.id };
  return secure({
    tokens: [key.xml, made.xml],
    signatures: [byKey(key, { ids: [made.id] })],
    encrypt: { for: { secret: key.secret, named }, parts: ["token", "signature"] },
    ...more,
  });
}

describe("a message signed with the key of an EncryptedKey", () => {
  const derived = (key: IssuedEncryptedKey) =>
    issueDerivedKey(conversation13, {
      secret: key.secret,
      reference: writeReference({ by: "encrypted-key", id: key.id }),
    });

  it("accepts it where a certificate endorses the signature: by Id, by EncryptedKeySHA1, and by a derived key", async () => {
    const { outcome } = route(byX509);
    expect(await outcome(endorsed())).toBe("CN=alice");
    const key = held();
    const bySha1 = byKey(key, { reference: { by: "encrypted-key-sha1", sha1: key.sha1 } });
    expect(await outcome(endorsed(key, [bySha1, endorsing()]))).toBe("CN=alice");
    const dk = derived(key);
    const byDerived = byKey(key, {
      key: dk.key,
      reference: { by: "token", id: dk.id, valueType: dk.valueType },
    });
    const tokens = [key.xml, dk.xml, token.xml];
    expect(await outcome(endorsed(key, [byDerived, endorsing()], { tokens }))).toBe("CN=alice");
  });

  it("accepts a Body that is encrypted under it, and under a key derived from it", async () => {
    const { outcome } = route({ accept: [x509({ encrypted: ["body"] })] });
    const key = held();
    const own = { for: { secret: key.secret, named: { by: "encrypted-key", id: key.id } } } as const;
    expect(await outcome(endorsed(key, undefined, { encrypt: own }))).toBe("CN=alice");
    expect(await outcome(endorsed(key, undefined, { encrypt: { ...own, order: "encrypt-then-sign" } }))).toBe(
      "CN=alice",
    );
    const dk = derived(key);
    const named = { by: "token", id: dk.id, valueType: dk.valueType } as const;
    const encrypt = { for: { secret: dk.key.export(), named } };
    const tokens = [key.xml, dk.xml, token.xml];
    expect(await outcome(endorsed(key, undefined, { tokens, encrypt }))).toBe("CN=alice");
    const wrong = { for: { secret: key.secret, named } };
    expect(await outcome(endorsed(key, undefined, { tokens, encrypt: wrong }))).toBe("ERR_WSS_DECRYPTION_FAILED");
  });

  it.each<[string, () => string, string]>([
    ["its key is not there", () => endorsed(undefined, [byKey(held()), endorsing()]), "ERR_WSS_TOKEN_UNAVAILABLE"],
    [
      "nobody endorses",
      () => {
        const key = held();
        return secure({ tokens: [key.xml], signatures: [byKey(key)] });
      },
      "ERR_POLICY_TOKEN_REQUIRED",
    ],
    [
      "the endorsing signature covers the Timestamp alone",
      () => {
        const key = held();
        return endorsed(key, [byKey(key), endorsing({ parts: ["timestamp"], ids: [] })]);
      },
      "ERR_POLICY_PART_UNPROTECTED",
    ],
    [
      "the endorsed signature covers the Timestamp alone",
      () => {
        const key = held();
        return endorsed(key, [byKey(key, { parts: ["timestamp"] }), endorsing()]);
      },
      "ERR_POLICY_PART_UNPROTECTED",
    ],
    [
      "a stranger endorses",
      () => {
        const key = held();
        const signatures = [byKey(key), endorsing({ key: other.keyPair.privateKey })];
        return endorsed(key, signatures, { tokens: [key.xml, issueBinarySecurityToken([forOther], "X509-1").xml] });
      },
      "ERR_WSS_FAILED_CHECK",
    ],
    [
      "the EncryptedKey is another sender's",
      () => {
        const key = held();
        return endorsed(key).replace(
          /<xenc:CipherValue>[^<]*</,
          () => /<xenc:CipherValue>[^<]*</.exec(held().xml)?.[0] ?? "",
        );
      },
      "ERR_WSS_FAILED_CHECK",
    ],
    [
      "the EncryptedKey is for somebody else",
      () => endorsed(issueEncryptedKey({ for: forOther })),
      "ERR_WSS_TOKEN_UNAVAILABLE",
    ],
    [
      "EncryptedKeySHA1 names the key of another message",
      () => {
        const [key, another] = [held(), held()];
        const reference = { by: "encrypted-key-sha1", sha1: another.sha1 } as const;
        return endorsed(key, [byKey(another, { reference }), endorsing()]);
      },
      "ERR_WSS_TOKEN_UNAVAILABLE",
    ],
    ["the Body was changed", () => endorsed().replace("4711", "4712"), "ERR_WSS_FAILED_CHECK"],
    [
      "a second EncryptedKey serves nothing",
      () => {
        const key = held();
        return endorsed(key, undefined, { tokens: [key.xml, held().xml, token.xml] });
      },
      "ERR_WSS_INVALID_SECURITY",
    ],
    [
      "cipher text lost its list",
      () => {
        const key = held();
        const encrypt = {
          for: { secret: key.secret, named: { by: "encrypted-key", id: key.id } },
          order: "encrypt-then-sign",
        } as const;
        return endorsed(key, undefined, { encrypt }).replace(/<xenc:ReferenceList.*<\/xenc:ReferenceList>/, "");
      },
      "ERR_WSS_INVALID_SECURITY",
    ],
  ])("rejects it where %s", async (_, make, code) => {
    const { outcome } = route(byX509);
    expect(await outcome(endorsed())).toBe("CN=alice");
    expect(await outcome(make())).toBe(code);
  });

  it("rejects RSA's public key used as the secret with ERR_WSS_UNSUPPORTED_ALGORITHM (key confusion)", async () => {
    const { outcome } = route(byX509);
    const key = held();
    const confused = endorsed(key, [byKey(key, { reference: { by: "token", id: token.id } }), endorsing()]);
    expect(await outcome(confused)).toBe("ERR_WSS_UNSUPPORTED_ALGORITHM");
  });
});

describe('a password over: "encrypted-key"', () => {
  const made = () => ({ xml: user(), id: "UT-1" });
  it("accepts it over an open connection, signed and encrypted with one key, once", async () => {
    const { outcome } = route(byPassword);
    const message = bound(made());
    expect(message).not.toContain(password);
    expect(await outcome(message)).toBe("alice");
    expect(await outcome(message)).toBe("ERR_TOKEN_REPLAYED");
  });

  it.each<[string, () => string, string]>([
    ["it came in clear", () => bound(made(), { encrypt: undefined }), "ERR_POLICY_PART_UNPROTECTED"],
    [
      "the signature does not cover it",
      () => {
        const key = held();
        return bound(made(), { signatures: [byKey(key)] }, key);
      },
      "ERR_POLICY_PART_UNPROTECTED",
    ],
    [
      "it was encrypted under another key than the one that signs",
      () => {
        const [key, another] = [held(), held()];
        const named = { by: "encrypted-key", id: another.id } as const;
        const tokens = [key.xml, another.xml, user()];
        return bound(made(), { tokens, encrypt: { for: { secret: another.secret, named }, parts: ["token"] } }, key);
      },
      "ERR_POLICY_PART_UNPROTECTED",
    ],
    [
      "the Body is not signed",
      () => {
        const key = held();
        return bound(made(), { signatures: [byKey(key, { parts: ["timestamp"], ids: ["UT-1"] })] }, key);
      },
      "ERR_POLICY_PART_UNPROTECTED",
    ],
    [
      "the password is wrong",
      () => bound({ xml: user().replace(password, "wrong"), id: "UT-1" }),
      "ERR_WSS_FAILED_AUTHENTICATION",
    ],
  ])("rejects it where %s", async (_, make, code) => {
    const { outcome } = route(byPassword);
    expect(await outcome(bound(made()))).toBe("alice");
    expect(await outcome(make())).toBe(code);
  });

  it("is refused at start without trust.decryption, with signed over TLS, and for assertions that sign themselves", () => {
    const verify = () => true;
    expect(() => route({ trust: {}, ...byPassword })).toThrow("trust.decryption");
    expect(() => route({ accept: [usernameToken({ verify, over: "transport", signed: ["body"] })] })).toThrow("signed");
    const wrong = saml2({ audience: "urn:orders", confirm: "holder-of-key", over: "encrypted-key" });
    expect(() => route({ accept: [wrong] })).toThrow("over");
  });
});

describe('a bearer assertion over: "encrypted-key"', () => {
  it("accepts it signed and encrypted with one key, and rejects it in clear with ERR_POLICY_PART_UNPROTECTED", async () => {
    const { outcome } = route(byBearer);
    expect(await outcome(bound(assertion()))).toBe("alice");
    expect(await outcome(bound(assertion(), { encrypt: undefined }))).toBe("ERR_POLICY_PART_UNPROTECTED");
  });
});

describe('reply.sign: "request-key"', () => {
  const answer = `<s:Envelope xmlns:s="${soap12Namespace}"><s:Body><o:done xmlns:o="urn:orders"/></s:Body></s:Envelope>`;
  async function exchange(options: Partial<GuardOptions>, more: Partial<SecureMessageOptions> = {}) {
    const { guard, admit } = route(options);
    const key = held();
    const request = secureMessage(plain, {
      clock,
      tokens: [key.xml, token.xml],
      signatures: [byKey(key), endorsing()],
      ...more,
    });
    const verdict = await admit(request.envelope);
    if (verdict.kind !== "admitted") throw new TypeError("the request was refused");
    const reply = await guard.secureReply(verdict.security, { status: 200, headers: {}, body: Buffer.from(answer) });
    const known = [{ sha1: key.sha1, secret: key.secret, own: request.signatureValues }];
    return { request, known, key, body: Buffer.from(reply.body ?? []) };
  }
  const required = ["body", "timestamp"] as const;
  const codeOf = async (pending: Promise<unknown>) =>
    pending.then(
      () => "accepted",
      (error: { code?: string }) => error.code,
    );

  it("accepts the reply under the request's key, and rejects it under any other key", async () => {
    const { known, body, request } = await exchange({ ...byX509, reply: { sign: "request-key", confirm: true } });
    const demands = { required, clock, confirm: request.signatureValues };
    const verified = await verifyReply(body, { ...demands, known });
    expect(verified.body.child("done")).toBeDefined();
    expect(await codeOf(verifyReply(body, { ...demands }))).toBe("ERR_WSS_TOKEN_UNAVAILABLE");
    const wrong = known.map((one) => ({ ...one, secret: held().secret }));
    expect(await codeOf(verifyReply(body, { ...demands, known: wrong }))).toBe("ERR_WSS_FAILED_CHECK");
    const changed = body.toString().replace("o:done", "o:gone").replace("o:done", "o:gone");
    expect(await codeOf(verifyReply(Buffer.from(changed), { ...demands, known }))).toBe("ERR_WSS_FAILED_CHECK");
  });

  it("accepts the reply encrypted under it, and rejects it without the key", async () => {
    const reply = { sign: "request-key", encrypt: { for: "request-key" } } as const;
    const { known, body } = await exchange({ ...byX509, reply });
    expect(body.toString()).not.toContain("o:done");
    const encrypted = ["body"] as const;
    const verified = await verifyReply(body, { required, encrypted, clock, known });
    expect(verified.body.child("done")).toBeDefined();
    expect(await codeOf(verifyReply(body, { required, encrypted, clock }))).toBe("ERR_WSS_TOKEN_UNAVAILABLE");
    const wrong = known.map((one) => ({ ...one, secret: held().secret }));
    expect(await codeOf(verifyReply(body, { required, encrypted, clock, known: wrong }))).toBe(
      "ERR_WSS_DECRYPTION_FAILED",
    );
  });

  it("rejects the request itself sent back, and a reply under a key that a stranger encrypted for us", async () => {
    const { known, request, key } = await exchange({ ...byX509, reply: { sign: "request-key" } });
    const back = secureMessage(answer, {
      clock,
      signatures: [{ key: key.key, reference: { by: "encrypted-key-sha1", sha1: key.sha1 }, parts: both }],
    });
    expect(await codeOf(verifyReply(back.envelope, { required, clock, known }))).toBe("accepted");
    const own = [...request.signatureValues, ...back.signatureValues];
    const sent = known.map((one) => ({ ...one, own }));
    expect(await codeOf(verifyReply(back.envelope, { required, clock, known: sent }))).toBe("ERR_WSS_FAILED_CHECK");
    const strange = issueEncryptedKey({ for: forAlice });
    const forged = secureMessage(answer, { clock, tokens: [strange.xml], signatures: [byKey(strange)] });
    const decryption = [{ key: alice.keyPair.privateKey, certificate: forAlice }];
    expect(await codeOf(verifyReply(forged.envelope, { required, clock, known, decryption }))).toBe(
      "ERR_POLICY_TOKEN_REQUIRED",
    );
  });

  it("is not signed where the request had no key, and is refused at start where none can have one", async () => {
    const signatures = [endorsing({ parts: both, ids: [] })];
    const { body } = await exchange({ ...byX509, reply: { sign: "request-key" } }, { tokens: [token.xml], signatures });
    expect(body.toString()).not.toContain("Signature");
    const trust = { certificates: [alice.certificate] };
    expect(() => route({ trust, reply: { sign: "request-key" } })).toThrow("trust.decryption");
    const verify = () => true;
    const accept = [usernameToken({ verify, over: "transport" })];
    expect(() => route({ accept, reply: { encrypt: { for: "request-key" } } })).toThrow("reply.encrypt.for");
    const encrypt = { for: "request-key", reference: "thumbprint" } as const;
    expect(() => route({ ...byX509, reply: { encrypt } })).toThrow("reply.encrypt.reference");
    await expect(
      exchange({ ...byX509, reply: { encrypt: { for: "request-key" } } }, { tokens: [token.xml], signatures }),
    ).rejects.toMatchObject({ code: "ERR_INTERNAL" });
  });
});
