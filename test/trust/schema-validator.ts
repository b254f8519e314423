import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { XmlDocument, XmlValidateError, XsdValidator, xmlRegisterInputProvider } from "libxml2-wasm";

/** SOAP Message Security 1.1 section 8.5 makes this attribute optional, its schema does not: the text counts. */
const optionalValue = "SignatureConfirmation': The attribute 'Value' is required but missing";

/** Validates whole messages against the schemas of every namespace that stands in them. Nothing is fetched. */
export class SchemaValidator {
  readonly #schema: XmlDocument;
  readonly #validator: XsdValidator;

  /** @param folder The schemas, with their catalog. */
  constructor(folder: string) {
    const addresses = catalogOf(folder);
    xmlRegisterInputProvider({
      match: (name) => addresses.has(name) || name.startsWith("file:"),
      open: (name) => openSync(addresses.get(name) ?? fileURLToPath(name), "r"),
      read: (descriptor, buffer) => readSync(descriptor, buffer),
      close: (descriptor) => {
        closeSync(descriptor);
        return true;
      },
    });
    const entry = join(folder, "all-namespaces.xsd");
    this.#schema = XmlDocument.fromBuffer(readFileSync(entry), { url: pathToFileURL(entry).href });
    this.#validator = XsdValidator.fromDoc(this.#schema);
  }

  /** What is wrong with a message; empty where it is valid. */
  faultsOf(xml: string): readonly string[] {
    const document = XmlDocument.fromString(xml);
    try {
      this.#validator.validate(document);
      return [];
    } catch (error) {
      const faults = error instanceof XmlValidateError ? error.details.map(({ message }) => message) : [String(error)];
      return faults.filter((fault) => !fault.includes(optionalValue));
    } finally {
      document.dispose();
    }
  }

  dispose(): void {
    this.#validator.dispose();
    this.#schema.dispose();
  }
}

/** Web addresses of schemas, and the files that stand for them. */
function catalogOf(folder: string): ReadonlyMap<string, string> {
  const catalog = readFileSync(join(folder, "catalog.xml"), "utf8");
  const entries = catalog.matchAll(/systemId="([^"]*)" uri="([^"]*)"/g);
  return new Map([...entries].map(([, address = "", file = ""]) => [address, join(folder, file)]));
}
