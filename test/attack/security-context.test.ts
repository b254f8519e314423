import { addressingNamespace, issueUsernameToken, secureMessage, writeContextReference } from "@countersign/core/sts";
import { describe } from "vitest";
import { attack } from "./attack.js";
import { ask, establish, type Held, service, under, words } from "./support/conversing.js";
import { replaced } from "./support/edit.js";

/*
 * Security contexts: alice and bob each establish one with the service by their passwords, and sign orders under it.
 */

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
