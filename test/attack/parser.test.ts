import { describe } from "vitest";
import { namespaces } from "../support/namespaces.js";
import { attack } from "./attack.js";
import { replaced } from "./support/edit.js";
import { against, bearer, bearer11, direct, holderOfKey, type Scene, signedScenes } from "./support/scenes.js";

/*
 * Octets that two parsers read differently, or that make one do something: refused before there is a document, with the
 * one answer for what is not a message. Only text and octets are changed, never what was signed.
 */

/** An attack on the text of a message. */
const onText = (scene: Scene, change: (text: string) => string) =>
  against(scene, ({ text, soap }) => ({ soap, body: change(text) }));

/** An attack on the octets of a message. */
const onOctets = (scene: Scene, change: (octets: Buffer) => Uint8Array) =>
  against(scene, ({ bytes, soap }) => ({ soap, body: change(Buffer.from(bytes)) }));

const before = (what: string) => (text: string) => what + text;
const behind = (what: string) => (text: string) => text + what;
const inBody = (what: string) => (text: string) => replaced(text, ">A-100001<", `>A-1${what}00001<`);
const inSubject = (what: string) => (text: string) => replaced(text, ">alice<", `>${what}alice<`);

describe("processing instructions", () => {
  const instruction = "<?p not-?>";
  attack("B1", "in the subject", onText(bearer, inSubject(instruction)));
  attack(
    "B1",
    "in the subject of SAML 1.1",
    onText(bearer11, (text) => text.replace(">alice<", `>${instruction}alice<`)),
  );
  for (const scene of signedScenes) attack("B1", `in the Body, ${scene.title}`, onText(scene, inBody(instruction)));
  attack("B1", "before the Envelope", onText(direct, before(instruction)));
  attack("B1", "behind the Envelope", onText(direct, behind(instruction)));
  attack("B1", "that looks like an XML declaration", onText(direct, inBody('<?xml version="1.0"?>')));
  attack(
    "B1",
    "a style sheet",
    onText(direct, before('<?xml version="1.0"?><?xml-stylesheet href="http://192.0.2.9/x.xsl"?>')),
  );
  const digest = (text: string) =>
    replaced(text, /URI="#Body-1">[\s\S]*?<ds:DigestValue>/, (found) => `${found}<?p x?>`);
  attack("B5", "in a DigestValue", onText(direct, digest));
  attack(
    "B5",
    "as the whole text of a DigestValue",
    onText(direct, (text) =>
      replaced(text, /URI="#Body-1">[\s\S]*?<ds:DigestValue>[^<]*/, (found) => found.replace(/([^>]*)$/, "<?p $1?>")),
    ),
  );
});

const declarations: Readonly<Record<string, string>> = {
  empty: "<!DOCTYPE x>",
  "with an empty subset": "<!DOCTYPE soap:Envelope []>",
  "of a public identifier": '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://192.0.2.9/x.dtd">',
  "of a system identifier": '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
  "with an entity": '<!DOCTYPE x [<!ENTITY e "x">]>',
  "with a parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://192.0.2.9/x">%p;]>',
  "in lower case": "<!doctype x>",
};

describe("document type declarations", () => {
  for (const [title, declaration] of Object.entries(declarations)) {
    attack("B8", title, onText(direct, before(declaration)));
    attack(
      "B8",
      `${title}, behind an XML declaration and a comment`,
      onText(holderOfKey, before(`<?xml version="1.0"?><!-- -->${declaration}`)),
    );
    attack("B8", `${title}, in the Body`, onText(direct, inBody(declaration)));
  }
  attack(
    "B9",
    "whose end two parsers find at different places",
    onText(direct, before(`<!DOCTYPE r SYSTEM 'x"><!--'>`)),
  );
  attack(
    "B9",
    "with a CDATA section behind",
    onText(direct, (text) => `<!DOCTYPE r SYSTEM 'x"><!--'>${text}<![CDATA[-->]]>`),
  );
  attack(
    "B10",
    "that gives ds:Signature a default namespace",
    onText(direct, before(`<!DOCTYPE x [<!ATTLIST Signature xmlns CDATA #FIXED "${namespaces.ds}">]>`)),
  );
  attack(
    "B10",
    "that gives the Body an identifier",
    onText(direct, before('<!DOCTYPE x [<!ATTLIST soap:Body wsu:Id CDATA "Body-1">]>')),
  );
  attack(
    "B11",
    "whose entity is the value of an Id",
    onText(direct, (text) => `<!DOCTYPE x [<!ENTITY e "Body-1">]>${replaced(text, 'wsu:Id="Body-1"', 'wsu:Id="&e;"')}`),
  );
  attack(
    "B11",
    "that is missing while the entity is used",
    onText(direct, (text) => replaced(text, 'wsu:Id="Body-1"', 'wsu:Id="&e;"')),
  );
});

describe("the document element", () => {
  for (const [title, content] of Object.entries({
    "a second root": "<x/>",
    text: "x",
    "a null character": "\0",
    "a CDATA section": "<![CDATA[]]>",
    "a reference": "&#32;",
    "an end tag": "</soap:Envelope>",
    "an open comment": "<!--",
    "the message once more": "TWICE",
  })) {
    attack(
      "B15",
      `${title} behind`,
      onText(direct, (text) => text + (content === "TWICE" ? text : content)),
    );
    attack(
      "B15",
      `${title} before`,
      onText(direct, (text) => (content === "TWICE" ? text : content) + text),
    );
  }
  attack(
    "B15",
    "nothing",
    onText(direct, () => ""),
  );
  attack(
    "B15",
    "white space alone",
    onText(direct, () => " \n"),
  );
});

