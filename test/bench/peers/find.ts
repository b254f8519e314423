import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Peer } from "./peer.js";

/** Columns of the comparison. */
export const peerNames = ["xmlCrypto", "xmlsec1", "santuario", "wss4j"] as const;
/** A column of the comparison. */
export type PeerName = (typeof peerNames)[number];

/** The peers of this machine, started; and why the others are absent. */
export interface FoundPeers {
  readonly present: ReadonlyMap<PeerName, Peer>;
  readonly absent: ReadonlyMap<PeerName, string>;
}

/** Builds what needs building (once: later runs find it) and starts every peer this machine has the means for. */
export function findPeers(progress: (text: string) => void): FoundPeers {
  const present = new Map<PeerName, Peer>();
  const absent = new Map<PeerName, string>();
  for (const name of peerNames) {
    try {
      present.set(name, start[name](progress));
    } catch (error) {
      absent.set(name, error instanceof AbsentError ? error.message : String(error));
    }
  }
  return { present, absent };
}

/** What a peer needs is not on this machine. */
class AbsentError extends Error {
  override readonly name = "AbsentError";
}

const start: Readonly<Record<PeerName, (progress: (text: string) => void) => Peer>> = {
  xmlCrypto: () => new Peer(process.execPath, [fileURLToPath(new URL("xml-crypto.js", import.meta.url))]),
  xmlsec1: (progress) => new Peer(buildXmlsec1(progress), []),
  santuario: (progress) => new Peer("java", [...buildJava(progress), "santuario"]),
  wss4j: (progress) => new Peer("java", [...buildJava(progress), "wss4j"]),
};

/** The sources lie beside the TypeScript ones, not beside this compiled file. */
function sources(folder: string): string {
  return fileURLToPath(new URL(`../../../bench/peers/${folder}`, import.meta.url));
}

function buildXmlsec1(progress: (text: string) => void): string {
  const source = join(sources("xmlsec1"), "verify.c");
  const program = join(sources("xmlsec1"), "build", "verify");
  if (newer(program, [source])) return program;
  const flags = attempt("no headers of libxmlsec1", "pkg-config", ["--cflags", "--libs", "xmlsec1", "libxml-2.0"]);
  progress("building the xmlsec1 peer");
  mkdirSync(join(sources("xmlsec1"), "build"), { recursive: true });
  const options = ["-O2", "-std=c11", "-D_GNU_SOURCE", "-o", program, source, ...flags.trim().split(/\s+/)];
  attempt("the C compiler failed or is missing", process.env.CC ?? "cc", options);
  return program;
}

/** Arguments of `java` up to the main class. */
function buildJava(progress: (text: string) => void): readonly string[] {
  const project = sources("java");
  const code = join(project, "src", "main", "java", "bench");
  const classes = join(project, "target", "classes");
  attempt("no java", "java", ["-version"]);
  const inputs = [join(project, "pom.xml"), ...readdirSync(code).map((file) => join(code, file))];
  if (!newer(join(classes, "bench", "Peer.class"), inputs)) {
    attempt("no mvn", "mvn", ["--version"]);
    progress("building the Java peers");
    attempt("mvn compile failed", "mvn", ["-q", "-B", "-f", join(project, "pom.xml"), "clean", "compile"]);
  }
  return ["-cp", [classes, join(project, "target", "lib", "*")].join(delimiter), "bench.Peer"];
}

function newer(product: string, inputs: readonly string[]): boolean {
  if (!existsSync(product)) return false;
  const built = statSync(product).mtimeMs;
  return inputs.every((input) => statSync(input).mtimeMs <= built);
}

function attempt(otherwise: string, command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch {
    throw new AbsentError(otherwise);
  }
}
