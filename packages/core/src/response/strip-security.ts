import { actorOf, forEachBlock, isForUs, soap11Next, soap12Next, type UnverifiedEnvelope } from "../soap/index.js";
import { wsse } from "../wss/index.js";

/**
 * The octets of an envelope without the Security headers that the service could take for headers of the agent: those for one
 * of these actors, and those for whoever is next. All others stay where they are.
 * @param actors undefined stands for the ultimate receiver
 * @returns undefined where there are none
 */
export function withoutSecurity(
  envelope: UnverifiedEnvelope,
  actors: readonly (string | undefined)[],
): Buffer | undefined {
  const { document } = envelope;
  const pieces: Uint8Array[] = [];
  let from = document.start(0);
  forEachBlock(envelope, (block) => {
    if (document.name(block) !== wsse.Security) return;
    const named = actorOf(envelope, block);
    const next = named === soap11Next || named === soap12Next;
    if (!next && !actors.some((actor) => isForUs(named, actor))) return;
    pieces.push(document.bytes.subarray(from, document.start(block)));
    from = document.end(block);
  });
  if (pieces.length === 0) return undefined;
  pieces.push(document.bytes.subarray(from, document.end(0)));
  return Buffer.concat(pieces);
}
