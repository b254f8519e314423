import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { createInterface, type Interface } from "node:readline";

/** Names and values of one command or answer; see `Fields.java`. */
export type Fields = Readonly<Record<string, string>>;

const project = resolve(import.meta.dirname, "../java");

/**
 * Apache CXF with WSS4J in one Java process. It takes commands on standard input, one a line, and answers each with one line.
 * Messages themselves go over TLS on the loopback interface.
 */
export class CxfPeer {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;
  #last: Promise<unknown> = Promise.resolve();
  #complaints = "";

  /** @param keys Folder with the keys that both sides know: see `Keys.java`. */
  constructor(keys: string) {
    const path = [join(project, "target/classes"), join(project, "target/lib/*")].join(delimiter);
    const options = ["-XX:+UseSerialGC", `-Djava.io.tmpdir=${keys}`, "-cp", path, "interop.Peer", keys];
    this.#child = spawn("java", options, { stdio: ["pipe", "pipe", "pipe"] });
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new TypeError("the peer has no output");
    stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-4000);
    });
    this.#lines = createInterface({ input: stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  /** Publishes the order service with its demands; the answer is its address. */
  async serve(demands: Fields): Promise<string> {
    const { url, refused } = await this.#command({ command: "serve", ...demands });
    if (url === undefined) throw new Error(`CXF does not serve: ${refused}`);
    return url;
  }

  /** Places an order; the answer holds `orderedBy` and `item`, or says in `refused` why there is no receipt. */
  call(order: Fields): Promise<Fields> {
    return this.#command({ command: "call", ...order });
  }

  close(): void {
    this.#child.stdin?.end();
    this.#lines.close();
    this.#child.kill();
  }

  #command(fields: Fields): Promise<Fields> {
    const answer = this.#last.then(async () => {
      const line = Object.entries(fields).map((field) => field.map(encodeURIComponent).join("="));
      this.#child.stdin?.write(`${line.join("\t")}\n`);
      const { value, done } = await this.#answers.next();
      if (done) throw new Error(`the Java process ended: ${this.#complaints}`);
      return Object.fromEntries(String(value).split("\t").map(decodeField));
    });
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}

function decodeField(field: string): [string, string] {
  const [name = "", value = ""] = field.split("=").map((text) => decodeURIComponent(text.replaceAll("+", " ")));
  return [name, value];
}

/** Compiles the Java side where its sources are newer than its classes; only the first time Maven has to fetch anything. */
export function buildPeer(): void {
  const sources = join(project, "src/main/java/interop");
  const inputs = [join(project, "pom.xml"), ...readdirSync(sources).map((file) => join(sources, file))];
  const product = join(project, "target/classes/interop/Peer.class");
  const built = existsSync(product) ? statSync(product).mtimeMs : 0;
  if (inputs.every((input) => statSync(input).mtimeMs <= built)) return;
  execFileSync("mvn", ["-q", "-B", "-f", join(project, "pom.xml"), "clean", "compile"], { stdio: "pipe" });
}
