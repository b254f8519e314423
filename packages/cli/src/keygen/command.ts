import { isAbsolute, join } from "node:path";
import { createAuthority, type IssuedCertificate, type KeyPairType } from "@countersign/core/sts";
import { type CommandStreams, printable, Terminal } from "../terminal.js";
import { UsageError } from "../usage-error.js";
import { type NewFile, writeFiles } from "./files.js";

/** Options of `countersign keygen`, as the command line gives them. */
export interface KeygenSettings {
  readonly out: string;
  readonly name: string;
  readonly type: string;
  readonly host: readonly string[];
  readonly days: string;
  readonly force?: boolean | undefined;
}

/** Kinds of key that the command makes. RSA is what every peer reads. */
export const keyTypes: readonly KeyPairType[] = ["rsa", "ec", "ed25519"];

const dayMilliseconds = 86_400_000;
const maxDays = 365;

/**
 * `countersign keygen`: a trial authority, and keys with certificates of a service and a client.
 * @returns 0
 * @throws UsageError for wrong options and where a file is in the way
 */
export async function keygen(settings: KeygenSettings, { stdout }: CommandStreams): Promise<0> {
  const { out, force = false } = settings;
  const { name, keyType, days, hosts } = checked(settings);
  const notAfter = Date.now() + days * dayMilliseconds;
  const authority = createAuthority({ subject: "CN=Countersign trial CA,O=Trial", keyType, notAfter });
  const service = authority.issue({
    subject: `CN=${name},O=Trial`,
    keyType,
    notAfter,
    alternativeNames: hosts.map((host) => (/^\d+(?:\.\d+){3}$/.test(host) ? { ip: host } : { dns: host })),
  });
  const client = authority.issue({ subject: "CN=client,O=Trial", keyType, notAfter });
  await writeFiles(
    out,
    [
      ...pair("ca", authority),
      ...pair(name, service),
      ...pair("client", client),
      { name: "settings.js", content: settingsModule(name), secret: false },
      { name: ".gitignore", content: "# Trial keys are for this machine alone.\n*\n", secret: false },
    ],
    force,
  );
  printNextSteps(new Terminal(stdout), out, name, days);
  return 0;
}

function checked({ name, type, host, days }: KeygenSettings) {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,40}$/.test(name) || name === "ca" || name === "client") {
    throw new UsageError(
      `--name ${JSON.stringify(name)} is no name for the service: use letters, digits, full stop and hyphen.`,
    );
  }
  const keyType = keyTypes.find((known) => known === type);
  if (keyType === undefined) throw new UsageError(`--type ${type} is not known: use ${keyTypes.join(", ")}.`);
  const count = /^\d{1,4}$/.test(days) ? Number(days) : 0;
  if (count < 1 || count > maxDays) throw new UsageError(`--days ${days} is not a number from 1 to ${maxDays}.`);
  const wrong = host.find((one) => !/^[A-Za-z0-9*](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(one));
  if (wrong !== undefined) throw new UsageError(`--host ${JSON.stringify(wrong)} is no host name.`);
  return { name, keyType, days: count, hosts: host };
}

const pair = (name: string, { certificate, privateKey }: IssuedCertificate): readonly NewFile[] => [
  { name: `${name}.pem`, content: certificate, secret: false },
  { name: `${name}.key.pem`, content: privateKey, secret: true },
];

/** What the examples of the documentation import from `./settings.js`, as far as it is keys. */
function settingsModule(name: string): string {
  return `// Trial keys, made by countersign keygen. Never use them where anything matters.
import { readFileSync } from "node:fs";

const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8");

/** The authority of every certificate here. */
export const ca = read("./ca.pem");
/** Key and certificate of every server here, as node:https takes them. */
export const tls = { key: read("./${name}.key.pem"), cert: read("./${name}.pem") };
/** What the broker signs with, and how services know it. */
export const signing = { key: read("./${name}.key.pem"), certificate: read("./${name}.pem") };
export const stsCertificate = signing.certificate;
/** What the client signs with. */
export const client = { key: read("./client.key.pem"), certificate: read("./client.pem") };
`;
}

function printNextSteps(terminal: Terminal, out: string, name: string, days: number): void {
  const shown = printable(out, 200);
  const path = (file: string) => printable(join(out, file), 255);
  terminal.print(`Trial keys for ${days} days, in ${shown}:`);
  terminal.print("  ca.pem, ca.key.pem            the authority");
  terminal.print(`  ${`${name}.pem, ${name}.key.pem`.padEnd(29)} the service: serves TLS, signs tokens and replies`);
  terminal.print("  client.pem, client.key.pem    the client: signs messages");
  terminal.print("  settings.js                   the same, as the examples of the documentation import them");
  terminal.print("Files named .key.pem are secret, readable by you alone, and ignored by git.");
  terminal.print();
  terminal.print("Next:");
  terminal.print(`  see what was made:     npx countersign inspect ${path("client.pem")}`);
  terminal.print(
    `  in the quick start:    import { stsCertificate } from ${JSON.stringify(isAbsolute(out) ? path("settings.js") : `./${path("settings.js")}`)};`,
  );
  terminal.print(
    `  trust the client:      trust: { authorities: [ca] }, accept: [x509({ subjects: ["CN=client,O=Trial"] })]`,
  );
}
