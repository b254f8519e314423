import { createReadStream, readFileSync } from "node:fs";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

/**
 * Prints the peak of this process's resident memory in MB. Arguments: what it does, certificate, Content-Type, message. `load`
 * loads the guard, `read` also reads the message as a stream and throws it away, `verify` has the guard admit that stream, and
 * then reads the attachment.
 */
const [what = "", certificate = "", contentType = "", path = ""] = process.argv.slice(2);
const { createGuard, x509 } = await import("@countersign/core");
const guard = createGuard({
  origin: "https://orders.example",
  trust: { certificates: [readFileSync(certificate, "utf8")] },
  accept: [x509({ signed: ["body", "timestamp", "attachments"] })],
  attachments: true,
  limits: { maxAttachments: 1 << 30 },
});
if (what === "read") for await (const _ of createReadStream(path));
if (what === "verify") {
  const verdict = await guard.admit({
    method: "POST",
    target: "/",
    headers: [["content-type", contentType]],
    body: () => Promise.reject(new TypeError("the message was gathered")),
    stream: () => createReadStream(path),
    transport: { encrypted: true },
    signal: new AbortController().signal,
  });
  if (verdict.kind !== "admitted") throw new TypeError("the message was refused");
  const [attachment] = verdict.security.message?.attachments ?? [];
  let read = 0;
  const count = new Writable({
    write(octets: Buffer, _encoding, done) {
      read += octets.length;
      done();
    },
  });
  if (attachment !== undefined) await pipeline(attachment.stream(), count);
  if (attachment === undefined || read !== attachment.size) throw new TypeError("the attachment was not handed over");
  verdict.release?.();
}
const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
process.stdout.write(`${(Number(peak) * 1024) / 1e6}\n`);
process.exit(0);
