/** Stands for each character of a secret while positions must stay; {@link showHidden} turns a run of it into words. */
const hidden = "\ue000";

const secretElement = /<(?:[^\s<>/:!?]+:)?(Password|BinarySecret|PrivateKey)(?=[\s>/])/gi;
const restOfTag = /(?:[^"'>]|"[^"]*"|'[^']*')*>/y;
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/g;

/**
 * Covers what must never be shown (content of wsse:Password and wst:BinarySecret, private keys) character by character, in
 * text that need not be well-formed: what is not closed is covered to the end. Line ends stay.
 */
export function hideSecrets(text: string): string {
  return hideKeys(hideElements(text));
}

/** Makes the covered places of {@link hideSecrets} readable. */
export const showHidden = (text: string): string => text.replace(/\ue000+/g, "[hidden]");

function hideElements(text: string): string {
  let result = "";
  let done = 0;
  secretElement.lastIndex = 0;
  for (let found = secretElement.exec(text); found !== null; found = secretElement.exec(text)) {
    const start = behindTag(text, secretElement.lastIndex);
    if (text.endsWith("/>", start)) continue;
    const closing = new RegExp(`</(?:[^\\s<>/:]+:)?${found[1]}\\s*>`, "gi");
    closing.lastIndex = start;
    const end = closing.exec(text)?.index ?? text.length;
    result += text.slice(done, start) + cover(text.slice(start, end));
    done = end;
    secretElement.lastIndex = end;
  }
  return result + text.slice(done);
}

/** Where the tag ends; a tag that does not end is all secret. */
function behindTag(text: string, at: number): number {
  restOfTag.lastIndex = at;
  return restOfTag.test(text) ? restOfTag.lastIndex : at;
}

function hideKeys(text: string): string {
  let result = "";
  let done = 0;
  privateKey.lastIndex = 0;
  for (let found = privateKey.exec(text); found !== null; found = privateKey.exec(text)) {
    const start = privateKey.lastIndex;
    const end = text.indexOf("-----END", start);
    result += text.slice(done, start) + cover(text.slice(start, end === -1 ? text.length : end));
    done = end === -1 ? text.length : end;
    privateKey.lastIndex = done;
  }
  return result + text.slice(done);
}

const cover = (text: string): string => text.replace(/[^\r\n]/g, hidden);
