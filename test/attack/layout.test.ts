import { describe, expect, it } from "vitest";
import { libxml2Canonical } from "../support/libxml2.js";
import { type SoapMessage, soapPrefix } from "../support/messages.js";
import { namespaces } from "../support/namespaces.js";
import { renamed, rewritten } from "./support/layouts.js";
import { type Random, seeded } from "./support/random.js";
import {
  bearer,
  bearer11,
  direct,
  holderOfKey,
  holderOfKey11,
  type Scene,
  senderVouches,
  signedScenes,
} from "./support/scenes.js";

/*
 * The other side of mutation: a genuine message is admitted however it is written, and says the same. 300 ways, or 30,000
 * where COUNTERSIGN_LONG is set.
 */

const total = process.env.COUNTERSIGN_LONG ? 30_000 : 300;
const firstSeed = Number(process.env.COUNTERSIGN_SEED ?? 1);

const prologs = [
  "",
  "",
  "\ufeff",
  '<?xml version="1.0" encoding="UTF-8"?>',
  "<?xml version='1.0'?>\r\n",
  "<!-- c -->\n",
];
const epilogs = ["", "", "\n", "\r\n\t ", "<!-- c -->"];

/** The children of the Security header in any order. */
function anyOrder({ security }: SoapMessage, random: Random): readonly string[] {
  const left = [...security];
  return security.map(() => left.splice(random(left.length), 1)[0] ?? "");
}

async function admitAll(
  scene: Scene,
  count: number,
  write: (message: SoapMessage, random: Random) => string,
): Promise<void> {
  const { principal, claims } = await scene.route.admits(scene.genuine());
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const random = seeded(seed);
    const securityOrder = anyOrder(scene.genuine(), random);
    const message = scene.genuine({ securityOrder, securityFirst: random(2) === 0 });
    const written = rewritten(write(message, random), random);
    const text = random.pick(prologs) + written + random.pick(epilogs);
    const wide = random(10) === 0;
    const body = wide ? Buffer.from(`\ufeff${written}`, "utf16le") : Buffer.from(text);
    const type = message.soap === "1.1" ? "text/xml" : "application/soap+xml";
    const headers = { "content-type": wide ? `${type}; charset=utf-16` : `${type}; charset=UTF-8` };
    const { decision, record } = await scene.route.send({ soap: message.soap, body, headers });
    const story = `seed ${seed}: ${record?.error?.reason}\n${text}`;
    expect(decision.kind, story).toBe("admitted");
    if (decision.kind !== "admitted") return;
    const { security } = decision;
    expect(security.principal, story).toEqual(principal);
    expect([...security.claims], story).toEqual([...claims]);
    const soap = soapPrefix(message.soap);
    const at = { xpath: `/${soap}:Envelope/${soap}:Body`, namespaces };
    const { protection } = security.message?.body ?? { protection: undefined };
    const expected =
      protection?.by === "signature"
        ? libxml2Canonical(written, formOf(message), at)
        : libxml2Canonical(written, { method: "inclusive" }, at);
    expect(Buffer.from(security.message?.body.bytes ?? []).toString(), story).toBe(expected);
  }
}

function formOf({ signatures }: SoapMessage) {
  const list = /PrefixList="([^"]*)"/.exec(signatures.at(-1)?.signedInfo.toString() ?? "")?.[1];
  return { method: "exclusive", inclusivePrefixes: list?.split(" ") ?? [] } as const;
}

const every = [...signedScenes, bearer, bearer11];
const again = [direct, holderOfKey, senderVouches, holderOfKey11];
const share = Math.ceil(total / (every.length + again.length));

describe("genuine messages", () => {
  it.each(every)(
    "accepts every way to write $title",
    (scene) => admitAll(scene, share, ({ text }) => text),
    total * 100,
  );

  it.each(again)(
    "accepts every choice of prefixes in $title",
    (scene) =>
      admitAll(scene, share, ({ text, signatures }, random) => {
        const record = signatures.at(-1);
        if (record === undefined) throw new TypeError("the message is not signed");
        return renamed(text, record, random);
      }),
    total * 100,
  );
});
