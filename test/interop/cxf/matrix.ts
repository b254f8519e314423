import type { HttpTransport } from "@countersign/client";
import type { Alternative, ConversationOptions, ReplyOptions, TrustOptions, VerifiedMessage } from "@countersign/core";
import type { Tampering } from "../../support/tampering.js";
import type { SharedKeys } from "./keys.js";
import type { Fields } from "./peer.js";

/** Why a cell cannot be: which side lacks what. */
export interface NotApplicable {
  readonly reason: string;
}

/** An order on its way to a service of CXF. */
export interface OutgoingOrder {
  readonly url: string;
  /** Of the order service; the same in every message. */
  readonly action: string;
  readonly envelope: string;
  readonly transport: HttpTransport;
}

/** CXF sends a message of this kind to our guard. */
export interface Theirs {
  /** WSS4J's settings as `out.*`, and what else the Java side wants to know. */
  readonly fields: Fields;
  /** What the guard accepts. */
  readonly accept: Alternative;
  /** How contexts are established with the guard. */
  readonly conversation?: ConversationOptions;
  readonly trust?: TrustOptions;
  /** What the guard does to its replies besides signing them. */
  readonly reply?: ReplyOptions;
  /** Header blocks that the handler understands. */
  readonly understands?: readonly string[];
  /** The code of the refusal that the audit gives where the message was changed. */
  readonly refusal: string;
  /** What CXF says of a reply that was changed. Default: that its signature does not hold. */
  readonly replyRefusal?: string;
}

/** We send a message of this kind to CXF. */
export interface Ours {
  /** Secures and sends; the answer is what of the reply is verified. */
  send(order: OutgoingOrder): Promise<VerifiedMessage | undefined>;
  /** What the service of CXF demands: WSS4J's settings as `in.*`, and what else the Java side wants to know. */
  readonly fields: Fields;
  /** What CXF's fault says where the message was changed. */
  readonly refusal: string;
}

/** Whether CXF follows a policy, which says what is demanded of messages in both directions. */
export const followsPolicy = ({ fields }: Theirs | Ours): boolean => "conversation" in fields;

/** A kind of message. */
export interface Row {
  readonly name: string;
  /** Who the requestor is. */
  readonly principal: string;
  readonly theirs: Theirs | NotApplicable;
  readonly ours: Ours | NotApplicable;
  /** The change after which nobody accepts the message. */
  readonly tampering: Tampering;
  /** The change after which nobody accepts the reply. Default: to who ordered. */
  readonly replyTampering?: Tampering;
}

/** The rows, with the keys of this run. */
export type Rows = (keys: SharedKeys) => readonly Row[];

export const soapVersions = ["1.1", "1.2"] as const;
export type SoapVersion = (typeof soapVersions)[number];

const namespaces: Readonly<Record<SoapVersion, string>> = {
  "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
  "1.2": "http://www.w3.org/2003/05/soap-envelope",
};

/** An envelope without Security header. */
export const envelopeOf = (version: SoapVersion, body: string, header = ""): string =>
  `<soap:Envelope xmlns:soap="${namespaces[version]}">${header && `<soap:Header>${header}</soap:Header>`}` +
  `<soap:Body>${body}</soap:Body></soap:Envelope>`;

export const isApplicable = <T extends object>(side: T | NotApplicable): side is T => !("reason" in side);

/** The outcome of every cell, as a table with its reasons below. */
export class MatrixTable {
  readonly #columns: readonly string[];
  readonly #rows = new Map<string, Map<string, string>>();
  readonly #reasons: string[] = [];

  constructor(rows: readonly string[], columns: readonly string[]) {
    for (const row of rows) this.#rows.set(row, new Map());
    this.#columns = columns;
  }

  /** A cell that is tested: it fails until everything about it has passed. */
  expect(row: string, column: string): void {
    this.#rows.get(row)?.set(column, "fail");
  }

  pass(row: string, column: string): void {
    this.#rows.get(row)?.set(column, "pass");
  }

  notApplicable(row: string, columns: readonly string[], reason: string): void {
    const known = this.#reasons.indexOf(reason);
    const number = known === -1 ? this.#reasons.push(reason) : known + 1;
    for (const column of columns) this.#rows.get(row)?.set(column, `n/a ${number}`);
  }

  toString(): string {
    const lines = [["", ...this.#columns]];
    for (const [row, cells] of this.#rows)
      lines.push([row, ...this.#columns.map((column) => cells.get(column) ?? "?")]);
    const widths = ["", ...this.#columns].map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
    const text = lines.map((line) =>
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    );
    return [...text, ...this.#reasons.map((reason, index) => `n/a ${index + 1}: ${reason}`)].join("\n");
  }
}
