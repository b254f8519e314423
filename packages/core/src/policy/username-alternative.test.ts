import { describe, expect, it, vi } from "vitest";
import { defaultSuite } from "../crypto/index.js";
import { parseEnvelope } from "../soap/index.js";
import { defaultFreshness } from "../time/index.js";
import { issueUsernameToken } from "../tokens/username/index.js";
import { findSecurityHeader, type OpenedSecurity, openSecurity, secureMessage } from "../wss/index.js";
import { scan } from "../xml/index.js";
import { defaultCanonicalForms } from "../xmlsec/index.js";
import type { UsernameTokenOptions } from "./accept.js";
import type { Circumstances } from "./evaluate.js";
import { compileUsername } from "./username-alternative.js";

const origin = "https://o.example";
const trust = { issuers: undefined, authorities: [], certificates: [], decrypts: false, skew: 0, origin };
const over = "transport";
const compile = (options: Partial<UsernameTokenOptions>) => compileUsername({ over, ...options }, 1, trust);

async function opened(as: "text" | "digest", copies = 1, now = Date.now()): Promise<OpenedSecurity> {
  const order = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><o/></s:Body></s:Envelope>';
  const tokens = Array.from(
    { length: copies },
    () => issueUsernameToken({ name: "alice", password: "right", as, now }).xml,
  );
  const envelope = parseEnvelope(scan(Buffer.from(secureMessage(order, { tokens }).envelope)));
  const rules = {
    suite: defaultSuite,
    canonicalForms: defaultCanonicalForms,
    timestamp: { ...defaultFreshness, requireExpires: false },
    assertions: undefined,
    trusts: [],
    possession: false,
  };
  return openSecurity(envelope, findSecurityHeader(envelope, undefined), rules, Date.now());
}

const circumstances = (more: Partial<Circumstances> = {}): Circumstances => ({
  now: Date.now(),
  until: performance.now() + 5_000,
  encrypted: true,
  peerCertificate: undefined,
  ...more,
});

async function verdict(
  message: OpenedSecurity,
  options: Partial<UsernameTokenOptions>,
  more?: Partial<Circumstances>,
): Promise<unknown> {
  try {
    const { token, proof, alternative, replay } = await compile(options).evaluate(message, circumstances(more));
    return [token.principal.name, token.issuer, proof, alternative, replay.length];
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("compileUsername", () => {
  const verify = (name: string, password: string) => name === "alice" && password === "right";

  it("accepts a right password, and rejects a wrong one with ERR_WSS_FAILED_AUTHENTICATION", async () => {
    const message = await opened("text");
    expect(await verdict(message, { verify })).toEqual(["alice", origin, "password-text", 1, 0]);
    expect(await verdict(message, { verify: () => false })).toBe("ERR_WSS_FAILED_AUTHENTICATION");
  });

  it("accepts a right digest to be reserved, and rejects it by another secret with ERR_WSS_FAILED_AUTHENTICATION", async () => {
    const message = await opened("digest");
    expect(await verdict(message, { secret: () => "right" })).toEqual(["alice", origin, "password-digest", 1, 1]);
    expect(await verdict(message, { secret: () => "wrong" })).toBe("ERR_WSS_FAILED_AUTHENTICATION");
    expect(await verdict(message, { verify })).toBe("ERR_WSS_UNSUPPORTED_TOKEN");
  });

  it("accepts a digest of the greatest age, and rejects an older one with ERR_WSS_MESSAGE_EXPIRED", async () => {
    const now = Date.now();
    const message = await opened("digest", 1, now);
    const options = { secret: () => "right", maxAgeSeconds: 10 };
    expect(await verdict(message, options, { now: now + 10_000 })).toContain("alice");
    expect(await verdict(message, options, { now: now + 10_001 })).toBe("ERR_WSS_MESSAGE_EXPIRED");
  });

  it("rejects both kinds over an open connection with ERR_WSS_INVALID_SECURITY, and asks nobody (E6)", async () => {
    const asked = vi.fn(() => true);
    const secret = vi.fn(() => "right");
    for (const as of ["text", "digest"] as const) {
      const open = { encrypted: false };
      expect(await verdict(await opened(as), { verify: asked, secret }, open)).toBe("ERR_WSS_INVALID_SECURITY");
    }
    expect([asked.mock.calls, secret.mock.calls]).toEqual([[], []]);
  });

  it("rejects two tokens with ERR_WSS_INVALID_SECURITY, and fits a message with any", async () => {
    const two = await opened("text", 2);
    expect(await verdict(two, { verify })).toBe("ERR_WSS_INVALID_SECURITY");
    const { fit } = compile({ verify });
    expect([fit(two), fit(await opened("text")), fit(await opened("text", 0))]).toEqual(["proof", "proof", "none"]);
  });

  it("rejects with ERR_UNAVAILABLE where a callback has no time left", async () => {
    const never = () => new Promise<never>(() => undefined);
    const late = { until: performance.now() - 1 };
    expect(await verdict(await opened("text"), { verify: never }, late)).toBe("ERR_UNAVAILABLE");
    expect(await verdict(await opened("digest"), { secret: never }, late)).toBe("ERR_UNAVAILABLE");
  });

  it("rejects options by which no password can be checked with ERR_CONFIG_INVALID", () => {
    expect(() => compile({})).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_INVALID", option: "accept[1].verify" }),
    );
  });
});
