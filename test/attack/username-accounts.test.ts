import { InMemoryReplayCache, jwt, usernameToken } from "@countersign/core";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { attack } from "./attack.js";
import { type Account, password, passwordScenes } from "./support/accounts.js";
import { wireForm } from "./support/answers.js";
import { changed, evilBody, part, rebuilt, replaced } from "./support/edit.js";
import { Route } from "./support/route.js";

/*
 * UsernameTokens of the right shape: what they are worth a second time, and whose account they reach.
 */

const others: Readonly<Record<string, Account>> = {
  locked: "locked",
  "no\u00e9l": { password },
  "alice ": { password },
  "alice\r\nX-Role: admin": { password },
};
const { text, digest } = passwordScenes(others);
const nonceText = /(?<=Nonce [^>]*>)[^<]*/;

/** A route that remembers. */
const remembering = () => digest.route.with({ replay: new InMemoryReplayCache() });

describe("a digest for the second time", () => {
  const spellings: Readonly<Record<string, (nonce: string) => string>> = {
    "with a space in its nonce": (nonce) => `${nonce.slice(0, 4)} ${nonce.slice(4)}`,
    "with line ends in its nonce": (nonce) => `\n${nonce}\r\n`,
    "with its nonce as a character reference": (nonce) => `&#x${nonce.charCodeAt(0).toString(16)};${nonce.slice(1)}`,
    "with its nonce in a section": (nonce) => `<![CDATA[${nonce}]]>`,
    "with a comment in its nonce": (nonce) => `${nonce.slice(0, 5)}<!-- -->${nonce.slice(5)}`,
  };
  for (const [title, spell] of Object.entries(spellings)) {
    attack("E10", title, async (expect) => {
      const message = digest.genuine();
      const respelled = changed(message, "username", (username) => replaced(username, nonceText, spell));
      // Alone it is as good as the first: it is the repetition that is refused.
      expect((await remembering().send(respelled)).verdict).toBe("accepted");
      const route = remembering();
      await route.admits(message);
      return route.refuses(respelled);
    });
  }
  for (const [title, spell] of Object.entries({
    "without the padding of its nonce": (nonce: string) => nonce.replace(/=+$/, ""),
    "with set bits behind the end of its nonce": (nonce: string) =>
      nonce.replace(/.==$/, (end) => `${next(end.charAt(0))}==`),
    "with its nonce in the alphabet of URLs": (nonce: string) => nonce.replaceAll("+", "-").replaceAll("/", "_"),
  })) {
    attack("E10", title, async (expect) => {
      const route = remembering();
      const message = digest.genuine({ nonce: Buffer.from("fbf0fbf0fbf0fbf0fbf0fbf0fbf0fbf0", "hex") });
      await route.admits(message);
      const respelled = changed(message, "username", (username) => replaced(username, nonceText, spell));
      expect(respelled.body).not.toBe(message.text);
      return route.refuses(respelled);
    });
  }

  attack("E10", "with the last octet of its nonce, white space, in front of Created", async (expect) => {
    const message = digest.genuine({ nonce: Buffer.from("nonce of 16 octs ") });
    const moved = changed(message, "username", (username) =>
      replaced(
        replaced(username, nonceText, () => Buffer.from("nonce of 16 octs").toString("base64")),
        /(?<=<wsu:Created>)/,
        " ",
      ),
    );
    // The digest is over both, joined: it does not tell where the one ends.
    expect((await remembering().send(moved)).verdict).toBe("accepted");
    const route = remembering();
    await route.admits(message);
    return route.refuses(moved);
  });

  attack("E11", "in fifty copies at once", async (expect) => {
    const { soap, bytes } = digest.genuine();
    const route = remembering();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => route.send({ soap, body: bytes })));
    const refused = outcomes.filter(({ verdict }) => verdict !== "accepted");
    expect([refused.length, new Set(refused.map(({ verdict }) => verdict)).size]).toEqual([49, 1]);
    expect(new Set(refused.map(({ decision }) => wireForm(decision))).size).toBe(1);
    return refused[0]?.verdict ?? "accepted";
  });

  attack("E12", "with another Body", async () => {
    const route = remembering();
    const message = digest.genuine();
    await route.admits(message);
    return route.refuses(rebuilt(message, { parts: { body: evilBody(message) } }));
  });
  attack("E12", "in another message with a fresh Timestamp", async () => {
    const route = remembering();
    const message = digest.genuine();
    await route.admits(message);
    const later = digest.genuine({
      payload: '<o:Order xmlns:o="urn:example:orders">evil</o:Order>',
      nonce: Buffer.alloc(16, "2"),
    });
    return route.refuses(rebuilt(later, { parts: { username: part(message, "username") } }));
  });
});

/** The letter of base64 that differs in the last bit. */
const next = (letter: string): string => String.fromCharCode(letter.charCodeAt(0) + 1);

