import { gunzipSync } from "node:zlib";
import { Certificate, type CountersignError, type GuardOptions, isCountersignError } from "@countersign/core";
import type { RequestHeaders } from "@countersign/core/adapter";
import { defaultLimits, parseJwt } from "@countersign/core/inspect";
import { loadConfig } from "../config/load.js";
import { readInput } from "../input.js";
import { findingOf } from "../inspect/finding.js";
import { jwtFinding } from "../inspect/jwt.js";
import { type CommandStreams, printable, Terminal } from "../terminal.js";
import { UsageError } from "../usage-error.js";
import { type Arrival, bounded, decide } from "./decide.js";
import { explanationOf, shapeExplanation } from "./explanation.js";
import { notesOf } from "./notes.js";
import { elementAt, printTree, printVerdict } from "./report.js";
import { readStructure } from "./structure.js";
import { isUtf16, type Subject, subjectOf } from "./subject.js";
import { treeOf } from "./tree.js";

/** Options of `countersign explain`, as the command line gives them. */
export interface ExplainSettings {
  readonly config?: string | undefined;
  readonly at?: string | undefined;
  readonly header: readonly string[];
  /** False for a message that came over an unencrypted connection. */
  readonly tls: boolean;
  readonly peerCertificate?: string | undefined;
  readonly full?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Rows of the tree unless all are asked for. */
const shortTree = 60;

/**
 * `countersign explain`: shows a message, whether a guard with this configuration admits it, and if not, why.
 * @returns 0 where it is admitted, else 1
 * @throws UsageError, and ConfigurationError for options that `createGuard` does not take
 */
export async function explain(path: string, settings: ExplainSettings, streams: CommandStreams): Promise<0 | 1> {
  const at = momentOf(settings.at);
  const arrival = await arrivalOf(settings, streams);
  const options = settings.config === undefined ? undefined : await loadConfig(settings.config);
  const subject = subjectOf(await readInput(path, streams.stdin), settings.header.map(headerOf));
  const terminal = new Terminal(streams.stdout);

  const decision = options && (await decide(subject, options, arrival, at));
  const shown = shownBody(subject, options);
  const structure = shown && readStructure(shown, options);
  const explanation = decision
    ? explanationOf(decision, subject)
    : shapeExplanation(structure === undefined ? bareFault(subject) : structure.fault, subject);

  printHead(terminal, subject, settings);
  if (structure?.document !== undefined) {
    const notes = notesOf(structure, decision?.security);
    const tree = treeOf(structure.document, notes, settings.full === true ? Number.POSITIVE_INFINITY : shortTree);
    printTree(terminal, tree, elementAt(structure.document, tree, explanation));
  }
  const text = structure?.document?.bytes.toString("utf8") ?? textOf(shown ?? Buffer.alloc(0));
  printVerdict(terminal, explanation, text);
  if (settings.json === true) terminal.print(JSON.stringify(explanation));
  return explanation.verdict === "admitted" ? 0 : 1;
}

function momentOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const moment = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(moment)) throw new UsageError(`--at ${text} is no moment. Write it as 2026-11-22T10:00:00Z.`);
  return moment;
}

async function arrivalOf({ tls, peerCertificate }: ExplainSettings, { stdin }: CommandStreams): Promise<Arrival> {
  if (peerCertificate === undefined) return { encrypted: tls, peerCertificate: undefined };
  if (!tls) throw new UsageError("A TLS client certificate needs TLS: leave out --no-tls or --peer-certificate.");
  const { octets } = await readInput(peerCertificate, stdin);
  return { encrypted: true, peerCertificate: Certificate.load(octets, "--peer-certificate").der };
}

function headerOf(line: string): RequestHeaders[number] {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError(`--header ${JSON.stringify(line)} is no header. Write it as "Name: value".`);
  }
  return [name.toLowerCase(), value];
}

/** The body as a guard reads it; undefined where it is no message, or one above the limit. */
function shownBody({ body, headers }: Subject, options: GuardOptions | undefined): Buffer | undefined {
  const limit = options?.limits?.maxBody ?? defaultLimits.maxBody;
  if (body.length > limit || body.length === 0) return undefined;
  const zipped = headers.some(([name, value]) => name === "content-encoding" && value.trim().toLowerCase() === "gzip");
  try {
    const octets = zipped ? gunzipSync(body, { maxOutputLength: limit }) : body;
    return isUtf16(octets) || /^[\s\ufeff]*</.test(octets.toString("utf8", 0, 1_024)) ? octets : undefined;
  } catch {
    // The guard says why.
    return undefined;
  }
}

/** What is wrong with a request that holds no message to be shown, whoever is trusted. */
function bareFault({ body, headers }: Subject): CountersignError | undefined {
  try {
    bounded(body, defaultLimits.maxBody);
    for (const [name, value] of headers) if (name === "authorization") parseJwt(bearerToken(value) ?? "");
    return undefined;
  } catch (error) {
    if (!isCountersignError(error)) throw error;
    return error;
  }
}

const bearerToken = (value: string): string | undefined => /^bearer +(\S+)$/i.exec(value)?.[1];

const textOf = (octets: Buffer): string =>
  new TextDecoder(isUtf16(octets) ? (octets[0] === 0xfe ? "utf-16be" : "utf-16le") : "utf-8").decode(octets);

function printHead(terminal: Terminal, subject: Subject, { tls, at }: ExplainSettings): void {
  const { name, method, target, headers, http, body } = subject;
  const assumed = [
    ...(http ? [] : ["a POST of its own media type"]),
    tls ? "TLS" : "an unencrypted connection",
    ...(at === undefined ? [] : [`the time ${at}`]),
  ];
  terminal.print(
    terminal.style("bold", `${printable(name)}  ${printable(`${method} ${target}`)}, ${body.length} octets`),
  );
  for (const [header, value] of headers) terminal.print(`  ${printable(`${header}: ${shownHeader(header, value)}`)}`);
  for (const [header, value] of headers) if (header === "authorization") printBearer(terminal, value);
  terminal.print(terminal.style("dim", `  taken to come with ${assumed.join(", ")}`));
  terminal.print();
}

/** Header values that are credentials themselves. */
const credentials: ReadonlySet<string> = new Set(["authorization", "proxy-authorization", "cookie"]);

const shownHeader = (name: string, value: string): string =>
  credentials.has(name) ? `${/^\S+(?= )/.exec(value)?.[0] ?? ""} [hidden]`.trim() : value;

function printBearer(terminal: Terminal, value: string): void {
  const token = bearerToken(value);
  if (token === undefined) return;
  const { summary, fields, parts, problem } = findingOf("jwt", "JWT", () => jwtFinding(token));
  terminal.print(
    `    ${printable(problem === undefined ? `${summary}, ${String(fields.algorithm)}` : `${summary}: ${problem.reason}`)}`,
  );
  for (const [name, one] of Object.entries(parts?.[0]?.fields ?? {})) {
    terminal.print(`      ${printable(`${name}: ${String(one)}`)}`);
  }
}
