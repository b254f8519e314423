import { type ClientOptions, createClient, type ServiceReply } from "@countersign/client";
import { order } from "./order.js";
import { audience, type OrderService } from "./services.js";
import type { Ending, Story } from "./story.js";
import { issuer, type World } from "./world.js";

const alice = { name: "alice", password: "wonderland" };

/** Options of a client that gets its tokens from the demo's broker. */
export function brokered(world: World, options: Partial<ClientOptions> = {}): ClientOptions {
  const tls = { ca: world.authority };
  return {
    broker: { url: world.broker.url, certificates: [world.brokerCertificate], signedReplies: true, tls },
    credentials: () => alice,
    tls,
    ...options,
  };
}

/** Stories of those who are let in. */
export const admitted: readonly Story[] = [
  {
    name: "brokered-authentication",
    title: "the six steps of brokered authentication",
    expected: "admitted",
    async play(world, service) {
      const asked = world.authentications();
      const client = createClient(brokered(world));
      try {
        await client.fetch(service.url, { body: order("anvil"), appliesTo: audience });
        const token = await client.obtainToken({ appliesTo: audience });
        const reply = await client.fetch(service.url, { body: order("rocket"), appliesTo: audience });
        return ending(
          service,
          reply,
          [
            "1 alice's client asks the broker for a token, with name and password, over TLS",
            "2 the broker asks its identity provider, which knows her",
            `3 the broker issues a SAML 2.0 assertion for ${audience}, good until ${new Date(token.expires ?? 0).toISOString()}`,
            "4 the client puts the token into the Security header of the order",
            "5 the service checks the token with the broker's certificate alone; nobody is called",
            "6 the reply comes back; the second order uses the same token",
          ],
          `identity provider asked ${world.authentications() - asked} time for 2 orders`,
        );
      } finally {
        await client.close();
      }
    },
  },
  {
    name: "username-over-tls",
    title: "a user name and password over TLS",
    expected: "admitted",
    play: (world, service) =>
      playClient(service, { credentials: () => alice, tls: { ca: world.authority } }, [
        "alice sends a UsernameToken; the connection is TLS with a certificate made a moment ago",
      ]),
  },
  {
    name: "x509-signed",
    title: "a message signed with an X.509 certificate",
    expected: "admitted",
    play: (world, service) =>
      playClient(service, { key: world.partner, tls: { ca: world.authority }, reply: signedReply(world) }, [
        "the partner signs Body and Timestamp; the service trusts that certificate by name",
        "the reply is signed by the service, and confirms the partner's signature",
      ]),
  },
  {
    name: "saml-holder-of-key",
    title: "a SAML token that only the holder of a key can use",
    expected: "admitted",
    play: (world, service) =>
      playClient(service, brokered(world, { keyType: "public-key", reply: signedReply(world) }), [
        "the broker's token names alice's public key; her client signs Body and Timestamp with the private one",
      ]),
  },
  {
    name: "jwt",
    title: "a JWT as Authorization: Bearer",
    expected: "admitted",
    async play(world, service) {
      const client = createClient({ bearer: () => world.jwtFor("alice", audience), tls: { ca: world.authority } });
      try {
        const reply = await client.fetch(service.url, { contentType: "application/json", body: "{}" });
        const { orderedBy } = JSON.parse(Buffer.from(reply.body).toString()) as { orderedBy?: string };
        return ending(
          service,
          reply,
          ["an identity provider's JWT, checked with its public key"],
          `ordered by ${orderedBy}`,
        );
      } finally {
        await client.close();
      }
    },
  },
];

const signedReply = (world: World) => ({ signed: true, certificates: [world.serviceCertificate], confirmed: true });

async function playClient(service: OrderService, options: ClientOptions, steps: readonly string[]): Promise<Ending> {
  const client = createClient(options);
  try {
    return ending(service, await client.fetch(service.url, { body: order("anvil"), appliesTo: audience }), steps);
  } finally {
    await client.close();
  }
}

function ending(
  service: OrderService,
  { status, message }: ServiceReply,
  steps: readonly string[],
  more?: string,
): Ending {
  const said = message?.body.child("OrderReceipt");
  const event = service.latest();
  const admittedBy = `${event?.token?.kind} token, proof: ${event?.proof}, vouched for by ${event?.issuer ?? issuer}`;
  const receipt = said && `the service says "${said.child("orderedBy")?.text} ordered ${said.child("item")?.text}"`;
  return {
    verdict: status === 200 && event?.outcome === "admitted" ? "admitted" : "refused",
    steps,
    proof: [receipt, admittedBy, more].filter((part) => part !== undefined).join("; "),
  };
}
