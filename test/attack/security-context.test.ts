import { type GuardOptions, InMemorySecurityContextStore, securityContext, usernameToken } from "@countersign/core";
import {
  addressingNamespace,
  type ContextRequest,
  contentTypeOf,
  contextAction,
  contextWords13,
  issueDerivedKey,
  issueSecurityContextToken,
  issueUsernameToken,
  parseContextResponse,
  parseEnvelope,
  scan,
  secureMessage,
  writeContextReference,
  writeContextRequest,
  writeTrustEnvelope,
} from "@countersign/core/sts";
import { describe } from "vitest";
import { attack } from "./attack.js";
import { replaced } from "./support/edit.js";
import { Route } from "./support/route.js";

/*
 * Security contexts: alice and bob each establish one with the service by their passwords, and sign orders under it.
 */

const words = contextWords13;

/** A context as its owner knows it. */
interface Held {
  readonly identifier: string;
  readonly instance: string;
  readonly secret: Uint8Array;
}

/** A service that lets callers establish contexts. */
function service(options: Partial<GuardOptions> = {}) {
  const contexts = new InMemorySecurityContextStore();
  const bootstrap = [usernameToken({ verify: (name, password) => password === `${name}'s`, over: "transport" })];
  return new Route({ accept: [securityContext({ contexts })], conversation: { contexts, bootstrap }, ...options });
}

type Request = Omit<ContextRequest, "target"> & { readonly target?: string };

/** Asks something about a context. */
function ask(request: Request, security: Parameters<typeof secureMessage>[1]) {
  const action = contextAction(words, request.operation);
  const content = writeContextRequest(words, request);
  const body = secureMessage(writeTrustEnvelope({ version: "1.2", action, content }), security).envelope;
  return { soap: "1.2" as const, body, headers: { "content-type": `${contentTypeOf("1.2")}; action="${action}"` } };
}

async function establish(route: Route, name: string): Promise<Held> {
  const tokens = [issueUsernameToken({ name, password: `${name}'s`, as: "text", now: Date.now() }).xml];
  const { decision } = await route.send(ask({ operation: "issue" }, { tokens }));
  const text = decision.kind === "answered" ? Buffer.from(decision.reply.body ?? "") : Buffer.alloc(0);
  const { document, body } = parseEnvelope(scan(text));
  const { token, proof } = parseContextResponse(document, document.firstChild(body), words, "issue");
  if (token === undefined || proof?.kind !== "key") throw new TypeError("there is no context");
  return { ...token, secret: proof.key };
}

/** The header of a message under a context. */
function under({ identifier, instance, secret }: Held): Parameters<typeof secureMessage>[1] {
  const name = { words: words.conversation, identifier, instance };
  const derived = issueDerivedKey(words.conversation, { secret, reference: writeContextReference(name) });
  const reference = { by: "token", id: derived.id, valueType: derived.valueType } as const;
  return {
    tokens: [issueSecurityContextToken(name).xml, derived.xml],
    signatures: [{ key: derived.key, reference, parts: ["body", "timestamp", "addressing"] }],
  };
}

const plain =
  `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header><a:To xmlns:a="${addressingNamespace}">urn:orders</a:To>` +
  '</s:Header><s:Body><o:Order xmlns:o="urn:orders">anvil</o:Order></s:Body></s:Envelope>';

const order = (context: Held): string => Buffer.from(secureMessage(plain, under(context)).envelope).toString();
const to = { soap: "1.2" } as const;

/** What a cancellation or renewal is about. */
const target = ({ identifier, instance }: Held): string =>
  writeContextReference({ words: words.conversation, identifier, instance });

describe("K21 keys derived from a context", () => {
  const lengths = ["2147483648", "4294967296", "65", "15", "0", "-32", "3.2e1", ""];
  for (const length of lengths) {
    attack("K21", `a derived key of ${length || "no"} octets`, async (expect) => {
      const route = service();
      const genuine = order(await establish(route, "alice"));
      expect((await route.send({ ...to, body: genuine })).verdict).toBe("accepted");
      const body = replaced(genuine, "<wsc:Length>32</wsc:Length>", `<wsc:Length>${length}</wsc:Length>`);
      const { verdict, milliseconds } = await route.refusal({ ...to, body });
      expect(milliseconds).toBeLessThan(1000);
      return { verdict, milliseconds };
    });
  }
  for (const offset of [
    "<wsc:Offset>2147483648</wsc:Offset>",
    "<wsc:Offset>1025</wsc:Offset>",
    "<wsc:Generation>67108864</wsc:Generation>",
  ]) {
    attack("K21", `a derived key behind ${offset}`, async (expect) => {
      const route = service();
      const genuine = order(await establish(route, "alice"));
      expect((await route.send({ ...to, body: genuine })).verdict).toBe("accepted");
      return route.refuses({ ...to, body: replaced(genuine, "<wsc:Offset>0</wsc:Offset>", offset) });
    });
  }
});

describe("M11 a context of another user", () => {
  for (const operation of ["cancel", "renew"] as const) {
    attack("M11", `${operation} under one's own context`, async (expect) => {
      const route = service();
      const [alices, bobs] = [await establish(route, "alice"), await establish(route, "bob")];
      const { record } = await route.send(ask({ operation, target: target(alices) }, under(bobs)));
      expect(record).toMatchObject({ outcome: "refused", error: { code: "ERR_TRUST_REQUEST_FAILED" } });
      for (const context of [alices, bobs]) {
        expect((await route.send({ ...to, body: order(context) })).verdict).toBe("accepted");
      }
      const own = await route.send(ask({ operation, target: target(alices) }, under(alices)));
      expect(own.record).toMatchObject({ outcome: "admitted", conversation: { operation } });
      return "holds" as const;
    });

    attack("M11", `${operation} by one's own password`, async (expect) => {
      const route = service();
      const alices = await establish(route, "alice");
      for (const name of ["bob", "alice"]) {
        const tokens = [issueUsernameToken({ name, password: `${name}'s`, as: "text", now: Date.now() }).xml];
        const { record } = await route.send(ask({ operation, target: target(alices) }, { tokens }));
        expect(record).toMatchObject({ outcome: "refused" });
      }
      expect((await route.send({ ...to, body: order(alices) })).verdict).toBe("accepted");
      return "holds" as const;
    });
  }

  attack("M11", "cancel signed with a guessed key", async (expect) => {
    const route = service();
    const alices = await establish(route, "alice");
    const guessed = { ...alices, secret: Buffer.alloc(32) };
    const { record } = await route.send(ask({ operation: "cancel", target: target(alices) }, under(guessed)));
    expect(record).toMatchObject({ outcome: "refused", error: { code: "ERR_WSS_FAILED_CHECK" } });
    expect((await route.send({ ...to, body: order(alices) })).verdict).toBe("accepted");
    return "holds" as const;
  });
});
