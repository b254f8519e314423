import { Certificate, type Guard } from "@countersign/core";
import { issueBinarySecurityToken, secureMessage } from "@countersign/core/sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLoader } from "./compile.js";
import { order } from "./messages.js";
import { lostPartner, partner } from "./settings.js";

describe("revocation (revocation.ts of the page of core)", () => {
  const loader = createLoader();
  let guard: Guard;
  beforeAll(async () => {
    ({ guard } = (await loader.load("revocation.ts")) as unknown as { guard: Guard });
  });
  afterAll(() => loader.remove());

  const admit = ({ certificate, keyPair }: ReturnType<typeof partner>) => {
    const token = issueBinarySecurityToken([Certificate.load(certificate, "certificate")]);
    const reference = { by: "token", id: token.id } as const;
    const { envelope } = secureMessage(order, {
      tokens: [token.xml],
      signatures: [{ key: keyPair.privateKey, reference, parts: ["body", "timestamp"] }],
    });
    return guard.admit({
      method: "POST",
      target: "/",
      headers: [["content-type", "application/soap+xml"]],
      body: async () => envelope,
      transport: { encrypted: true, remoteAddress: "192.0.2.1" },
      signal: new AbortController().signal,
    });
  };

  it("accepts a partner's certificate, and rejects the one that was lost with ERR_TOKEN_REVOKED", async () => {
    expect(await admit(partner("CN=acme,O=Partner"))).toMatchObject({
      kind: "admitted",
      security: { evidence: { token: { revocation: { status: "good" } } } },
    });
    expect(await admit(lostPartner)).toMatchObject({ kind: "answered", error: { code: "ERR_TOKEN_REVOKED" } });
  });
});
