import { gzipSync } from "node:zlib";
import { InMemoryReplayCache, usernameToken } from "@countersign/core";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { write } from "../support/markup.js";
import { holderOfKeyMessage, type SoapMessage, x509Message } from "../support/messages.js";
import { thumbprintReference } from "../support/security-header.js";
import { attack } from "./attack.js";
import { passwordScenes } from "./support/accounts.js";
import { wireForm } from "./support/answers.js";
import { StillClock } from "./support/clock.js";
import { changed, part, rebuilt, replaced, wrapped } from "./support/edit.js";
import { withSignatureValue } from "./support/resign.js";
import { direct, holderOfKey, type Scene, signedScenes } from "./support/scenes.js";
import type { Sent } from "./support/sent.js";

/*
 * One message is worth one acceptance, in whatever octets, at whatever node, at whatever time of its life.
 */

const { signer, issuer, elliptic } = credentials();
const { digest } = passwordScenes();
const sent = ({ soap, bytes }: SoapMessage): Sent => ({ soap, body: bytes });
const remembering = ({ route }: Scene, replay = new InMemoryReplayCache()) => route.with({ replay });

/** A message is admitted, and what was made of it is refused; alone it would have been as good as the first. */
const again = (scene: Scene, change: (message: SoapMessage) => Sent) => async () => {
  const message = scene.genuine();
  const alone = await remembering(scene).send(change(message));
  if (alone.verdict !== "accepted") throw new TypeError(`refused for another reason: ${alone.record?.error?.reason}`);
  const route = remembering(scene);
  await route.admits(message);
  return route.refuses(change(message));
};

for (const scene of [...signedScenes, digest]) {
  describe(scene.title, () => {
    attack("I7", "the same octets", again(scene, sent));
    attack("I7", "the same octets, fifty times at once", async (expect) => {
      const route = remembering(scene);
      const message = scene.genuine();
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => route.send(sent(message))));
      const refused = outcomes.filter(({ verdict }) => verdict !== "accepted");
      expect([refused.length, new Set(refused.map(({ decision }) => wireForm(decision))).size]).toEqual([49, 1]);
      return refused[0]?.verdict ?? "accepted";
    });
    attack(
      "I8",
      "line ends between the parts of the Security header",
      again(scene, (message) => {
        const { body, soap } = sent(message);
        return { soap, body: replaced(body.toString(), "</wsse:Security>", "\r\n\t</wsse:Security>\n") };
      }),
    );
    attack(
      "I8",
      "an XML declaration, a comment, a byte order mark",
      again(scene, (message) => ({
        soap: message.soap,
        body: `\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<!-- x -->${message.text}<!-- y -->`,
      })),
    );
    attack(
      "I8",
      "another header block",
      again(scene, (message) =>
        rebuilt(message, { parts: { more: wrapped("") }, header: ["more", ...message.header] }),
      ),
    );
    attack(
      "I8",
      "gzip",
      again(scene, (message) => ({
        soap: message.soap,
        body: gzipSync(message.bytes),
        headers: { "content-encoding": "gzip" },
      })),
    );
    attack("I9", "at a second node that shares the store", async (expect) => {
      const replay = new InMemoryReplayCache();
      const [first, second] = [remembering(scene, replay), remembering(scene, replay)];
      const message = scene.genuine();
      await first.admits(message);
      const third = remembering(scene);
      expect((await third.send(sent(message))).verdict).toBe("accepted");
      return second.refuses(sent(message));
    });
    attack("I9", "at two nodes at once", async (expect) => {
      const replay = new InMemoryReplayCache();
      const nodes = [remembering(scene, replay), remembering(scene, replay)];
      const message = scene.genuine();
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) => (nodes[index % 2] as Scene["route"]).send(sent(message))),
      );
      const refused = outcomes.filter(({ verdict }) => verdict !== "accepted");
      expect(refused.length).toBe(19);
      return refused[0]?.verdict ?? "accepted";
    });
    attack("I11", "at the last moment of its life, long after it was sent", async (expect) => {
      // The assertions of these messages live for half an hour, everything else as long as the route lets it.
      const life = scene.title.startsWith("SAML") ? 1800 : 7200;
      const clock = new StillClock();
      let ticks = 0;
      const replay = new InMemoryReplayCache({ clock, monotonic: () => ticks });
      const accept = [usernameToken({ secret: digest.accounts.secret, over: "transport", maxAgeSeconds: life })];
      const longLived = scene.route.with({ clock, replay, timestamp: { maxAgeSeconds: life } });
      const route = scene === digest ? longLived.with({ accept }) : longLived;
      const message = scene.genuine({ now: clock.at(0), lifetimeSeconds: life });
      await route.admits(message);
      for (const seconds of [life / 2, life / 2 + 59]) {
        clock.pass(seconds);
        ticks += seconds * 1000;
        // Another message comes in between, and lets the store forget what is over.
        await route.admits(scene.genuine({ now: clock.at(0) }));
        expect(await route.refuses(sent(message))).toBe("IS");
      }
      clock.pass(2);
      expect(await route.refuses(sent(message))).toBe("ME");
      return "IS" as const;
    });
    attack("I17", "after the clock was set back", async (expect) => {
      const clock = new StillClock();
      let ticks = 0;
      const replay = new InMemoryReplayCache({ clock, monotonic: () => ticks });
      const route = scene.route.with({ clock, replay });
      const message = scene.genuine({ now: clock.at(0) });
      await route.admits(message);
      clock.pass(500);
      ticks += 500_000;
      expect(await route.refuses(sent(message))).toBe("ME");
      await route.admits(scene.genuine({ now: clock.at(0) }));
      clock.pass(-500);
      return route.refuses(sent(message));
    });
  });
}

