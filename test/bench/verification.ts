import { attempts } from "./attempts.js";
import type { VerificationCase } from "./cases.js";
import { floor } from "./floor.js";
import { createAdmit } from "./guard.js";
import { type Effort, Measurement, type Subject, subject } from "./measure.js";
import { createVerify, type Operation } from "./ours.js";
import { type FoundPeers, type PeerName, peerNames } from "./peers/find.js";
import { type Peer, PeerError } from "./peers/peer.js";
import { type Gate, noPeers, type Row, verdict } from "./rows.js";
import type { Prepared } from "./workspace.js";

/** Peers that must be slower than we are on every row. */
const mustBeSlower: readonly PeerName[] = ["xmlsec1", "wss4j"];
const titles: Readonly<Record<PeerName, string>> = {
  xmlCrypto: "xml-crypto",
  xmlsec1: "xmlsec1",
  santuario: "Santuario",
  wss4j: "WSS4J",
};

/** A guard to be timed on the message of a case. */
export interface GuardRow {
  readonly name: string;
  /** The guard takes at most this many times the engine's time. */
  readonly engine: number;
}

/** Times floor, ourselves and the peers on one message, and the guard where asked for. */
export async function verificationRows(
  item: VerificationCase,
  prepared: Prepared,
  peers: FoundPeers,
  effort: Effort,
  guard: GuardRow | undefined,
): Promise<readonly Row[]> {
  const verify = createVerify(prepared.setting);
  await expectRefusal("the engine", verify, prepared);
  const subjects = [
    subject("floor", floor(prepared.message)),
    subject("ours", () => verify(prepared.message.bytes)),
    ...(guard === undefined ? [] : [await guardSubject(prepared)]),
  ];
  const notes: string[] = [];
  for (const name of peerNames) {
    const reason = item.leaveOut?.[name];
    if (reason !== undefined) notes.push(`no ${titles[name]}: ${reason}`);
    const peer = reason === undefined ? peers.present.get(name) : undefined;
    if (peer !== undefined) subjects.push(await peerSubject(name, peer, item.name, prepared));
  }
  const measurement = new Measurement(subjects, effort);
  return attempts(measurement, () => [
    verificationRow(item, measurement, notes),
    ...(guard === undefined ? [] : [guardRow(guard, measurement)]),
  ]);
}

function verificationRow(item: VerificationCase, measurement: Measurement, notes: readonly string[]): Row {
  const ours = figure(measurement, "ours");
  const xFloor = ours / figure(measurement, "floor");
  const vs = (name: PeerName) => {
    const theirs = measurement.nanoseconds(name);
    return theirs === undefined ? null : theirs / ours;
  };
  const all = { xmlCrypto: vs("xmlCrypto"), xmlsec1: vs("xmlsec1"), santuario: vs("santuario"), wss4j: vs("wss4j") };
  const failures = peerNames.flatMap((name) => {
    const reason = measurement.failure(name);
    return reason === undefined ? [] : [`${titles[name]} fails: ${reason.slice(0, 160)}`];
  });
  return {
    case: item.name,
    nanoseconds: ours,
    xFloor,
    vs: all,
    ...verdict([...floorGate(item.gates.floor, xFloor), ...peerGates(item, all, measurement)]),
    notes: [...notes, ...failures],
  };
}

function guardRow(guard: GuardRow, measurement: Measurement): Row {
  const time = figure(measurement, "guard");
  const ratio = time / figure(measurement, "ours");
  return {
    case: guard.name,
    nanoseconds: time,
    xFloor: time / figure(measurement, "floor"),
    vs: noPeers,
    ...verdict([{ text: `at most ${guard.engine}x the engine (is ${ratio.toFixed(2)})`, pass: ratio <= guard.engine }]),
    notes: [],
  };
}

function figure(measurement: Measurement, name: string): number {
  const found = measurement.nanoseconds(name);
  if (found === undefined) throw new RangeError(`${name} fails: ${measurement.failure(name) ?? "no figure"}`);
  return found;
}

function floorGate(most: number | undefined, xFloor: number): readonly Gate[] {
  return most === undefined ? [] : [{ text: `at most ${most}x floor`, pass: xFloor <= most }];
}

/** An absent peer is no failure here: whether it may be absent is the run's business. One that is there must verify the message. */
function peerGates(item: VerificationCase, vs: Row["vs"], measurement: Measurement): readonly Gate[] {
  return peerNames.flatMap((name) => {
    const least = name === "xmlCrypto" || name === "xmlsec1" ? item.gates[name] : undefined;
    if (item.leaveOut?.[name] !== undefined || (least === undefined && !mustBeSlower.includes(name))) return [];
    const text = least === undefined ? `${titles[name]} slower` : `${titles[name]} at least ${least}x`;
    const ratio = vs[name];
    if (ratio === null) return [{ text, pass: measurement.failure(name) === undefined }];
    return [{ text, pass: least === undefined ? ratio > 1 : ratio >= least }];
  });
}

async function guardSubject(prepared: Prepared): Promise<Subject> {
  const admit = createAdmit(prepared.setting);
  await expectRefusal("the guard", admit, prepared);
  return subject("guard", () => admit(prepared.message.bytes));
}

async function peerSubject(name: PeerName, peer: Peer, item: string, prepared: Prepared): Promise<Subject> {
  const tampered = `${item} tampered`;
  try {
    await peer.load(item, prepared.files);
    await peer.load(tampered, { ...prepared.files, message: prepared.files.tampered });
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
  }
  await expectRefusal(titles[name], () => peer.run(tampered, 1), prepared);
  return { name, run: (count) => peer.run(item, count) };
}

/** A subject that accepts everything would be fast. */
async function expectRefusal(name: string, operation: Operation, prepared: Prepared): Promise<void> {
  try {
    await operation(prepared.tampered);
  } catch {
    return;
  }
  throw new RangeError(`${name} accepts a tampered message`);
}
