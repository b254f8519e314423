import { constants, createCipheriv, createHash, createHmac, publicEncrypt, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Certificate } from "@countersign/core";
import {
  conversation13,
  issueBinarySecurityToken,
  issueDerivedKey,
  issueSecurityContextToken,
  secureMessage,
  writeContextReference,
} from "@countersign/core/sts";
import { digestAlgorithms, signWith } from "../support/algorithms.js";
import { derivedKey } from "../support/conversation.js";
import type { Credentials } from "../support/credentials.js";
import { assemble, x509Message } from "../support/messages.js";
import { orders } from "../support/payload.js";
import { attempts } from "./attempts.js";
import { type Effort, Measurement, type Subject, subject } from "./measure.js";
import { createVerify, type Setting } from "./ours.js";
import type { FoundPeers } from "./peers/find.js";
import { PeerError, type SendingTask } from "./peers/peer.js";
import { type Gate, noPeers, type Row, verdict } from "./rows.js";
import { context } from "./sides.js";
import type { Workspace } from "./workspace.js";

/** A row that puts a Security header into a message of 10 KB. */
export interface OutboundCase {
  readonly name: string;
  readonly task: SendingTask;
  /** Our time is at most this many times the floor. */
  readonly floor: number;
  /** Signing with RSA takes at least this many times our time. */
  readonly rsa?: number;
}

/** The rows that secure a message. */
export const outboundCases: readonly OutboundCase[] = [
  { name: "sign-10k", task: "sign", floor: 1.6 },
  { name: "sign-encrypt-10k", task: "sign-encrypt", floor: 1.6 },
  { name: "sign-derived-10k", task: "sign-derived", floor: 6, rsa: 3 },
];

/** How the result of a task is verified. */
const protections: Readonly<Record<SendingTask, Setting["protection"]>> = {
  sign: "x509",
  "sign-encrypt": "sealed",
  "sign-derived": "context",
};

/** Times floor, ourselves and WSS4J on one message. What either makes must be verified by the engine first. */
export async function outboundRow(
  item: OutboundCase,
  keys: Credentials,
  workspace: Workspace,
  peers: FoundPeers,
  effort: Effort,
): Promise<Row> {
  const signed = x509Message({ signer: keys.signer, payload: orders({ octets: 10_000 }) });
  const plain = Buffer.from(assemble({ ...signed, header: [] }), "utf8");
  const secure = sender(item.task, plain, keys);
  const verify = async (message: Uint8Array) =>
    createVerify(workspace.setting(protections[item.task], new Date(), message.length))(message);
  await verify(secure());
  const subjects: Subject[] = [subject("floor", outboundFloor(item.task, signed, keys)), subject("ours", secure)];
  if (item.rsa !== undefined) subjects.push(subject("rsa", sender("sign", plain, keys)));
  const notes: string[] = [];
  const peer = peers.present.get("wss4j");
  if (peer !== undefined) {
    try {
      const folder = workspace.folder(item.name);
      writeFileSync(join(folder, "plain.xml"), plain);
      await peer.secure(item.name, item.task, join(folder, "plain.xml"), workspace.sides, join(folder, "secured.xml"));
      await verify(readFileSync(join(folder, "secured.xml")));
      subjects.push({ name: "wss4j", run: (count) => peer.run(item.name, count) });
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      notes.push(`WSS4J fails: ${error.message.slice(0, 160)}`);
    }
  }
  const measurement = new Measurement(subjects, effort);
  const present = peer !== undefined;
  const [row] = await attempts(measurement, () => [rowOf(item, measurement, present, notes)]);
  if (row === undefined) throw new RangeError("no figure");
  return row;
}

function rowOf(item: OutboundCase, measurement: Measurement, present: boolean, notes: readonly string[]): Row {
  const ours = figure(measurement, "ours");
  const xFloor = ours / figure(measurement, "floor");
  const gates: Gate[] = [{ text: `at most ${item.floor}x floor`, pass: xFloor <= item.floor }];
  if (item.rsa !== undefined) {
    const ratio = figure(measurement, "rsa") / ours;
    gates.push({ text: `RSA at least ${item.rsa}x (is ${ratio.toFixed(1)})`, pass: ratio >= item.rsa });
  }
  const theirs = measurement.nanoseconds("wss4j");
  gates.push({ text: "WSS4J slower", pass: theirs === undefined ? !present : theirs > ours });
  return {
    case: item.name,
    nanoseconds: ours,
    xFloor,
    vs: { ...noPeers, wss4j: theirs === undefined ? null : theirs / ours },
    ...verdict(gates),
    notes,
  };
}

function figure(measurement: Measurement, name: string): number {
  const found = measurement.nanoseconds(name);
  if (found === undefined) throw new RangeError(`${name} fails: ${measurement.failure(name) ?? "no figure"}`);
  return found;
}

/** What a requestor does for each message. */
function sender(task: SendingTask, plain: Uint8Array, { signer, service }: Credentials): () => Uint8Array {
  const parts = ["body", "timestamp"] as const;
  if (task === "sign-derived") {
    const words = conversation13;
    const name = { words, identifier: context.identifier, instance: "" };
    const { secret } = context;
    return () => {
      const derived = issueDerivedKey(words, { secret, reference: writeContextReference(name) });
      const reference = { by: "token", id: derived.id, valueType: derived.valueType } as const;
      const tokens = [issueSecurityContextToken(name).xml, derived.xml];
      return secureMessage(plain, { tokens, signatures: [{ key: derived.key, reference, parts }] }).envelope;
    };
  }
  const token = issueBinarySecurityToken([Certificate.parse(signer.certificate)]);
  const reference = { by: "token", id: token.id, valueType: token.valueType } as const;
  const recipient = Certificate.parse(service.certificate);
  const options = {
    tokens: [token.xml],
    signatures: [{ key: signer.privateKey, reference, parts }],
    ...(task === "sign-encrypt" ? { encrypt: { for: recipient } } : {}),
  };
  return () => secureMessage(plain, options).envelope;
}

/** The hashes, the private-key operation or the derivation and HMAC; AES-GCM under a new key, and RSA-OAEP for that. */
function outboundFloor(
  task: SendingTask,
  { parts, signatures }: ReturnType<typeof x509Message>,
  { signer, service }: Credentials,
): () => void {
  const body = Buffer.from(parts.body ?? "");
  return () => {
    for (const { algorithm, digest, references, signedInfo } of signatures) {
      for (const { octets } of references) createHash(digestAlgorithms[digest].hash).update(octets).digest();
      if (task === "sign-derived") {
        createHmac("sha256", derivedKey(context, randomBytes(16)))
          .update(signedInfo)
          .digest();
      } else signWith(algorithm, signer.privateKey, signedInfo);
    }
    if (task === "sign-encrypt") {
      const key = randomBytes(32);
      const cipher = createCipheriv("aes-256-gcm", key, randomBytes(12));
      cipher.update(body);
      cipher.final();
      cipher.getAuthTag();
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      publicEncrypt({ key: service.publicKey, padding, oaepHash: "sha256" }, key);
    }
  };
}
