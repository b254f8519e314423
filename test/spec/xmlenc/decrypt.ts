import { crypto, xml, xmlsec } from "@countersign/core/testing";

/** What a test decrypts with: keys by name for shared keys, one private key for everything else. */
export interface Keys {
  readonly named?: Readonly<Record<string, Uint8Array>>;
  readonly privateKey?: crypto.KeyObject;
}

/** The elements of that name, in document order. */
export function elementsOf(document: xml.XmlDocument, name: number): readonly number[] {
  const found: number[] = [];
  for (let element = 0; element < document.elementCount; element++) {
    if (document.name(element) === name) found.push(element);
  }
  return found;
}

function openingKey(
  { keyInfo }: xmlsec.EncryptedKeySyntax,
  { named = {}, privateKey }: Keys,
): crypto.KeyObject | undefined {
  const [name] = keyInfo?.keyNames ?? [];
  if (name !== undefined) return named[name] && crypto.secretKey(named[name]);
  return privateKey;
}

/** Decrypts the first EncryptedData of a document as its KeyInfo says. */
export function decryptFirst(
  text: string | Uint8Array,
  keys: Keys,
  suite: crypto.AlgorithmSuite = crypto.defaultSuite,
): { readonly document: xml.XmlDocument; readonly data: xmlsec.EncryptedDataSyntax; readonly plaintext: Buffer } {
  const document = xml.scan(Buffer.from(text as Uint8Array));
  const budget = new xmlsec.DecryptionBudget();
  const data = xmlsec.parseEncryptedData(document, elementsOf(document, xmlsec.xencNames.encryptedData)[0] ?? -1);
  const { keyOctets } = xmlsec.checkEncryptionAlgorithms(document, data, suite);
  return { document, data, plaintext: xmlsec.decryptData(document, data, { suite, key: contentKey(), budget }) };

  function contentKey(): Uint8Array {
    const { keyInfo } = data;
    const [name] = keyInfo?.keyNames ?? [];
    const known = name === undefined ? undefined : keys.named?.[name];
    if (known !== undefined) return known;
    const candidates = keyInfo?.encryptedKeys.length ? keyInfo.encryptedKeys : carrying(name);
    for (const candidate of candidates) {
      const key = openingKey(candidate, keys);
      if (key !== undefined) {
        return xmlsec.decryptKey(document, candidate, { suite, key, lengths: [keyOctets], budget });
      }
    }
    throw new Error("no key is known");
  }

  function carrying(name: string | undefined): readonly xmlsec.EncryptedKeySyntax[] {
    return elementsOf(document, xmlsec.xencNames.encryptedKey)
      .map((element) => xmlsec.parseEncryptedKey(document, element))
      .filter(({ carriedKeyName }) => carriedKeyName === name);
  }
}
