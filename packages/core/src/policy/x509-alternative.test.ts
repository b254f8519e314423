import { describe, expect, it, vi } from "vitest";
import { Certificate, defaultSuite, loadPrivateKey } from "../crypto/index.js";
import { parseEnvelope } from "../soap/index.js";
import { createTestAuthority, createTestCertificate } from "../testing/index.js";
import { defaultFreshness } from "../time/index.js";
import { issueBinarySecurityToken } from "../tokens/x509/index.js";
import {
  findSecurityHeader,
  type MessagePart,
  type OpenedSecurity,
  openSecurity,
  secureMessage,
} from "../wss/index.js";
import { scan } from "../xml/index.js";
import { defaultCanonicalForms } from "../xmlsec/index.js";
import type { X509Options } from "./accept.js";
import type { Circumstances } from "./evaluate.js";
import type { RouteTrust } from "./route-trust.js";
import { compileX509 } from "./x509-alternative.js";

const authority = createTestAuthority({ subject: "CN=authority" });
const clerk = authority.issue({ subject: "CN=clerk" });
const admin = authority.issue({ subject: "CN=admin" });
const listed = createTestCertificate({ subject: "CN=listed" });
type Signer = typeof clerk | typeof listed;

const trust = (more: Partial<RouteTrust> = {}): RouteTrust => ({
  issuers: undefined,
  authorities: [Certificate.parse(authority.der)],
  certificates: [Certificate.parse(listed.der)],
  decrypts: false,
  skew: 60_000,
  origin: "https://o.example",
  ...more,
});
const compile = (options: X509Options, more?: Partial<RouteTrust>) => compileX509(options, 3, trust(more));

/** A message signed over `parts`, opened by the trust of an alternative. */
async function signed(
  signers: readonly Signer[],
  parts: readonly MessagePart[] = ["body", "timestamp"],
): Promise<OpenedSecurity> {
  const tokens = signers.map(({ der }) => issueBinarySecurityToken([Certificate.parse(der)]));
  const order = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><o/></s:Body></s:Envelope>';
  const { envelope } = secureMessage(order, {
    tokens: tokens.map(({ xml }) => xml),
    signatures: signers.map(({ keyPair }, index) => ({
      key: loadPrivateKey(keyPair.privateKey, "key"),
      reference: { by: "token", id: tokens[index]?.id ?? "" },
      parts,
    })),
  });
  const parsed = parseEnvelope(scan(Buffer.from(envelope)));
  const { signers: known } = compile({ subjects: ["CN=clerk"] });
  const rules = {
    suite: defaultSuite,
    canonicalForms: defaultCanonicalForms,
    timestamp: { ...defaultFreshness, requireExpires: false },
    assertions: undefined,
    trusts: known === undefined ? [] : [known],
    possession: false,
  };
  return openSecurity(parsed, findSecurityHeader(parsed, undefined), rules, Date.now());
}

const circumstances = (more: Partial<Circumstances> = {}): Circumstances => ({
  now: Date.now(),
  until: performance.now() + 5_000,
  encrypted: false,
  peerCertificate: undefined,
  ...more,
});

