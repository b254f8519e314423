import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { describe, it } from "vitest";

/*
 * What a test needs and this machine may lack: a program, or a folder of the standards' data beside the checkout.
 *
 *   const xmlsec1 = requireProgram("xmlsec1");
 *   xmlsec1.describe("signatures of xmlsec1", () => { it("accepts ...", ...); });
 *
 *   const vectors = requireSharedData("vectors/c14n");
 *   vectors.it("accepts every canonical form", () => { readFileSync(join(vectors.path, "vectors.json")); });
 *
 * Where it is absent the tests are skipped and the run ends with its name; with COUNTERSIGN_REQUIRE=all they fail.
 */

declare module "vitest" {
  interface TaskMeta {
    /** The name of what was absent, on a test skipped for it. */
    requires?: string;
  }
}

/** Something outside the repository that tests need. */
export interface External {
  /** As the end of the run prints it, for example `xmlsec1`. */
  readonly name: string;
  readonly present: boolean;
  /** As vitest's `describe`; the body is not run where the external is absent. */
  describe(title: string, body: () => void): void;
  /** As vitest's `it`. */
  it(title: string, body: () => void | Promise<void>, timeoutMilliseconds?: number): void;
}

/** Whether an absent external is a failure: `.ci/run` and the interoperability suites say so. */
const requireAll = process.env.COUNTERSIGN_REQUIRE === "all";

/** An external under the name that is printed where it is absent; `probe` is called once, when the test file loads. */
export function requireExternal(name: string, probe: () => boolean): External {
  const present = probe();
  const absent = (title: string) => {
    if (requireAll) {
      it(title, ({ expect }) => expect.fail(`${name} is absent, and COUNTERSIGN_REQUIRE=all`));
    } else {
      it.skipIf(true)(title, { meta: { requires: name } }, () => {});
    }
  };
  return {
    name,
    present,
    describe(title, body) {
      describe(title, present ? body : () => absent(`needs ${name}`));
    },
    it(title, body, timeoutMilliseconds) {
      if (present) it(title, body, timeoutMilliseconds);
      else absent(title);
    },
  };
}

/** A program on the PATH. */
export function requireProgram(program: string): External {
  return requireExternal(program, () => isOnPath(program));
}

/** A folder of the data of the standards, which stands beside the checkout and is not part of it. */
export function requireSharedData(folder: string): External & { readonly path: string } {
  const path = resolve(import.meta.dirname, "../../../shared/data", folder);
  return { ...requireExternal(`shared/data/${folder}`, () => existsSync(path)), path };
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
