import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Certificate, type KeyObject, loadPrivateKey } from "@countersign/core/sts";
import { createTestAuthority } from "@countersign/core/testing";

/** A key that both sides know by a name. */
export interface SharedKey {
  readonly name: string;
  /** PEM. */
  readonly privateKey: string;
  readonly certificate: string;
  readonly key: KeyObject;
  readonly parsed: Certificate;
}

/** The keys of the matrix, and the folder where the Java side finds them. */
export interface SharedKeys {
  readonly folder: string;
  /** PEM of the authority that issued them all. */
  readonly ca: string;
  /** Of the servers on `localhost`. */
  readonly tls: SharedKey;
  readonly alice: SharedKey;
  /** Alice's key on P-256. */
  readonly aliceEc: SharedKey;
  /** Signs the service's replies. */
  readonly orders: SharedKey;
  /** Signs assertions. */
  readonly sts: SharedKey;
  remove(): void;
}

export function makeSharedKeys(): SharedKeys {
  const folder = mkdtempSync(join(tmpdir(), "countersign-cxf-"));
  const authority = createTestAuthority({ subject: "CN=Test CA,O=Example" });
  writeFileSync(join(folder, "ca.pem"), authority.certificate);
  const share = (
    name: string,
    subject: string,
    keyType: "rsa" | "ec" = "rsa",
    dns: readonly string[] = [],
  ): SharedKey => {
    const { privateKey, certificate } = authority.issue({
      subject,
      keyType,
      alternativeNames: dns.map((host) => ({ dns: host })),
    });
    writeFileSync(join(folder, `${name}.key`), privateKey, { mode: 0o600 });
    writeFileSync(join(folder, `${name}.pem`), certificate);
    const key = loadPrivateKey(privateKey, name);
    return { name, privateKey, certificate, key, parsed: Certificate.load(certificate, name) };
  };
  return {
    folder,
    ca: authority.certificate,
    tls: share("tls", "CN=localhost", "ec", ["localhost"]),
    alice: share("alice", "CN=alice,O=Example"),
    aliceEc: share("alice-ec", "CN=alice,O=Example,OU=Elliptic", "ec"),
    orders: share("orders", "CN=orders,O=Example"),
    sts: share("sts", "CN=sts,O=Example"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