for (const scene of [text, digest]) {
  const { route, accounts, genuine } = scene;
  /** The outcome for a name and password, and how often the store was asked. */
  const attempt = async (username: string, given = password) => {
    const asked = accounts.asked.length;
    const { soap, bytes } = genuine({ username, password: given });
    const { decision, record, verdict } = await route.refusal({ soap, body: bytes });
    return { wire: wireForm(decision), verdict, asked: accounts.asked.slice(asked), record };
  };
  describe(scene.title, () => {
    attack("E13", "an unknown name and a wrong password", async (expect) => {
      await route.admits(genuine());
      const unknown = await attempt("mallory");
      const wrong = await attempt("alice", "guess");
      expect([unknown.wire, unknown.verdict]).toEqual([wrong.wire, wrong.verdict]);
      // The same work: one look into the store for each, by the name as it was sent.
      expect([unknown.asked, wrong.asked]).toEqual([["mallory"], ["alice"]]);
      return unknown.verdict;
    });
    attack("E16", "a locked account", async (expect) => {
      await route.admits(genuine());
      const locked = await attempt("locked");
      expect(locked.wire).toBe((await attempt("alice", "guess")).wire);
      return locked.verdict;
    });

    for (const name of [
      "ALICE",
      "alıce",
      "al\u0130ce",
      "ali\u017fe",
      "ａｌｉｃｅ",
      "alice\u200b",
      "ali\u00adce",
      "noe\u0301l",
    ]) {
      attack("E15", `${JSON.stringify(name)} for an account that reads alike`, async (expect) => {
        await route.admits(genuine({ username: "no\u00e9l" }));
        const { asked, verdict } = await attempt(name);
        expect(asked).toEqual([name]);
        return verdict;
      });
    }
    for (const name of [
      "alice ",
      " alice",
      "alice\n",
      "alice\u00a0",
      "alice\r\nX-Role: admin",
      "ali\tce",
      "alice\u0085",
      "",
    ]) {
      attack("E15", `${JSON.stringify(name)}, whatever the store would make of it`, async (expect) => {
        await route.admits(genuine());
        const { asked, verdict, record } = await attempt(name);
        expect(asked).toEqual([]);
        expect(JSON.stringify(record)).not.toContain("X-Role");
        return verdict;
      });
    }
    for (const length of [257, 900_000]) {
      attack("E15", `a name of ${length} characters`, async (expect) => {
        const longest = await attempt("x".repeat(256));
        expect([longest.asked.length, longest.verdict]).toEqual([1, "FA"]);
        const { asked, verdict } = await attempt("x".repeat(length));
        expect(asked).toEqual([]);
        return verdict;
      });
    }

    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", "prototype"]) {
      attack("E19", `${name} as a name`, async (expect) => {
        await route.admits(genuine());
        const { asked, verdict } = await attempt(name);
        expect([asked, Object.keys(Object.prototype)]).toEqual([[name], []]);
        return verdict;
      });
      attack("E19", `${name} as a name, in a store that is an object`, async () => {
        // What the store must not do, and some will: the name finds a function or an object, never a password.
        const store: Record<string, string> = { alice: password };
        const careless = new Route({
          accept: [
            usernameToken({
              verify: (user, given) => store[user] === given || (store[user] as unknown as boolean),
              secret: (user) => store[user],
              over: "transport",
            }),
          ],
        });
        await careless.admits(genuine());
        const { soap, bytes } = genuine({ username: name, password: "undefined" });
        return careless.refuses({ soap, body: bytes });
      });
    }
  });
}

describe("the header X-WSSE", () => {
  const { soap, bytes, parts } = digest.genuine();
  const header = `UsernameToken Username="alice", PasswordDigest="${/(?<=Digest">)[^<]*/.exec(parts.username ?? "")?.[0]}", Nonce="${nonceText.exec(parts.username ?? "")?.[0]}", Created="${/(?<=Created>)[^<]*/.exec(parts.username ?? "")?.[0]}"`;
  const headers = { "x-wsse": header, authorization: 'WSSE profile="UsernameToken"' };

  attack("E17", "in place of the Security header", async (expect) => {
    await digest.route.admits(digest.genuine(), { headers: { "x-wsse": 'UsernameToken Username="admin"' } });
    const message = digest.genuine();
    const bare = rebuilt(message, { header: message.header.filter((name) => name !== "security") });
    expect(await digest.route.refuses({ ...bare, headers })).toBe("IS");
    return digest.route.refuses({ ...rebuilt(message, { envelope: ["body"] }), headers });
  });
  attack("E17", "replayed from a Security header", async (expect) => {
    const route = remembering();
    const { decision } = await route.send({ soap, body: bytes });
    expect(decision.kind).toBe("admitted");
    return route.refuses({ soap, body: bytes, headers });
  });
  attack("E17", "on a route without SOAP", async (expect) => {
    const keys = credentials().issuer.publicKey.export({ type: "spki", format: "pem" }) as string;
    const bearer = new Route({
      accept: [jwt({ issuer: "https://sts.example", audience: "urn:orders", keys, over: "transport" })],
    });
    const { decision } = await bearer.send({
      soap: "1.1",
      body: "{}",
      headers: { "content-type": "application/json", ...headers },
    });
    expect(decision.kind).toBe("answered");
    return decision.kind === "answered" && decision.reply.status === 401 ? "401" : "accepted";
  });
});
