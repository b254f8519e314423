import { createHash } from "node:crypto";
import { Certificate } from "@countersign/core";
import { issueBinarySecurityToken, secureMessage } from "@countersign/core/sts";
import { digestAlgorithms, signWith } from "../support/algorithms.js";
import type { Credentials } from "../support/credentials.js";
import { assemble, x509Message } from "../support/messages.js";
import { orders } from "../support/payload.js";
import { type Effort, Measurement, subject } from "./measure.js";
import { noPeers, type Row, verdict } from "./rows.js";

/** Times putting a signed Security header around 10 KB, against the hashes and the private-key operation alone. Reported only. */
export async function signingRow(name: string, keys: Credentials, effort: Effort): Promise<Row> {
  const { signer } = keys;
  const signed = x509Message({ signer, payload: orders({ octets: 10_000 }) });
  const plain = Buffer.from(assemble({ ...signed, header: [] }), "utf8");
  const path = [Certificate.parse(signer.certificate)] as const;
  const token = issueBinarySecurityToken(path);
  const options = {
    tokens: [token.xml],
    signatures: [
      {
        key: signer.privateKey,
        reference: { by: "token", id: token.id, valueType: token.valueType },
        parts: ["body", "timestamp"],
      },
    ],
  } as const;
  const measurement = new Measurement(
    [
      subject("floor", () => {
        for (const { algorithm, digest, references, signedInfo } of signed.signatures) {
          for (const { octets } of references) createHash(digestAlgorithms[digest].hash).update(octets).digest();
          signWith(algorithm, signer.privateKey, signedInfo);
        }
      }),
      subject("ours", () => secureMessage(plain, options)),
    ],
    effort,
  );
  await measurement.warm();
  await measurement.measure();
  const ours = measurement.nanoseconds("ours");
  const floor = measurement.nanoseconds("floor");
  if (ours === undefined || floor === undefined) throw new RangeError(`ours fails: ${measurement.failure("ours")}`);
  return {
    case: name,
    nanoseconds: ours,
    xFloor: ours / floor,
    vs: noPeers,
    ...verdict([]),
    notes: [],
  };
}
