import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Credentials } from "../support/credentials.js";
import { x509Message } from "../support/messages.js";
import { withAttachments } from "../support/multipart.js";
import { figureOf } from "./child.js";
import { best } from "./processes.js";
import { figureRow, type Row } from "./rows.js";
import { pem } from "./sides.js";
import type { Workspace } from "./workspace.js";

/** Name and size of the row about a large attachment. */
export const attachmentCase = { name: "attachment-100m", octets: 100_000_000, most: 30 } as const;

/** Peak memory of a process that verifies a signed attachment and reads it, above one that loaded the guard and reads the stream alone. */
export async function attachmentRow(keys: Credentials, workspace: Workspace): Promise<Row> {
  const { name, octets, most } = attachmentCase;
  const folder = workspace.folder(name);
  const id = "large@example";
  const content = Buffer.alloc(octets);
  for (let at = 0; at + 8 <= octets; at += 8) content.writeDoubleLE(at / 7, at);
  const message = x509Message({ signer: keys.signer, attachments: [{ id, content }] });
  const { contentType, body } = withAttachments(message, [{ id, content }]);
  const files = { message: join(folder, "message.mime"), certificate: join(folder, "certificate.pem") };
  writeFileSync(files.message, body);
  writeFileSync(files.certificate, pem(keys.signer.certificate));
  const peak = (what: string) =>
    best(3, () => figureOf("attachment-child.js", [what, files.certificate, contentType, files.message]));
  const [loaded, alone, verified] = [await peak("load"), await peak("read"), await peak("verify")];
  const value = verified - alone;
  const row = figureRow(name, { value, unit: "MB" }, [
    { text: `at most ${most} MB above a process that reads the stream and throws it away`, pass: value <= most },
  ]);
  const [whole, stream] = [verified - loaded, alone - loaded].map((figure) => figure.toFixed(0));
  return { ...row, notes: [`${whole} MB above one that reads nothing, of which Node's stream alone takes ${stream}`] };
}
