import { describe } from "vitest";
import { attack } from "./attack.js";
import { replaced } from "./support/edit.js";
import { assertionScenes, direct, signedScenes } from "./support/scenes.js";

/*
 * What the scanner remembers of one message, strangers' messages included, must not change how it reads the next one.
 */

const { route } = direct;
const names = [
  "soap:Envelope",
  "env:Envelope",
  "soap:Body",
  "env:Body",
  "wsu:Id",
  "xmlns:wsu",
  "xmlns:soap",
  "wsse:Security",
];
const declared = names.map((name, i) => `xmlns:n${i}="${name}"`).join(" ");

describe("names as namespaces", () => {
  attack("C25", "a stranger's namespaces are spelled as the names of genuine messages", async () => {
    const stranger = { soap: "1.1", body: `<e ${declared}/>` } as const;
    for (const scene of [...signedScenes, ...assertionScenes]) {
      await route.refuses(stranger);
      await scene.route.admits(scene.genuine());
    }
    return "holds" as const;
  });

  const fresh = `urn${process.pid}x`;
  attack("B16", "a name without a declared prefix, first met as a namespace", async (expect) => {
    const genuine = direct.genuine();
    const payload = (name: string) => replaced(genuine.text, "</soap:Header>", `<${name}/></soap:Header>`);
    const namespaces = replaced(
      genuine.text,
      "</soap:Header>",
      `<o:n xmlns:o="${fresh}:a" xmlns:p="${fresh}:a:b"/></soap:Header>`,
    );
    expect((await route.send({ soap: "1.1", body: namespaces })).verdict).toBe("accepted");
    expect(await route.refuses({ soap: "1.1", body: payload(`${fresh}:a:b`) })).toBe("400");
    return route.refuses({ soap: "1.1", body: payload(`${fresh}:a`) });
  });
});
