import type { GuardOptions } from "@countersign/core";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import type { SoapMessage } from "../support/messages.js";
import { attack } from "./attack.js";
import { passwordScenes } from "./support/accounts.js";
import { StillClock } from "./support/clock.js";
import { replaced } from "./support/edit.js";
import { messageSignature, resigned } from "./support/resign.js";
import { against, direct, holderOfKey, type Scene, senderVouches, signedScenes } from "./support/scenes.js";
import type { Sent } from "./support/sent.js";

/*
 * When a message was made, by what it says itself. All Timestamps here are under a right signature: these are messages of
 * careless or broken senders, or of those who would like their messages to live for ever.
 */

const { signer } = credentials();
const clock = new StillClock();
/** A scene whose guard has our clock, and whose messages are made by it. */
const timed = (scene: Scene, options: Partial<GuardOptions> = {}): Scene => ({
  ...scene,
  route: scene.route.with({ clock, ...options }),
  genuine: (more) => scene.genuine({ now: clock.at(0), ...more }),
});

/** The message with another Timestamp, signed again. */
const stamped = (message: SoapMessage, content: string): Sent => ({
  soap: message.soap,
  body: resigned(replaced(message.text, /(?<=<wsu:Timestamp [^>]*>)[\s\S]*(?=<\/wsu:Timestamp>)/, content), {
    signer,
    digests: "sha256",
  }),
});
const created = (text: string) => `<wsu:Created>${text}</wsu:Created>`;
const expires = (text: string) => `<wsu:Expires>${text}</wsu:Expires>`;
const iso = (seconds: number) => clock.at(seconds).toISOString();
const sent = ({ soap, bytes }: SoapMessage): Sent => ({ soap, body: bytes });

/** Scenes whose message signature is the requestor's RSA key, so that it can be made again. */
const resignable = [direct, holderOfKey, senderVouches].map((scene) => timed(scene));

for (const scene of signedScenes.map((each) => timed(each))) {
  const { route, genuine } = scene;
  describe(scene.title, () => {
    attack("I2", "Created 61 s ahead", async () => {
      await route.admits(genuine({ now: clock.at(60) }));
      return route.refuses(sent(genuine({ now: clock.at(61) })));
    });
    attack("I3", "a millisecond outside each edge", async (expect) => {
      const outcomes = async (seconds: number, lifetimeSeconds: number) =>
        (await route.send(sent(genuine({ now: clock.at(seconds), lifetimeSeconds })))).verdict;
      expect([await outcomes(60, 300), await outcomes(60.001, 300)]).toEqual(["accepted", "ME"]);
      expect([await outcomes(-360, 3600), await outcomes(-360.001, 3600)]).toEqual(["accepted", "ME"]);
      expect([await outcomes(-100, 40), await outcomes(-100.001, 40)]).toEqual(["accepted", "ME"]);
      return outcomes(60.001, 300);
    });
    attack("I5", "Expires in ten years, presented later", async (expect) => {
      const decade = genuine({ lifetimeSeconds: 315_360_000 });
      await route.admits(decade);
      const later = new StillClock();
      later.pass((clock.now() - later.now()) / 1000);
      const there = scene.route.with({ clock: later });
      later.pass(360);
      expect((await there.send(sent(decade))).verdict).toBe("accepted");
      later.pass(1);
      return there.refuses(sent(decade));
    });
  });
}

