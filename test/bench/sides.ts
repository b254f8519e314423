import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HeldContext } from "../support/conversation.js";
import type { Credentials } from "../support/credentials.js";

/** The security context that requestor and service have established. */
export const context = {
  identifier: "urn:uuid:00000000-0000-4000-8000-000000000002",
  secret: Buffer.from("a secret of thirty-two octets...", "latin1"),
} as const satisfies HeldContext;

/**
 * Writes out what requestor and service hold, for other processes: `signer.pem` and `service.pem` (certificates), `signer.key`
 * and `service.key` (PKCS #8 in DER), `context.secret` (octets) and `context.id`.
 */
export function writeSides(folder: string, { signer, service }: Credentials): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, { certificate, privateKey }] of Object.entries({ signer, service })) {
    writeFileSync(join(folder, `${name}.pem`), pem(certificate));
    writeFileSync(join(folder, `${name}.key`), privateKey.export({ type: "pkcs8", format: "der" }));
  }
  writeFileSync(join(folder, "context.secret"), context.secret);
  writeFileSync(join(folder, "context.id"), context.identifier);
}

/** A certificate in PEM. */
export function pem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
