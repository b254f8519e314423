import { auditText } from "@countersign/core/inspect";

/** Where a command writes. */
export interface OutputStream {
  /** Writes text as it stands. */
  write(text: string): unknown;
  /** Whether a person is looking. */
  readonly isTTY?: boolean | undefined;
  /** Whether colours can be shown; Node's terminals answer by NO_COLOR, FORCE_COLOR and TERM. */
  hasColors?(): boolean;
}

/** What a command reads from and writes to; `process` is one. */
export interface CommandStreams {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

const styles = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

/** How a piece of output looks. */
export type Style = keyof typeof styles;

/** Standard output, line by line; styled only where a terminal shows colours. */
export class Terminal {
  readonly #stream: OutputStream;
  readonly #styled: boolean;

  constructor(stream: OutputStream) {
    this.#stream = stream;
    this.#styled = stream.isTTY === true && stream.hasColors?.() === true;
  }

  print(line = ""): void {
    this.#stream.write(`${line}\n`);
  }

  style(style: Style, text: string): string {
    const [on, off] = styles[style];
    return this.#styled ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  }
}

/** Text of a stranger, fit for a terminal: one line without control characters, of at most `length` characters. */
export function printable(text: string, length = 120): string {
  return auditText(text.length > length ? `${text.slice(0, length - 1)}…` : text);
}
