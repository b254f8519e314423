import type { PeerName } from "./peers/find.js";

/** One line of the result; `--json` prints an array of them. */
export interface Row {
  readonly case: string;
  /** Our time of one operation; null where the row measures something else. */
  readonly nanoseconds: number | null;
  /** Our time over the floor's; null where there is no floor. */
  readonly xFloor: number | null;
  /** Their time over ours; null where the peer is absent, fails or was left out. */
  readonly vs: Readonly<Record<PeerName, number | null>>;
  /** What must hold, in words; "reported" where nothing must. */
  readonly gate: string;
  readonly pass: boolean;
  /** The figure of a row that is not about floor and peers, with its unit. */
  readonly figure?: { readonly value: number; readonly unit: string };
  /** Why figures are missing. */
  readonly notes: readonly string[];
}

/** The comparison of a row that no peer takes part in. */
export const noPeers: Row["vs"] = { xmlCrypto: null, xmlsec1: null, santuario: null, wss4j: null };

/** Something a row must fulfil. */
export interface Gate {
  readonly text: string;
  readonly pass: boolean;
}

/** A row about one figure of ours alone. */
export function figureRow(name: string, figure: { value: number; unit: string }, gates: readonly Gate[]): Row {
  return {
    case: name,
    nanoseconds: null,
    xFloor: null,
    vs: noPeers,
    ...verdict(gates),
    figure,
    notes: [],
  };
}

/** A row whose figures could not be had at all. */
export function failedRow(name: string, reason: string): Row {
  return { ...figureRow(name, { value: Number.NaN, unit: "" }, [{ text: "must run", pass: false }]), notes: [reason] };
}

/** The gates of a row as text and one verdict. */
export function verdict(gates: readonly Gate[]): { readonly gate: string; readonly pass: boolean } {
  if (gates.length === 0) return { gate: "reported", pass: true };
  return { gate: gates.map(({ text }) => text).join("; "), pass: gates.every(({ pass }) => pass) };
}

/** The table a person reads. */
export function table(rows: readonly Row[]): string {
  const head = ["case", "ours", "x floor", "xml-crypto", "xmlsec1", "Santuario", "WSS4J", "pass", "gate"];
  const lines = [head, ...rows.map(cells)];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const last = head.length - 1;
  const print = (line: readonly string[]) =>
    line
      .map((cell, i) =>
        i === 0 || i >= last - 1 ? cell.padEnd(i === last ? 0 : (widths[i] ?? 0)) : cell.padStart(widths[i] ?? 0),
      )
      .join("  ");
  const notes = rows.flatMap((row) => row.notes.map((note) => `${row.case}: ${note}`));
  return [...lines.map(print), ...(notes.length > 0 ? ["", ...notes] : [])].join("\n");
}

function cells(row: Row): readonly string[] {
  const times = (value: number | null) => (value === null ? "-" : `${round(value)}x`);
  return [
    row.case,
    row.figure ? `${round(row.figure.value)} ${row.figure.unit}` : duration(row.nanoseconds),
    times(row.xFloor),
    times(row.vs.xmlCrypto),
    times(row.vs.xmlsec1),
    times(row.vs.santuario),
    times(row.vs.wss4j),
    row.pass ? "yes" : "NO",
    row.gate,
  ];
}

function duration(nanoseconds: number | null): string {
  if (nanoseconds === null) return "-";
  if (nanoseconds < 1e6) return `${(nanoseconds / 1e3).toFixed(1)} us`;
  return `${(nanoseconds / 1e6).toFixed(2)} ms`;
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
