import { createHash } from "node:crypto";
import { generateResponses, loadResponseKeys, PathCache, scan } from "@countersign/core/sts";
import { digestAlgorithms, signWith } from "../support/algorithms.js";
import type { Credentials } from "../support/credentials.js";
import { assemble, x509Message } from "../support/messages.js";
import { orders } from "../support/payload.js";
import { attempts } from "./attempts.js";
import { type Effort, Measurement, subject } from "./measure.js";
import { noPeers, type Row, verdict } from "./rows.js";

/** A row that generates what a policy adds to a message of 10 KB, and puts it in. */
export interface ResponseCase {
  readonly name: string;
  readonly response: Parameters<typeof generateResponses>[0][number];
}

/** Our time is at most this many times the floor. */
const gate = 1.5;

/** The rows: each makes one RSA signature, over the Body and Timestamp or over an assertion. */
export const responseCases: readonly ResponseCase[] = [
  { name: "response-x509-10k", response: { kind: "ws-security", token: "x509" } },
  { name: "response-saml-10k", response: { kind: "ws-security", token: "saml2", audience: "urn:orders" } },
];

/**
 * Times the generation of a response and its injection into a message that the agent has scanned, against one RSA-2048 signature
 * and SHA-256 of the octets that it covers.
 */
export async function responseRow({ name, response }: ResponseCase, keys: Credentials, effort: Effort): Promise<Row> {
  const { signer, service } = keys;
  const signed = x509Message({ signer, payload: orders({ octets: 10_000 }) });
  const document = scan(Buffer.from(assemble({ ...signed, header: [] }), "utf8"));
  const now = Date.now();
  const subjectOf = { name: "alice", directory: "staff", level: 5, certificate: service.certificate };
  const context = {
    subject: subjectOf,
    session: {
      id: "s",
      user: "alice",
      directory: "staff",
      created: now,
      lastAccess: now,
      idleSeconds: 600,
      maxSeconds: 3_600,
      level: 5,
    },
    document,
    actor: undefined,
    keys: loadResponseKeys({ key: signer.privateKey, certificate: signer.certificate, issuer: "urn:agent" }, "keys"),
    paths: new PathCache(),
    encrypted: true,
    passwordsInClear: false,
    now,
  };
  const isX509 = response.kind === "ws-security" && response.token === "x509";
  const assertion = assertionOf(generateResponses([response], context).envelope);
  const measurement = new Measurement(
    [
      subject("floor", () => {
        for (const { algorithm, digest, references, signedInfo } of signed.signatures) {
          const covered = isX509 ? references.map(({ octets }) => octets) : [assertion];
          for (const octets of covered) createHash(digestAlgorithms[digest].hash).update(octets).digest();
          signWith(algorithm, signer.privateKey, signedInfo);
        }
      }),
      subject("ours", () => generateResponses([response], context)),
    ],
    effort,
  );
  const [row] = await attempts(measurement, () => {
    const ours = measurement.nanoseconds("ours");
    const floor = measurement.nanoseconds("floor");
    if (ours === undefined || floor === undefined) throw new RangeError(`ours fails: ${measurement.failure("ours")}`);
    const xFloor = ours / floor;
    const met = { text: `at most ${gate}x floor`, pass: xFloor <= gate };
    return [{ case: name, nanoseconds: ours, xFloor, vs: noPeers, ...verdict([met]), notes: [] }];
  });
  if (row === undefined) throw new RangeError("no figure");
  return row;
}

/** The octets of the assertion in a message; none where there is none. */
function assertionOf(envelope: Uint8Array | undefined): Buffer {
  const text = Buffer.from(envelope ?? "").toString();
  return Buffer.from(/<saml2:Assertion .*<\/saml2:Assertion>/s.exec(text)?.[0] ?? "");
}
