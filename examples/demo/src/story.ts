import type { Framework, OrderService } from "./services.js";
import type { World } from "./world.js";

/** What becomes of a request. */
export type Verdict = "admitted" | "refused";

/** One scenario of the demo, told in a few lines and played against each framework. */
export interface Story {
  /** Short name, as `--json` prints it. */
  readonly name: string;
  readonly title: string;
  readonly expected: Verdict;
  /** Plays it against one service. Throws only where the scenery fails. */
  play(world: World, service: OrderService): Promise<Ending>;
}

/** How a story ended. */
export interface Ending {
  readonly verdict: Verdict;
  /** What happened, one line per step. */
  readonly steps: readonly string[];
  /** One line that shows it: who was let in, or the exact reason from the audit record. */
  readonly proof: string;
}

/** A told story, as `--json` prints it. */
export interface Row {
  readonly story: string;
  readonly framework: Framework;
  readonly expected: Verdict;
  readonly verdict: Verdict | "failed";
  readonly pass: boolean;
}

/** Plays a story against one service and prints it. */
export async function tell(story: Story, world: World, service: OrderService, print: (line: string) => void): Promise<Row> {
  const { name, title, expected } = story;
  const { framework } = service;
  try {
    const { verdict, steps, proof } = await story.play(world, service);
    const pass = verdict === expected;
    print(`${pass ? "✓" : "✗"} ${framework.padEnd(8)} ${title}: ${verdict}`);
    for (const step of steps) print(`             ${step}`);
    print(`           = ${proof}`);
    return { story: name, framework, expected, verdict, pass };
  } catch (error) {
    print(`✗ ${framework.padEnd(8)} ${title}: failed`);
    print(`           = ${error instanceof Error ? error.message : String(error)}`);
    return { story: name, framework, expected, verdict: "failed", pass: false };
  }
}