describe("well-formedness", () => {
  for (const [title, change] of Object.entries<(text: string) => string>({
    "an attribute without quotes": (text) => replaced(text, '<o:Line number="1"', "<o:Line number=1"),
    "an attribute without value": (text) => replaced(text, '<o:Line number="1"', "<o:Line number"),
    "an attribute twice": (text) => replaced(text, '<o:Line number="1"', '<o:Line number="1" number="2"'),
    "an attribute twice under two prefixes": (text) =>
      replaced(
        text,
        '<o:Line number="1"',
        `<o:Line number="1" xmlns:p="${namespaces.o}" xmlns:q="${namespaces.o}" p:a="1" q:a="2"`,
      ),
    "wsu:Id twice under two prefixes": (text) =>
      replaced(text, 'wsu:Id="Body-1"', `wsu:Id="Body-1" xmlns:p="${namespaces.wsu}" p:Id="Body-2"`),
    "attributes without white space between": (text) => replaced(text, '<o:Line number="1"', '<o:Line a="1"number="1"'),
    "< in an attribute": (text) => replaced(text, 'currency="EUR">17.99', 'currency="<">17.99'),
    "< in text": inBody("<"),
    "& in text": inBody("&"),
    "]]> in text": inBody("]]>"),
    "-- in a comment": inBody("<!-- -- -->"),
    "an open tag": (text) => replaced(text, "</soap:Body>", ""),
    "another end tag": (text) => replaced(text, "</soap:Body>", "</soap:body>"),
    "an end tag with an attribute": (text) => replaced(text, "</soap:Body>", '</soap:Body x="1">'),
    "an undeclared prefix": (text) => replaced(text, "</soap:Body>", "<p:x/></soap:Body>"),
    "a name with two colons": (text) => replaced(text, "</soap:Body>", "<soap:a:b/></soap:Body>"),
    "the end cut off": (text) => text.slice(0, -3),
  })) {
    attack("B16", title, onText(direct, change));
  }
  for (const reference of [
    "&unknown;",
    "&nbsp;",
    "&#0;",
    "&#x1F;",
    "&#xD800;",
    "&#xFFFE;",
    "&#x110000;",
    "&#;",
    "&#x;",
    "&amp",
    "& ;",
    "&#x41",
    "&AMP;",
  ]) {
    attack("B17", reference, onText(direct, inBody(reference)));
  }
  for (const character of ["\0", "\u0001", "\u000b", "\u001f", "\ufffe", "\uffff"]) {
    attack("B17", `U+${character.charCodeAt(0).toString(16)}`, onText(direct, inBody(character)));
  }
  for (const [title, octets] of Object.entries({
    "a lone surrogate": [0xed, 0xa0, 0x80],
    "an overlong slash": [0xc0, 0xaf],
    "an overlong <": [0xe0, 0x80, 0xbc],
    "a lone continuation": [0x80],
    "a letter of Latin-1": [0xe9],
    "beyond U+10FFFF": [0xf4, 0x90, 0x80, 0x80],
    "a sequence cut off": [0xe2, 0x82],
  })) {
    attack(
      "B17",
      title,
      onOctets(direct, (bytes) => {
        const at = bytes.indexOf("A-100001");
        return Buffer.concat([bytes.subarray(0, at), Buffer.from(octets), bytes.subarray(at)]);
      }),
    );
  }
});

describe("declarations and encodings", () => {
  attack("B24", "XML 1.1", onText(direct, before('<?xml version="1.1"?>')));
  attack("B24", "XML 2.0", onText(direct, before('<?xml version="2.0"?>')));
  attack(
    "B24",
    "an encoding that is not the one used",
    onText(direct, before('<?xml version="1.0" encoding="ISO-8859-1"?>')),
  );
  attack("B24", "an XML declaration behind white space", onText(direct, before(' <?xml version="1.0"?>')));
  attack(
    "B24",
    "UTF-16 without its charset",
    onOctets(direct, (bytes) => Buffer.from(`\ufeff${bytes.toString()}`, "utf16le")),
  );
  for (const prolog of [
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
    "<?xml version='1.0' standalone='no'?>\r\n",
    "\ufeff",
    "<!-- c -->\n",
  ]) {
    attack("B24", `${JSON.stringify(prolog)} is accepted`, async (expect) => {
      const message = direct.genuine();
      const body = Buffer.from(prolog + message.text);
      const security = await direct.route.admits({ ...message, bytes: body });
      expect(security.principal.name).toBe("CN=alice,O=Example");
      return (await direct.route.send({ soap: "1.1", body })).verdict;
    });
  }
  attack("B24", "XInclude is data like any other", async () => {
    const include = '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"></i:include>';
    const message = direct.genuine({ payload: include });
    await direct.route.admits(message);
    return (await direct.route.send({ soap: "1.1", body: message.bytes })).verdict;
  });
});
