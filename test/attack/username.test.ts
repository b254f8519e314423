import { createHash } from "node:crypto";
import { describe } from "vitest";
import { profile } from "../support/namespaces.js";
import { attack } from "./attack.js";
import { type Account, type PasswordScene, password, passwordScenes } from "./support/accounts.js";
import { changed, replaced } from "./support/edit.js";
import { against } from "./support/scenes.js";

/*
 * The shape of UsernameTokens: every token here names an account that exists, and most of them hold its right password.
 */

const others: Readonly<Record<string, Account>> = { ghost: { password: "" } };
const { text, digest } = passwordScenes(others);

const nonce = /<wsse:Nonce [^>]*>[^<]*<\/wsse:Nonce>/;
const created = /<wsu:Created>[^<]*<\/wsu:Created>/;
const passwordElement = /<wsse:Password [^>]*>[^<]*<\/wsse:Password>/;
const twice = (found: string) => found + found;

for (const scene of [text, digest]) {
  const token = (change: (username: string) => string) =>
    against(scene, (message) => changed(message, "username", change));
  describe(scene.title, () => {
    attack(
      "E1",
      "a token without children",
      token(() => '<wsse:UsernameToken wsu:Id="UT-1"></wsse:UsernameToken>'),
    );
    attack(
      "E1",
      "a token of white space",
      token(() => "<wsse:UsernameToken>\n  </wsse:UsernameToken>"),
    );
    attack(
      "E1",
      "no token",
      against(scene, (message) => changed(message, "username", () => "")),
    );
    attack(
      "E1",
      "a name in a child of another namespace",
      token((username) =>
        replaced(username, "<wsse:Username>alice</wsse:Username>", '<Username xmlns="urn:x">alice</Username>'),
      ),
    );
    attack(
      "E2",
      "a name alone",
      token((username) => replaced(username, passwordElement, "")),
    );
    attack(
      "E4",
      "a right password without Type",
      token((username) => replaced(username, / Type="[^"]*"/, "")),
    );
    attack(
      "E4",
      "two Types that differ",
      token((username) =>
        replaced(username, "<wsse:Password ", `<wsse:Password wsse:Type="${profile.passwordText}2" `),
      ),
    );
    attack(
      "E5",
      "a right password under a Type of its own",
      token((username) => replaced(username, / Type="[^"]*"/, ' Type="urn:secret"')),
    );
    attack(
      "E5",
      "a right password under a Type in capitals",
      token((username) => replaced(username, /#Password(Text|Digest)"/, (found) => found.toUpperCase())),
    );
    attack("E6", "over a connection that is not encrypted", unencrypted(scene));
    attack(
      "E7",
      "two Passwords",
      token((username) => replaced(username, passwordElement, twice)),
    );
    attack(
      "E7",
      "a wrong Password before the right one",
      token((username) => replaced(username, passwordElement, (right) => right.replace(/>[^<]*</, ">guess<") + right)),
    );
    attack(
      "E7",
      "two Usernames",
      token((username) =>
        replaced(
          username,
          "<wsse:Username>alice</wsse:Username>",
          (one) => `${one}<wsse:Username>admin</wsse:Username>`,
        ),
      ),
    );
    attack("E7", "two UsernameTokens", token(twice));
    attack("E14", "999 iterations", token(derived("<wsse11:Salt>MTExMTExMTExMTExMTExMQ==</wsse11:Salt>", "999")));
    attack(
      "E14",
      "a thousand million iterations",
      token(derived("<wsse11:Salt>MTExMTExMTExMTExMTExMQ==</wsse11:Salt>", "1000000000")),
    );
    attack(
      "E14",
      "iterations in another notation",
      token(derived("<wsse11:Salt>MTExMTExMTExMTExMTExMQ==</wsse11:Salt>", "1e4")),
    );
    attack("E14", "iterations without a salt", token(derived("", "1000")));
    attack("E14", "an empty salt", token(derived("<wsse11:Salt></wsse11:Salt>", "1000")));
  });
}

/** Adds the parameters of a derived key. */
function derived(salt: string, iteration: string): (username: string) => string {
  const parameters = `${salt}<wsse11:Iteration>${iteration}</wsse11:Iteration>`;
  return (username) =>
    replaced(
      replaced(username, "</wsse:UsernameToken>", `${parameters}</wsse:UsernameToken>`),
      "<wsse:UsernameToken ",
      '<wsse:UsernameToken xmlns:wsse11="http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd" ',
    );
}

describe(text.title, () => {
  attack("E3", "an empty password for an account whose password is empty", async (expect) => {
    await text.route.admits(text.genuine());
    expect(await text.accounts.verify("ghost", "")).toBe(true);
    const { soap, bytes } = text.genuine({ username: "ghost", password: "" });
    return text.route.refuses({ soap, body: bytes });
  });
});

describe(digest.title, () => {
  const token = (change: (username: string) => string) =>
    against(digest, (message) => changed(message, "username", change));
  attack("E3", "the digest of an empty password for an account whose password is empty", async (expect) => {
    await digest.route.admits(digest.genuine());
    expect(await digest.accounts.secret("ghost")).toBe("");
    const { soap, bytes } = digest.genuine({ username: "ghost", password: "" });
    return digest.route.refuses({ soap, body: bytes });
  });
  attack(
    "E7",
    "two Nonces",
    token((username) => replaced(username, nonce, twice)),
  );
  attack(
    "E7",
    "two Created",
    token((username) => replaced(username, created, twice)),
  );
  attack(
    "E8",
    "no Nonce",
    token((username) => replaced(username, nonce, "")),
  );
  attack(
    "E8",
    "no Created",
    token((username) => replaced(username, created, "")),
  );
  attack(
    "E8",
    "the digest of the password alone, without either",
    token((username) => {
      const alone = createHash("sha1").update(password).digest("base64");
      return replaced(replaced(replaced(username, nonce, ""), created, ""), /(?<=Digest">)[^<]*/, alone);
    }),
  );
  attack(
    "E9",
    "a Nonce without EncodingType",
    token((username) => replaced(username, / EncodingType="[^"]*"/, "")),
  );
  attack(
    "E9",
    "a Nonce said to be hexadecimal",
    token((username) => replaced(username, "#Base64Binary", "#HexBinary")),
  );
  attack(
    "E9",
    "a Nonce with an EncodingType of its own",
    token((username) => replaced(username, / EncodingType="[^"]*"/, ' EncodingType="urn:x"')),
  );
  attack(
    "E18",
    "a digest over the text of the Nonce",
    token((username) => {
      const nonceText = />([^<]*)<\/wsse:Nonce>/.exec(username)?.[1] ?? "";
      const createdText = />([^<]*)<\/wsu:Created>/.exec(username)?.[1] ?? "";
      const wrong = createHash("sha1").update(nonceText).update(createdText).update(password).digest("base64");
      return replaced(username, /(?<=Digest">)[^<]*/, wrong);
    }),
  );
});

/** Sends a right password over an open connection; nobody may be asked about it. */
function unencrypted({ accounts, route, genuine }: PasswordScene): Parameters<typeof attack>[2] {
  return async (expect) => {
    const message = genuine();
    await route.admits(message);
    const asked = accounts.asked.length;
    const verdict = await route.refuses({ soap: message.soap, body: message.bytes, transport: { encrypted: false } });
    expect(accounts.asked.length).toBe(asked);
    return verdict;
  };
}