for (const scene of resignable) {
  const { route, genuine } = scene;
  const says = (content: string) => against(scene, (message) => stamped(message, content));
  describe(scene.title, () => {
    attack(
      "I1",
      "no Timestamp, and none signed",
      against(scene, (message) => {
        const bare = replaced(message.text, /<wsu:Timestamp [\s\S]*<\/wsu:Timestamp>/, "");
        const unreferenced = messageSignature(bare, (text) =>
          replaced(text, /<ds:Reference URI="#TS-1">[\s\S]*?<\/ds:Reference>/, ""),
        );
        return { soap: message.soap, body: resigned(unreferenced, { signer }) };
      }),
    );
    attack("I1", "a Timestamp without Created", says(expires(iso(300))));
    attack("I1", "an empty Timestamp", says(""));
    attack("I4", "no Expires where the route demands one", async (expect) => {
      const strict = route.with({ timestamp: { requireExpires: true } });
      const message = genuine();
      await strict.admits(message);
      const open = stamped(message, created(iso(0)));
      expect((await route.send(open)).verdict).toBe("accepted");
      return strict.refuses(open);
    });
    attack("I5", "Expires before Created", says(created(iso(0)) + expires(iso(-1))));
    attack("I5", "Expires that passed", says(created(iso(-200)) + expires(iso(-61))));
    for (const [title, text] of [
      ["ten fraction digits", iso(0).replace(/\.\d+/, ".1234567890")],
      ["digits of Thailand", iso(0).replace(/^\d+/, "๒๕๖๙")],
      ["a point without digits", iso(0).replace(/\.\d+/, ".")],
      ["a name of a month", clock.at(0).toUTCString()],
      ["no zone", iso(0).slice(0, -1)],
      ["another zone", iso(0).replace("Z", "+01:00")],
      ["another calendar's name", `${iso(0)}[u-ca=buddhist]`],
      ["a week", "2026-W47-7T10:00:00Z"],
      ["no time", "never"],
      ["nothing", ""],
    ] as const) {
      attack("I6", `Created with ${title}`, says(created(text) + expires(iso(300))));
      attack("I6", `Expires with ${title}`, says(created(iso(0)) + expires(text)));
    }
    attack("I6", "a year of another calendar lies ahead, while 0 to 9 digits and +00:00 are good", async (expect) => {
      const message = genuine();
      for (const end of ["Z", ".1Z", ".123456Z", ".123456789Z", "+00:00", "-00:00"]) {
        const text = iso(0).replace(/\.\d+Z$/, end);
        expect([end, (await route.send(stamped(message, created(text) + expires(iso(300))))).verdict]).toEqual([
          end,
          "accepted",
        ]);
      }
      const buddhist = iso(0).replace(/^\d+/, (year) => String(Number(year) + 543));
      expect(await route.refuses(stamped(message, created(buddhist)))).toBe("ME");
      return route.refuses(stamped(message, created(iso(0).replace(/\.\d+Z$/, ".0000000000Z"))));
    });
    for (const second of ["60", "60.5", "61", "99"]) {
      attack("I18", `second ${second}`, says(created(iso(0)) + expires(`2026-12-31T23:59:${second}Z`)));
      attack("I18", `second ${second} in Created`, says(created(`2026-12-31T23:59:${second}Z`)));
    }
  });
}

describe("the Created of a password digest", () => {
  const { digest } = passwordScenes();
  const route = digest.route.with({ clock });
  attack("I2", "61 s ahead", async () => {
    await route.admits(digest.genuine({ now: clock.at(0), created: clock.at(60) }));
    return route.refuses(sent(digest.genuine({ now: clock.at(0), created: clock.at(61) })));
  });
  attack("I3", "a millisecond outside each edge", async (expect) => {
    const outcome = async (seconds: number) =>
      (await route.send(sent(digest.genuine({ now: clock.at(0), created: clock.at(seconds) })))).verdict;
    expect([await outcome(60), await outcome(-360)]).toEqual(["accepted", "accepted"]);
    expect(await outcome(60.001)).toBe("ME");
    return outcome(-360.001);
  });
  attack("I6", "hashed as it is written, and not written as a time", async (expect) => {
    // Where senders write microseconds or +00:00, the digest is over that text.
    const respelled = (text: string) => sent(digest.genuine({ now: clock.at(0), createdText: text }));
    for (const end of ["Z", ".123456Z", "+00:00"]) {
      const text = iso(0).replace(/\.\d+Z$/, end);
      expect([end, (await route.send(respelled(text))).verdict]).toEqual([end, "accepted"]);
    }
    return route.refuses(respelled(iso(0).replace(/\.\d+Z$/, ".1234567890Z")));
  });
});
