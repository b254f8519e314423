import { blocksOf, documents } from "./blocks.js";
import { createLoader, type Loader } from "./compile.js";
import { createLoopback, type Loopback } from "./loopback.js";
import { type Application, type Exchange, parseExchange, serve } from "./serving.js";

/** The modules of the documents, and the network that they see. */
export interface Stage {
  readonly loader: Loader;
  readonly network: Loopback;
  /** Loads the broker that a document starts; it is `https://sts.example` from then on. */
  startBroker(file: string): Promise<void>;
  /** Loads a module that exports an `app`, and those that add to it; it is `https://orders.example` from then on. */
  startService(file: string, ...additions: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Sets the stage. One at a time in a process: it changes what Node does with the network. */
export function createStage(): Stage {
  const loader = createLoader();
  const network = createLoopback();
  return {
    loader,
    network,
    async startBroker(file) {
      const before = network.servers.length;
      await loader.load(file);
      const broker = network.servers[before];
      if (broker === undefined) throw new Error(`${file} starts no server`);
      network.assign("sts.example", broker);
    },
    async startService(file, ...additions) {
      const { app } = await loader.load(file);
      for (const addition of additions) await loader.load(addition);
      network.assign("orders.example", await serve(app as Application));
    },
    async close() {
      await network.restore();
      loader.remove();
    },
  };
}

/** What the documents say that a module answers, in their `http` blocks. */
export const exchangesOf = (file: string): readonly Exchange[] =>
  documents
    .flatMap(blocksOf)
    .filter(({ language, attributes }) => language === "http" && attributes.for?.split(",").includes(file))
    .map(parseExchange);