describe("the same message in other octets", () => {
  attack("I8", "an ECDSA signature with n - s for s", async (expect) => {
    const scene: Scene = {
      ...direct,
      route: direct.route.with({ trust: { certificates: [elliptic.certificate] } }),
      genuine: (more) => x509Message({ signer: elliptic, algorithm: "ecdsa-sha256", ...more }),
    };
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const other = (message: SoapMessage): Sent => {
      const value = message.signatures[0]?.value ?? Buffer.alloc(64);
      const s = order - BigInt(`0x${value.subarray(32).toString("hex")}`);
      return {
        soap: message.soap,
        body: withSignatureValue(
          message.text,
          Buffer.concat([value.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, "0"), "hex")]),
        ),
      };
    };
    expect(other(scene.genuine()).body).not.toBe(scene.genuine().text);
    return again(scene, other)();
  });
  attack(
    "I8",
    "white space in the SignatureValue",
    again(direct, (message) =>
      changed(message, "signature", (signature) =>
        replaced(signature, /(?<=<ds:SignatureValue>)[^<]*/, (value) => `\n${value.match(/.{1,64}/g)?.join("\n")}\n`),
      ),
    ),
  );
  attack(
    "I8",
    "another spelling of SignedInfo",
    again(direct, (message) =>
      changed(message, "signature", (signature) =>
        replaced(signature, /<ds:Reference URI="#Body-1">/, "<ds:Reference\n  URI='#Body-1'  >"),
      ),
    ),
  );
  attack(
    "I8",
    "the certificate by its thumbprint",
    again(direct, (message) =>
      rebuilt(message, {
        parts: {
          signature: replaced(
            part(message, "signature"),
            /<wsse:SecurityTokenReference[\s\S]*<\/wsse:SecurityTokenReference>/,
            write(thumbprintReference(signer.certificate), new Set(["wsse", "wsu"])),
          ),
        },
        security: ["timestamp", "signature"],
      }),
    ),
  );
  attack(
    "I8",
    "parts of the Security header in another order",
    again(direct, (message) => rebuilt(message, { security: ["signature", "timestamp", "token"] })),
  );
  attack(
    "I8",
    "another Id of the Signature",
    again(direct, (message) =>
      changed(message, "signature", (signature) => replaced(signature, 'Id="SIG-1"', 'Id="SIG-2"')),
    ),
  );
  attack(
    "I8",
    "another genuine assertion for the same key",
    again(holderOfKey, (message) =>
      rebuilt(message, {
        parts: {
          assertion: part(
            holderOfKeyMessage({ signer, assertion: { issuedBy: issuer, attributes: { role: ["other"] } } }),
            "assertion",
          ),
        },
      }),
    ),
  );
  attack(
    "I8",
    "UTF-16",
    again(direct, ({ text, soap }) => ({
      soap,
      body: Buffer.from(`\ufeff${text}`, "utf16le"),
      headers: { "content-type": "text/xml; charset=utf-16" },
    })),
  );
});
