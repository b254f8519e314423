import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { DOMParser } from "@xmldom/xmldom";
import { SignedXml } from "xml-crypto";

/**
 * Verifies messages with xml-crypto over and over, in a process of its own so that its garbage is not collected on anybody else's
 * time. It speaks the same lines as the other peers (see peers/peer.ts). One iteration decodes and parses the message, finds every
 * ds:Signature of the Header and verifies each; `getElementsByTagNameNS` finds them faster than the XPath of its documentation.
 */
interface Loaded {
  readonly message: Buffer;
  readonly certificates: readonly string[];
}

const cases = new Map<string, Loaded>();
const dsig = "http://www.w3.org/2000/09/xmldsig#";

function load(name: string, message: string, certificates: string): bigint {
  cases.set(name, {
    message: readFileSync(message),
    certificates: certificates.split(",").map((path) => readFileSync(path, "utf8")),
  });
  return 0n;
}

function run(name: string, count: number): bigint {
  const loaded = cases.get(name);
  if (loaded === undefined) throw new RangeError("the case is not loaded");
  const start = process.hrtime.bigint();
  for (let i = 0; i < count; i++) verify(loaded);
  return process.hrtime.bigint() - start;
}

function verify({ message, certificates }: Loaded): void {
  const xml = message.toString("utf8");
  const document = new DOMParser().parseFromString(xml, "text/xml");
  const signatures = Array.from(document.getElementsByTagNameNS(dsig, "Signature"));
  if (signatures.length !== certificates.length) throw new RangeError("another number of signatures");
  signatures.forEach((node, i) => {
    const signature = new SignedXml({ publicCert: certificates[i] ?? "" });
    signature.loadSignature(node as unknown as Parameters<SignedXml["loadSignature"]>[0]);
    if (!signature.checkSignature(xml)) throw new RangeError("the signature is not valid");
  });
}

function answer([command = "", name = "", third = "", fourth = ""]: readonly string[]): bigint {
  if (command === "load") return load(name, third, fourth);
  if (command === "run") return run(name, Number(third));
  throw new RangeError("the command is not known");
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply: string;
  try {
    reply = `ok\t${answer(line.split("\t"))}`;
  } catch (error) {
    reply = `error\t${String(error).replaceAll(/\s+/g, " ")}`;
  }
  process.stdout.write(`${reply}\n`);
}
