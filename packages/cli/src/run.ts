import { readFileSync } from "node:fs";
import { ConfigurationError } from "@countersign/core";
import { Command, CommanderError } from "commander";
import { type ExplainSettings, explain } from "./explain/command.js";
import { inspect } from "./inspect/command.js";
import { type KeygenSettings, keygen, keyTypes } from "./keygen/command.js";
import { type CommandStreams, printable } from "./terminal.js";
import { messageOf, UsageError } from "./usage-error.js";

/** The exit code of wrong usage: unknown options, files that are not there, configurations that cannot be used. */
const badUsage = 2;

/**
 * Runs a command of `countersign`.
 * @param words The command line behind the program's name.
 * @returns The exit code: 0 for success (`explain`: admitted), 1 for refused or unreadable, 2 for wrong usage, which is said on
 * `stderr`
 */
export async function run(words: readonly string[], streams: CommandStreams): Promise<number> {
  let code = 0;
  const program = programOf(streams, (found) => {
    code = found;
  });
  try {
    await program.parseAsync([...words], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : badUsage;
    streams.stderr.write(`countersign: ${complaint(error)}\n`);
    return badUsage;
  }
}

function complaint(error: unknown): string {
  if (error instanceof UsageError) return printable(error.message, 500);
  if (error instanceof ConfigurationError)
    return printable(`${error.code} in the configuration: ${error.message}`, 500);
  return printable(`this should not have happened: ${messageOf(error)}`, 500);
}

function programOf(streams: CommandStreams, end: (code: number) => void): Command {
  const program = new Command("countersign")
    .description("Shows why a guard admits or refuses a message, reads tokens, and makes trial keys.")
    .version(version())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(text),
      writeErr: (text) => void streams.stderr.write(text),
    })
    .showHelpAfterError("(countersign --help lists what there is)");
  explainCommand(program, streams, end);
  program
    .command("inspect")
    .description("shows what a message, token, certificate or key says of itself; verifies nothing")
    .argument("<file>", "message, HTTP request, token, JWT, certificate or key (PEM or DER); - for standard input")
    .option("--json", "prints one JSON object as the last line")
    .action(async (file: string, settings: { json?: boolean }) => end(await inspect(file, settings, streams)));
  keygenCommand(program, streams, end);
  return program;
}

function explainCommand(program: Command, streams: CommandStreams, end: (code: number) => void): void {
  program
    .command("explain")
    .description("shows a message, the verdict of a guard, and for a refusal the rule, the place and the remedy")
    .argument("<file>", "SOAP message or raw HTTP request; - for standard input")
    .option("-c, --config <file>", "guard options: a module that exports them by default, or a JSON file")
    .option("--at <time>", "decides as at this moment, for example 2026-11-22T10:00:00Z; default: now")
    .option("-H, --header <line>", 'adds a request header, "Name: value"; may be repeated', collect, [])
    .option("--no-tls", "takes the message to have come over an unencrypted connection")
    .option("--peer-certificate <file>", "the sender's TLS client certificate, PEM or DER")
    .option("--full", "shows every element")
    .option("--json", "prints one JSON object as the last line")
    .addHelpText("after", "\nExit code: 0 admitted, 1 not admitted, 2 wrong usage.")
    .action(async (file: string, settings: ExplainSettings) => end(await explain(file, settings, streams)));
}

function keygenCommand(program: Command, streams: CommandStreams, end: (code: number) => void): void {
  program
    .command("keygen")
    .description("makes a trial authority, and keys with certificates of a service and a client")
    .option("-o, --out <directory>", "where the files go", "keys")
    .option("-n, --name <name>", "name of the service", "service")
    .option("-t, --type <type>", `kind of key: ${keyTypes.join(", ")}`, "rsa")
    .option(
      "--host <name>",
      "host name or IPv4 address of the service; may be repeated; default: localhost",
      collect,
      [],
    )
    .option("--days <number>", "days until the certificates expire", "90")
    .option("-f, --force", "overwrites what is there")
    .action(async (settings: KeygenSettings) => {
      const host = settings.host.length === 0 ? ["localhost", "127.0.0.1"] : settings.host;
      end(await keygen({ ...settings, host }, streams));
    });
}

const collect = (value: string, known: readonly string[]): readonly string[] => [...known, value];

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
