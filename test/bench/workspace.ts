import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Credentials, Signer } from "../support/credentials.js";
import type { SoapMessage } from "../support/messages.js";
import type { VerificationCase } from "./cases.js";
import type { Setting } from "./ours.js";
import type { PeerFiles } from "./peers/peer.js";

/** A message on disk, for other processes, with what is needed to verify it. */
export interface Prepared {
  readonly message: SoapMessage;
  readonly tampered: Buffer;
  readonly setting: Setting;
  readonly files: PeerFiles & { readonly tampered: string; readonly setting: string };
}

/** A temporary folder with the messages and certificates of a run. */
export class Workspace {
  readonly #folder = mkdtempSync(join(tmpdir(), "countersign-bench-"));
  readonly #keys: Credentials;

  constructor(keys: Credentials) {
    this.#keys = keys;
  }

  /** Makes the message of a case and writes it out. */
  prepare(item: VerificationCase, now: Date): Prepared {
    const folder = join(this.#folder, item.name);
    mkdirSync(folder, { recursive: true });
    const write = (name: string, content: string | Uint8Array) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const message = item.make(this.#keys, now);
    const tampered = tamper(message.text, item.tampering);
    const setting: Setting = {
      protection: item.protection,
      authority: pem(this.#keys.authority),
      issuer: pem(this.#keys.issuer.certificate),
      now: now.toISOString(),
      octets: message.bytes.length,
    };
    return {
      message,
      tampered,
      setting,
      files: {
        message: write("message.xml", message.bytes),
        tampered: write("tampered.xml", tampered),
        certificates: inDocumentOrder(message).map((signer, i) => write(`signer-${i}.pem`, pem(signer.certificate))),
        authority: write("authority.pem", setting.authority),
        setting: write("setting.json", JSON.stringify(setting)),
      },
    };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

function tamper(text: string, [genuine, evil]: readonly [string, string]): Buffer {
  const at = text.indexOf(genuine);
  if (at < 0) throw new TypeError(`the message does not contain ${genuine}`);
  return Buffer.from(text.slice(0, at) + evil + text.slice(at + genuine.length), "utf8");
}

function inDocumentOrder(message: SoapMessage): readonly Signer[] {
  return message.security.flatMap((part) =>
    message.signatures.filter((signature) => signature.part === part).map((signature) => signature.signer),
  );
}

function pem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
