import type { FoundPeers } from "./find.js";
import { type Peer, PeerError, type PeerFiles } from "./peer.js";

/** Lets the just-in-time compilers of the Java peers see a message for some time, side by side: they need tens of thousands. */
export async function heatJava(peers: FoundPeers, files: PeerFiles, milliseconds: number): Promise<void> {
  const java = [peers.present.get("santuario"), peers.present.get("wss4j")];
  await Promise.all(java.map((peer) => peer && heat(peer, files, milliseconds)));
}

async function heat(peer: Peer, files: PeerFiles, milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  try {
    await peer.load("heat", files);
    while (performance.now() < end) await peer.run("heat", 50);
  } catch (error) {
    // A peer that cannot verify says so again in the rows.
    if (!(error instanceof PeerError)) throw error;
  }
}
