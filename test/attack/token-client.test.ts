import { isCountersignError } from "@countersign/core";
import { describe } from "vitest";
import { brokerKey, estate, ordersUrl, strangerKey, stsUrl } from "../trust/estate.js";
import { attack } from "./attack.js";
import type { AttackVerdict } from "./catalogue.js";

/*
 * What a client takes for the answer of its broker, and for how long.
 */

const target = { appliesTo: ordersUrl };
type Estate = ReturnType<typeof estate>;

async function outcome(pending: Promise<unknown>): Promise<AttackVerdict> {
  try {
    await pending;
    return "accepted";
  } catch (error) {
    if (!isCountersignError(error)) throw error;
    return String(error.status) as AttackVerdict;
  }
}

/** A case: an answer changed on its way is refused and not kept; the same answer unchanged is taken. */
const tampered =
  (change: (body: string) => string, made: () => Estate = unsigned) =>
  async (expect: (value: unknown) => { toEqual(expected: unknown): void }) => {
    const { client, transport } = made();
    let changes = 0;
    transport.tamper = (body) => {
      const after = change(body);
      if (after !== body) changes++;
      return after;
    };
    const verdict = await outcome(client.obtainToken(target));
    transport.tamper = undefined;
    expect([changes, await outcome(client.obtainToken(target)), transport.sent.length]).toEqual([1, "accepted", 2]);
    return verdict;
  };

/** Nothing but the check in question stands between: the broker does not sign its answers. */
const unsigned = () => estate({ broker: { url: stsUrl } }, { broker: { signReplies: false } });

describe("another exchange's answer", () => {
  attack(
    "J1",
    "another Context",
    tampered((body) => body.replace(/ Context="[^"]*"/, ' Context="urn:uuid:other"')),
  );
  attack(
    "J1",
    "no Context",
    tampered((body) => body.replace(/ Context="[^"]*"/, "")),
  );
  attack(
    "J1",
    "another RelatesTo",
    tampered((body) => body.replace(/(<wsa:RelatesTo[^>]*>)[^<]*/, "$1urn:uuid:other")),
  );
  attack("J1", "the answer to somebody else", async (expect) => {
    const theirs = unsigned();
    theirs.asked.name = "bob";
    theirs.asked.password = "builder";
    let answer = "";
    theirs.transport.tamper = (body) => {
      answer = body;
      return body;
    };
    expect(await outcome(theirs.client.obtainToken(target))).toBe("accepted");
    return tampered(() => answer)(expect);
  });
  attack(
    "J3",
    "another audience",
    tampered((body) => body.replace(/(<saml2:Audience>)[^<]*/, "$1https://other.example")),
  );
  attack(
    "J3",
    "another AppliesTo",
    tampered((body) => body.replace(/(<wsa:Address>)[^<]*/, "$1https://other.example")),
  );
});

describe("another broker's answer", () => {
  const signed = { url: stsUrl, certificates: [brokerKey.certificate], signedReplies: true };
  attack("J2", "unsigned where signed ones are demanded", async (expect) => {
    expect(await outcome(estate({ broker: signed }).client.obtainToken(target))).toBe("accepted");
    return outcome(estate({ broker: signed }, { broker: { signReplies: false } }).client.obtainToken(target));
  });
  for (const signReplies of [true, false]) {
    attack("J2", `signed by another certificate: ${signReplies ? "the answer" : "the token alone"}`, async (expect) => {
      expect(
        await outcome(
          estate({ broker: { ...signed, signedReplies: signReplies } }, { broker: { signReplies } }).client.obtainToken(
            target,
          ),
        ),
      ).toBe("accepted");
      const foreign = { url: stsUrl, certificates: [strangerKey.certificate], signedReplies: signReplies };
      return outcome(estate({ broker: foreign }, { broker: { signReplies } }).client.obtainToken(target));
    });
  }
  attack(
    "J2",
    "changed under its signature",
    tampered(
      (body) => body.replace(/(<wst:Lifetime>.*Expires[^>]*>)2026/, "$12027"),
      () => estate({ broker: signed }),
    ),
  );
  attack(
    "J2",
    "its signature taken out",
    tampered(
      (body) => body.replace(/<wsse:Security .*<\/wsse:Security>/s, ""),
      () => estate({ broker: signed }),
    ),
  );
});

attack(
  "J5",
  "three hundred services, each with a token of its own",
  async (expect) => {
    const services = Array.from({ length: 300 }, (_, index) => `https://service-${index}.example`);
    const relyingParties = services.map((appliesTo) => ({ appliesTo }));
    const { client, transport } = estate({}, { broker: { relyingParties } });
    const ids = new Set<string | undefined>();
    for (const appliesTo of services) {
      const token = await client.obtainToken({ appliesTo });
      expect(token.appliesTo).toBe(appliesTo);
      ids.add(token.id);
    }
    expect([ids.size, transport.sent.length]).toEqual([300, 300]);
    return "holds" as const;
  },
  60_000,
);

attack("J10", "a token ten seconds before its end, at its end and after it", async (expect) => {
  const { client, clock, transport } = estate();
  const first = await client.obtainToken(target);
  clock.pass(1789);
  expect(await client.obtainToken(target)).toBe(first);
  for (const [seconds, calls] of [
    [1, 2],
    [1800, 3],
    [3600, 4],
  ] as const) {
    clock.pass(seconds);
    expect((await client.obtainToken(target)).id).not.toBe(first.id);
    expect(transport.sent.length).toBe(calls);
  }
  return "holds" as const;
});

attack("J24", "a certificate rolled over: old and new, and nobody else's", async (expect) => {
  const both = { url: stsUrl, certificates: [strangerKey.certificate, brokerKey.certificate], signedReplies: true };
  const rolled = { signing: { key: strangerKey.privateKey, certificate: strangerKey.certificate } };
  const before = await outcome(estate({ broker: both }).client.obtainToken(target));
  const after = await outcome(estate({ broker: both }, { broker: rolled }).client.obtainToken(target));
  expect([before, after]).toEqual(["accepted", "accepted"]);
  const old = { ...both, certificates: [brokerKey.certificate] };
  expect(await outcome(estate({ broker: old }, { broker: rolled }).client.obtainToken(target))).toBe("502");
  return after;
});
