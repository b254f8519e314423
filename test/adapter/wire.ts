import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** One answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A bare connection: sends octets as they are, and reads whatever comes. */
export class Wire {
  readonly socket: Socket;
  received = "";
  #closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.received += text;
    });
    socket.on("close", () => {
      this.#closed = true;
    });
    // A reset is what some cases are about; the tests look at `closed`.
    socket.on("error", () => undefined);
  }

  static async open(port: number): Promise<Wire> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new Wire(socket);
  }

  get closed(): boolean {
    return this.#closed;
  }

  send(...parts: readonly (string | Uint8Array)[]): void {
    for (const part of parts) this.socket.write(part);
  }

  /** Waits until `done`, at most two seconds; then goes on either way. */
  async until(done: () => boolean, milliseconds = 2_000): Promise<void> {
    const end = Date.now() + milliseconds;
    while (!done() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** Waits for a number of whole answers. */
  async answers(count: number): Promise<WireAnswer[]> {
    await this.until(() => parse(this.received).length >= count || this.#closed);
    return parse(this.received);
  }

  async answer(): Promise<WireAnswer> {
    const [answer] = await this.answers(1);
    if (!answer) throw new TypeError(`no answer came, only: ${this.received}`);
    return answer;
  }

  close(): void {
    this.socket.destroy();
  }
}

/** A request as text: `lines` are header lines. */
export const requestText = (method: string, path: string, lines: readonly string[] = [], body = ""): string => {
  const framing = body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body, "latin1")}`];
  return [`${method} ${path} HTTP/1.1`, "Host: localhost", ...lines, ...framing, "", body].join("\r\n");
};

/** Whole answers with a Content-Length, chunked, or without a body. */
function parse(text: string): WireAnswer[] {
  const answers: WireAnswer[] = [];
  let rest = text;
  for (;;) {
    const end = rest.indexOf("\r\n\r\n");
    if (end === -1) return answers;
    const [first = "", ...lines] = rest.slice(0, end).split("\r\n");
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const colon = line.indexOf(":");
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    const status = Number(first.split(" ")[1]);
    rest = rest.slice(end + 4);
    if (status === 100) continue;
    const chunked = headers["transfer-encoding"] === "chunked";
    const length = chunked ? rest.indexOf("0\r\n\r\n") + 5 : Number(headers["content-length"] ?? 0);
    if (rest.length < length || (chunked && length < 5)) return answers;
    answers.push({ status, headers, body: rest.slice(0, length) });
    rest = rest.slice(length);
  }
}