async function verdict(opened: OpenedSecurity, options: X509Options, more?: Partial<Circumstances>): Promise<unknown> {
  try {
    const { token, proof, alternative, replay } = await compile(options).evaluate(opened, circumstances(more));
    expect([proof, alternative, replay.length > 0]).toEqual(["signature", 3, true]);
    return token.principal.name;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("compileX509", () => {
  it("accepts a named subject's signature, and rejects another's with ERR_WSS_FAILED_AUTHENTICATION (C17)", async () => {
    const message = await signed([clerk]);
    expect(await verdict(message, { subjects: ["CN=clerk"] })).toBe("CN=clerk");
    expect(await verdict(message, { subjects: ["CN=admin"] })).toBe("ERR_WSS_FAILED_AUTHENTICATION");
    expect(await verdict(message, { subjects: ["CN=clerk"], issuers: ["CN=other"] })).toBe(
      "ERR_WSS_FAILED_AUTHENTICATION",
    );
    expect(await verdict(await signed([listed]), { subjects: ["CN=clerk"] })).toBe("CN=listed");
  });

  it("accepts by the second of two signatures, and reserves both; an outage of the first decides", async () => {
    const message = await signed([admin, clerk]);
    const { replay } = await compile({ subjects: ["CN=clerk"] }).evaluate(message, circumstances());
    expect(replay).toHaveLength(2);
    expect(await verdict(message, { subjects: ["CN=clerk"] })).toBe("CN=clerk");
    const account = vi.fn(({ name }: { name: string }) => {
      if (name === "CN=admin") throw new RangeError("down");
      return true;
    });
    expect(await verdict(message, { subjects: ["CN=admin", "CN=clerk"], account })).toBe("ERR_UNAVAILABLE");
    expect(account).toHaveBeenCalledOnce();
  });

  it("accepts a signature over all that is wanted, and rejects less with ERR_POLICY_PART_UNPROTECTED (A10)", async () => {
    const subjects = ["CN=clerk"];
    const timestamp = await signed([clerk], ["timestamp"]);
    expect(await verdict(timestamp, { subjects })).toBe("ERR_POLICY_PART_UNPROTECTED");
    expect(await verdict(await signed([clerk], ["body"]), { subjects })).toBe("ERR_POLICY_PART_UNPROTECTED");
    const parts: MessagePart[] = ["body", "timestamp", { namespace: "urn:a", name: "b" }];
    expect(await verdict(await signed([clerk]), { subjects, signed: parts })).toBe("ERR_POLICY_PART_UNPROTECTED");
  });

  it("accepts an endorsing signature over TLS, and rejects it without TLS or Timestamp", async () => {
    const options: X509Options = { subjects: ["CN=clerk"], over: "transport" };
    const endorsing = await signed([clerk], ["timestamp"]);
    expect(await verdict(endorsing, options, { encrypted: true })).toBe("CN=clerk");
    expect(await verdict(endorsing, options)).toBe("ERR_WSS_INVALID_SECURITY");
    expect(await verdict(await signed([clerk], ["body"]), options, { encrypted: true })).toBe(
      "ERR_POLICY_PART_UNPROTECTED",
    );
  });

  it("rejects a message without a signature with ERR_POLICY_TOKEN_REQUIRED, and fits it no further than its tokens", async () => {
    const message = await signed([clerk]);
    const bare = { ...message, signatures: [] };
    expect(await verdict(bare, { subjects: ["CN=clerk"] })).toBe("ERR_POLICY_TOKEN_REQUIRED");
    const { fit } = compile({ subjects: ["CN=clerk"] });
    expect([fit(message), fit(bare), fit({ ...bare, header: { ...bare.header, binaryTokens: [] } })]).toEqual([
      "proof",
      "kind",
      "none",
    ]);
  });

  it("rejects an alternative that nobody or anybody could use with its code", () => {
    const mistake = (code: string, option: string) => expect.objectContaining({ code, option });
    expect(() => compile({}, { authorities: [], certificates: [] })).toThrow(
      mistake("ERR_CONFIG_INVALID", "accept[3]"),
    );
    expect(() => compile({})).toThrow(mistake("ERR_CONFIG_INSECURE", "accept[3].subjects"));
    expect(compile({}, { authorities: [] })).toBeDefined();
    expect(() => compile({ subjects: ["clerk"] })).toThrow(mistake("ERR_CONFIG_INVALID", "accept[3].subjects[0]"));
    const signedBody: X509Options = { subjects: ["CN=a"], signed: ["body"] };
    expect(() => compile(signedBody)).toThrow(mistake("ERR_CONFIG_INSECURE", "accept[3].signed"));
  });
});
