import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { soapPrefix } from "../support/messages.js";
import { attack } from "./attack.js";
import { evilBody, part, rebuilt, replaced, wrapped } from "./support/edit.js";
import { canonicalBody } from "./support/route.js";
import { renamed } from "./support/saml-words.js";
import { against, assertionScenes, direct, signedScenes } from "./support/scenes.js";
import { libxml2Texts, xmlCryptoOpinion } from "./support/second-opinion.js";

/*
 * Two readers: what the guard hands over is what any other reader of it reads, and a message that another verifier would
 * read otherwise does not get in.
 */

const { signer } = credentials();

for (const scene of signedScenes) {
  attack("A28", `${scene.title}: handed over as another reader reads it, or refused`, async (expect) => {
    const message = scene.genuine();
    const security = await scene.route.admits(message);
    const soap = soapPrefix(message.soap);
    const body = `/${soap}:Envelope/${soap}:Body`;
    expect(libxml2Texts(security.message?.envelope ?? "", body)).toEqual(libxml2Texts(message.text, body));
    const evil = rebuilt(message, {
      parts: { wrap: wrapped(part(message, "body")), body: evilBody(message, ' Id="Body-1"') },
      header: [...message.header, "wrap"],
    });
    return scene.route.refuses(evil);
  });
}

for (const scene of assertionScenes) {
  attack("A28", `${scene.title}: the subject and the claims another reader reads, or refused`, async (expect) => {
    const message = scene.genuine();
    const security = await scene.route.admits(message);
    const { saml } = scene;
    expect(new Set(libxml2Texts(message.text, `//${saml.nameElement}`))).toEqual(new Set([security.principal.name]));
    expect(libxml2Texts(message.text, saml.values("role"))).toEqual(security.claims.values(saml.claim("role")));
    return scene.route.refuses({ soap: message.soap, body: renamed(message.text) });
  });
}

describe("a verifier that looks up any Id", () => {
  attack("A28", "the evil Body holds for xml-crypto", async (expect) => {
    const message = direct.genuine();
    await direct.route.admits(message);
    const evil = rebuilt(message, {
      parts: { wrap: wrapped(part(message, "body")), body: evilBody(message, ' wsu:Id="Body-2"') },
      header: [...message.header, "wrap"],
    });
    expect(xmlCryptoOpinion(evil.body.toString(), signer)).toBe("holds");
    return direct.route.refuses(evil);
  });
});

attack("A28", "octets that change after they were verified", async (expect) => {
  const message = direct.genuine();
  const octets = Buffer.from(message.bytes);
  const { decision } = await direct.route.send({ soap: "1.1", body: octets });
  if (decision.kind !== "admitted") throw new TypeError("the genuine message was not admitted");
  octets.write("B-666666", octets.indexOf("A-100001"));
  expect(Buffer.from(decision.security.message?.body.bytes ?? []).toString()).toBe(canonicalBody(message));
  return direct.route.refuses({ soap: "1.1", body: octets });
});

for (const scene of signedScenes) {
  const include = '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:order@example"/>';
  const included = against(scene, (message) =>
    rebuilt(message, { parts: { body: replaced(part(message, "body"), /<o:Order[\s\S]*<\/o:Order>/, include) } }),
  );
  attack("A29", `${scene.title}: xop:Include in place of the signed content`, included);
}
attack("A29", "as a multipart message, where none are taken", async (expect) => {
  const message = direct.genuine();
  const type = 'multipart/related; boundary=b; type="application/xop+xml"; start="<root@example>"';
  const body = `--b\r\nContent-Type: application/xop+xml\r\nContent-ID: <root@example>\r\n\r\n${message.text}\r\n--b--\r\n`;
  expect(await direct.route.refuses({ soap: "1.1", headers: { "content-type": type }, body })).toBe("415");
  const include = '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:order@example"/>';
  return direct.route.refuses({ soap: "1.1", body: replaced(message.text, />A-100001</, `>${include}<`) });
});
