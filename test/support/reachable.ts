import { Session } from "node:inspector";

interface RemoteObject {
  readonly type: string;
  readonly subtype?: string;
  readonly value?: unknown;
  readonly objectId?: string;
  readonly description?: string;
}

interface Properties {
  readonly result?: readonly RemoteProperty[];
  readonly internalProperties?: readonly RemoteProperty[];
  readonly privateProperties?: readonly RemoteProperty[];
}

interface RemoteProperty {
  readonly name: string;
  readonly value?: RemoteObject;
}

/** Internal slots that lead on to what an object holds; the others lead to its class. */
const slots = /^\[\[(Entries|BoundThis|BoundArgs|PromiseResult|Target)\]\]$/;
/** Scopes that belong to everybody, not to the function that sees them. */
const sharedScope = /^(Module|Global|Script)/;

/** What a search found. */
export interface Reachable {
  /** Where the text stands, such as `.#client.requestor.#cache`. */
  readonly paths: readonly string[];
  /** How many objects were looked at. */
  readonly objects: number;
}

/**
 * Looks for a text in everything that an object holds on to, as a debugger sees it: its properties, the fields that only
 * its class can read, the entries of maps and sets, the octets of buffers, and what its functions close over. Closures are
 * followed where `owns` says so of the file they are written in: those of Node itself lead to the whole process.
 */
export function findText(root: unknown, wanted: string, owns: (url: string) => boolean): Reachable {
  const session = new Session();
  session.connect();
  try {
    return new Search(session, wanted, owns).from(root);
  } finally {
    session.disconnect();
    meeting[place] = undefined;
  }
}

/** Where the search and the functions that the inspector calls for it meet. */
const place = Symbol.for("countersign.test.search");
const meeting = globalThis as { [place]?: { readonly root: unknown; readonly seen: WeakSet<object> } | undefined };
const here = 'globalThis[Symbol.for("countersign.test.search")]';
/** Tells whether an object is new to the search, and the octets where it is a view of some. */
const look = `function () {
  const { seen } = ${here};
  if (seen.has(this)) return null;
  seen.add(this);
  if (!ArrayBuffer.isView(this)) return "";
  return Buffer.from(this.buffer, this.byteOffset, this.byteLength).toString("latin1");
}`;

/** A weak collection holds on to nothing, though a debugger sees what is still there. */
const isWeak = ({ subtype }: RemoteObject): boolean => subtype === "weakmap" || subtype === "weakset";

class Search {
  readonly #session: Session;
  readonly #wanted: string;
  readonly #paths: string[] = [];
  /** Ids of the scripts whose closures are followed. */
  readonly #owned = new Set<string>();
  #objects = 0;

  constructor(session: Session, wanted: string, owns: (url: string) => boolean) {
    this.#session = session;
    this.#wanted = wanted;
    session.on("Debugger.scriptParsed", ({ params: { scriptId, url } }) => {
      if (owns(url)) this.#owned.add(scriptId);
    });
    this.#post("Debugger.enable", {});
  }

  from(root: unknown): Reachable {
    meeting[place] = { root, seen: new WeakSet() };
    const { result } = this.#post<{ result: RemoteObject }>("Runtime.evaluate", { expression: `${here}.root` });
    const open: { readonly path: string; readonly value: RemoteObject }[] = [{ path: "", value: result }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { path, value } = next;
      if (typeof value.value === "string") this.#judge(path, value.value);
      if (value.objectId === undefined || value.type === "symbol" || isWeak(value)) continue;
      if (!this.#isNew(path, value.objectId)) continue;
      for (const { name, value: held } of this.#holds(value.objectId)) {
        if (held !== undefined) open.push({ path: `${path}.${name}`, value: held });
      }
    }
    return { paths: this.#paths, objects: this.#objects };
  }

  #judge(path: string, text: string): void {
    if (text.includes(this.#wanted)) this.#paths.push(path);
  }

  #isNew(path: string, objectId: string): boolean {
    const { result } = this.#post<{ result: RemoteObject }>("Runtime.callFunctionOn", {
      objectId,
      functionDeclaration: look,
      returnByValue: true,
    });
    if (typeof result.value !== "string") return false;
    this.#objects++;
    this.#judge(path, result.value);
    return true;
  }

  #holds(objectId: string): readonly RemoteProperty[] {
    const { result, internalProperties, privateProperties } = this.#post<Properties>("Runtime.getProperties", {
      objectId,
      ownProperties: true,
    });
    const slot = (wanted: string) => internalProperties?.find(({ name }) => name === wanted)?.value;
    const inner = (internalProperties ?? []).filter(({ name }) => slots.test(name));
    const written = slot("[[FunctionLocation]]")?.value as { readonly scriptId: string } | undefined;
    const scopes = written && this.#owned.has(written.scriptId) ? slot("[[Scopes]]")?.objectId : undefined;
    return [...(result ?? []), ...(privateProperties ?? []), ...inner, ...this.#scopes(scopes)];
  }

  #scopes(objectId: string | undefined): readonly RemoteProperty[] {
    if (objectId === undefined) return [];
    const { result } = this.#post<Properties>("Runtime.getProperties", { objectId, ownProperties: true });
    return (result ?? []).filter(({ value }) => !sharedScope.test(value?.description ?? ""));
  }

  #post<T>(method: string, parameters: object): T {
    let answer: T | undefined;
    let failure: Error | null = null;
    this.#session.post(method, parameters, (error, result) => {
      failure = error;
      answer = result as T | undefined;
    });
    if (failure !== null) throw failure;
    if (answer === undefined) throw new TypeError(`the inspector did not answer ${method} at once`);
    return answer;
  }
}
