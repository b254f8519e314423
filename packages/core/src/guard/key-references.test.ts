import { describe, expect, it } from "vitest";
import { Certificate } from "../crypto/index.js";
import { x509 } from "../policy/index.js";
import { soap12Namespace } from "../soap/index.js";
import { createTestAuthority, createTestCertificate } from "../testing/index.js";
import { issueBinarySecurityToken } from "../tokens/x509/index.js";
import { type KeyReference, secureMessage } from "../wss/index.js";
import { createGuard } from "./create-guard.js";
import type { TrustOptions } from "./options.js";

const now = Date.parse("2026-03-01T12:00:00Z");
const clock = { now: () => now };
const validity = { notBefore: now - 1_000, notAfter: now + 86_400_000 };
const listed = createTestCertificate({ subject: "CN=listed", ...validity });
const stranger = createTestCertificate({ subject: "CN=stranger", ...validity });
const root = createTestAuthority({ subject: "CN=Root", ...validity });
const issued = root.issue({ subject: "CN=issued", ...validity });
const [forIssued, forRoot] = [issued, root].map((one) => Certificate.load(one.certificate, "certificate")) as [
  Certificate,
  Certificate,
];
const plain = `<s:Envelope xmlns:s="${soap12Namespace}"><s:Body><o:order xmlns:o="urn:orders">4711</o:order></s:Body></s:Envelope>`;

async function outcome(signer: typeof listed, reference: KeyReference, trust: TrustOptions, tokens: string[] = []) {
  const subjects = trust.authorities && ["CN=issued"];
  const guard = createGuard({ origin: "https://orders.example", trust, accept: [x509({ subjects })], clock });
  const key = signer.keyPair.privateKey;
  const parts = ["body", "timestamp"] as const;
  const { envelope } = secureMessage(plain, { clock, tokens, signatures: [{ key, reference, parts }] });
  const verdict = await guard.admit({
    method: "POST",
    target: "/",
    headers: [["content-type", "application/soap+xml"]],
    body: async () => envelope,
    transport: { encrypted: false, remoteAddress: "192.0.2.1" },
    signal: new AbortController().signal,
  });
  if (verdict.kind === "admitted") return verdict.security.principal.name;
  return verdict.kind === "answered" ? verdict.error?.code : verdict.kind;
}

describe("how a signature names its key", () => {
  const trust = { certificates: [listed.certificate] };

  it("accepts a ds:KeyValue of a listed certificate, and rejects one of nobody with ERR_WSS_TOKEN_UNAVAILABLE", async () => {
    const keyValueOf = ({ keyPair }: typeof listed) => ({ by: "key-value", key: keyPair.publicKey }) as const;
    expect(await outcome(listed, keyValueOf(listed), trust)).toBe("CN=listed");
    expect(await outcome(stranger, keyValueOf(stranger), trust)).toBe("ERR_WSS_TOKEN_UNAVAILABLE");
    expect(await outcome(stranger, keyValueOf(listed), trust)).toBe("ERR_WSS_FAILED_CHECK");
    const authorities = { authorities: [root.certificate] };
    expect(await outcome(issued, keyValueOf(issued), authorities)).toBe("ERR_WSS_TOKEN_UNAVAILABLE");
  });

  it("accepts a ds:KeyName of the map, and rejects unknown names and names of certificates that are not trusted", async () => {
    const keyNames = { orders: listed.certificate, strange: stranger.certificate };
    const named = (name: string) => ({ by: "key-name", name }) as const;
    expect(await outcome(listed, named("orders"), { ...trust, keyNames })).toBe("CN=listed");
    expect(await outcome(listed, named("orders"), trust)).toBe("ERR_WSS_TOKEN_UNAVAILABLE");
    expect(await outcome(listed, named("Orders"), { ...trust, keyNames })).toBe("ERR_WSS_TOKEN_UNAVAILABLE");
    expect(await outcome(listed, named("__proto__"), { ...trust, keyNames })).toBe("ERR_WSS_TOKEN_UNAVAILABLE");
    expect(await outcome(stranger, named("orders"), { ...trust, keyNames })).toBe("ERR_WSS_FAILED_CHECK");
    expect(await outcome(stranger, named("strange"), { ...trust, keyNames })).toBe("ERR_WSS_FAILED_CHECK");
  });

  it("accepts PKCS #7 of an authority that is trusted, and rejects one of another with ERR_WSS_FAILED_CHECK", async () => {
    const token = issueBinarySecurityToken([forIssued, forRoot], "X509-1", "pkcs7");
    const reference = { by: "token", id: "X509-1", valueType: token.valueType } as const;
    expect(await outcome(issued, reference, { authorities: [root.certificate] }, [token.xml])).toBe("CN=issued");
    const strange = createTestAuthority({ subject: "CN=Root", ...validity });
    expect(await outcome(issued, reference, { authorities: [strange.certificate] }, [token.xml])).toBe(
      "ERR_WSS_FAILED_CHECK",
    );
    expect(await outcome(stranger, reference, { authorities: [root.certificate] }, [token.xml])).toBe(
      "ERR_WSS_FAILED_CHECK",
    );
  });
});
