import { type Client, type ClientOptions, createClient } from "@countersign/client";
import { order } from "./order.js";
import { type Answer, post } from "./post.js";
import { audience, type OrderService } from "./services.js";
import { brokered } from "./stories-admitted.js";
import type { Ending, Story } from "./story.js";
import { otherAudience, type World } from "./world.js";

const soap12Type = { "content-type": "application/soap+xml; charset=utf-8" };

/** Stories of those who stay out. Each starts from a message that would have been let in. */
export const refused: readonly Story[] = [
  forged("changed-body", "the order was changed on its way", (envelope) => envelope.replace(">anvil<", ">crown<"), [
    "the partner signs an order for an anvil; on its way it becomes an order for a crown",
  ]),
  forged("wrapped-body", "the signed Body was moved away and another put in its place", wrapped, [
    "the signed Body is still there, but in the Header; the Body that stands in its place was never signed",
  ]),
  {
    name: "replay",
    title: "a genuine message was sent a second time",
    expected: "refused",
    async play(world, service) {
      const envelope = await genuine({ key: world.partner, tls: { ca: world.authority } });
      const first = await send(world, service, envelope);
      const second = await send(world, service, envelope);
      return ending(service, second, [
        `the first time: HTTP ${first.status}; the same octets again: HTTP ${second.status}`,
      ]);
    },
  },
  {
    name: "expired",
    title: "the message was made an hour ago",
    expected: "refused",
    async play(world, service) {
      const clock = { now: () => Date.now() - 3_600_000 };
      const envelope = await genuine({ key: world.partner, tls: { ca: world.authority }, clock });
      return ending(service, await send(world, service, envelope), [
        "signature and certificate are good; only the time is not",
      ]);
    },
  },
  {
    name: "wrong-audience",
    title: "the token is for another service",
    expected: "refused",
    async play(world, service) {
      const envelope = await genuine(brokered(world), otherAudience);
      return ending(service, await send(world, service, envelope), [
        `the broker issued the token for ${otherAudience}`,
      ]);
    },
  },
  {
    name: "foreign-issuer",
    title: "the token is from a broker that nobody here trusts",
    expected: "refused",
    async play(world, service) {
      const broker = { url: world.foreignBroker.url, tls: { ca: world.authority } };
      const envelope = await genuine(brokered(world, { broker }));
      return ending(service, await send(world, service, envelope), [
        "a perfect token, signed by https://sts.elsewhere",
      ]);
    },
  },
  {
    name: "unsigned",
    title: "there is no token and no signature",
    expected: "refused",
    async play(world, service) {
      return ending(service, await send(world, service, order("anvil")), ["a bare SOAP envelope"]);
    },
  },
  {
    name: "spoofed-identity-header",
    title: "the requestor says itself who it is, in a header",
    expected: "refused",
    async play(world, service) {
      const spoofed = { "x-subject": "admin", X_Subject: "admin", "X.Subject": "admin" };
      const token = await world.jwtFor("alice", audience);
      const headers = { "content-type": "application/json", authorization: `Bearer ${token}`, ...spoofed };
      const honest = await post(service.url, world.authority, "{}", headers);
      const { subjectHeader } = JSON.parse(honest.body) as { subjectHeader?: string };
      if (subjectHeader !== "alice") throw new Error(`the handler saw x-subject: ${subjectHeader}`);
      const alone = await send(world, service, order("anvil"), spoofed);
      return ending(service, alone, [
        "with alice's token and X-Subject: admin in three spellings, the handler sees x-subject: alice",
        "with the header alone:",
      ]);
    },
  },
];

function forged(name: string, title: string, forge: (envelope: string) => string, steps: readonly string[]): Story {
  return {
    name,
    title,
    expected: "refused",
    async play(world, service) {
      const envelope = await genuine({ key: world.partner, tls: { ca: world.authority } });
      const changed = forge(envelope);
      if (changed === envelope) throw new Error("the forgery changed nothing");
      return ending(service, await send(world, service, changed), steps);
    },
  };
}

/** A protected order, as its client would have sent it. */
async function genuine(options: ClientOptions, appliesTo = audience): Promise<string> {
  const client: Client = createClient(options);
  try {
    return Buffer.from((await client.secure(order("anvil"), { appliesTo })).envelope).toString();
  } finally {
    await client.close();
  }
}

/** Signature wrapping: the signed Body goes into a header block, a new one takes its place. */
function wrapped(envelope: string): string {
  const body = /<env:Body.*<\/env:Body>/.exec(envelope)?.[0] ?? "";
  const evil = body.replace(/wsu:Id="[^"]*"/, 'wsu:Id="other"').replace(">anvil<", ">crown<");
  return envelope
    .replace(body, evil)
    .replace("</env:Header>", `<w:Wrap xmlns:w="urn:wrap">${body}</w:Wrap></env:Header>`);
}

const send = (
  world: World,
  service: OrderService,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => post(service.url, world.authority, body, { ...soap12Type, ...headers });

function ending(service: OrderService, { status, body }: Answer, steps: readonly string[]): Ending {
  const event = service.latest();
  const error = event?.error;
  const place =
    error?.place &&
    ` at line ${error.place.line}, column ${error.place.column} (${error.place.path.split("/").at(-1)})`;
  const wire = /<(?:\w+:)?Text[^>]*>([^<]*)/.exec(body)?.[1] ?? body.slice(0, 60);
  return {
    verdict: event?.outcome === "refused" && status >= 400 ? "refused" : "admitted",
    steps: [...steps, `the caller is told HTTP ${status} "${wire}"; the audit record tells the reason:`],
    proof: `${error?.code}, ${error?.reason}${place ?? ""}`,
  };
}
