import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Credentials, Signer } from "../support/credentials.js";
import type { SoapMessage } from "../support/messages.js";
import type { VerificationCase } from "./cases.js";
import type { BenchMessage } from "./floor.js";
import type { Setting } from "./ours.js";
import type { PeerFiles } from "./peers/peer.js";
import { context, pem, writeSides } from "./sides.js";

/** A message on disk, for other processes, with what is needed to verify it. */
export interface Prepared {
  readonly message: BenchMessage;
  readonly tampered: Buffer;
  readonly setting: Setting;
  readonly files: PeerFiles & { readonly tampered: string; readonly setting: string };
}

/** A temporary folder with the messages and certificates of a run. */
export class Workspace {
  readonly #folder = mkdtempSync(join(tmpdir(), "countersign-bench-"));
  readonly #keys: Credentials;
  /** The keys of both sides, for other processes. */
  readonly sides: string;

  constructor(keys: Credentials) {
    this.#keys = keys;
    this.sides = join(this.#folder, "sides");
    writeSides(this.sides, keys);
  }

  /** Makes the message of a case and writes it out. */
  prepare(item: VerificationCase, now: Date): Prepared {
    const folder = this.folder(item.name);
    const write = (name: string, content: string | Uint8Array) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const message = item.make(this.#keys, now);
    const { tampering } = item;
    const tampered = typeof tampering === "function" ? tampering(this.#keys, now) : tamper(message.text, tampering);
    const setting = this.setting(item.protection, now, message.bytes.length);
    return {
      message,
      tampered,
      setting,
      files: {
        message: write("message.xml", message.bytes),
        tampered: write("tampered.xml", tampered),
        certificates: inDocumentOrder(message)
          .filter(({ certificate }) => certificate.length > 0)
          .map((signer, i) => write(`signer-${i}.pem`, pem(signer.certificate))),
        authority: write("authority.pem", setting.authority),
        setting: write("setting.json", JSON.stringify(setting)),
        sides: this.sides,
      },
    };
  }

  /** A folder of the run's own. */
  folder(name: string): string {
    const folder = join(this.#folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** What messages protected in that way are verified against. */
  setting(protection: Setting["protection"], now: Date, octets: number): Setting {
    const { authority, issuer, service } = this.#keys;
    return {
      protection,
      authority: pem(authority),
      issuer: pem(issuer.certificate),
      now: now.toISOString(),
      octets,
      ...(protection === "sealed"
        ? {
            decryption: {
              key: service.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
              certificate: pem(service.certificate),
            },
          }
        : {}),
      ...(protection === "context"
        ? { context: { identifier: context.identifier, secret: context.secret.toString("hex") } }
        : {}),
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
