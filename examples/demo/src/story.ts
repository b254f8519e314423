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

/** A told story on one framework, as `--json` prints it. */
export interface Row {
  readonly story: string;
  readonly framework: Framework;
  readonly expected: Verdict;
  readonly verdict: Verdict | "failed";
  readonly pass: boolean;
}

/** Plays a story against every service: its steps are printed once, its outcome for each. */
export async function tell(story: Story, world: World, print: (line: string) => void): Promise<readonly Row[]> {
  const { name, title, expected } = story;
  print(`\n${title}`);
  const rows: Row[] = [];
  for (const service of world.services) {
    const { framework } = service;
    const { verdict, steps, proof } = await played(story, world, service);
    if (rows.length === 0) for (const step of steps) print(`    ${step}`);
    const pass = verdict === expected;
    print(`  ${pass ? "✓" : "✗"} ${framework.padEnd(8)} ${verdict}: ${proof}`);
    rows.push({ story: name, framework, expected, verdict, pass });
  }
  return rows;
}

/** A story whose scenery fails is neither admitted nor refused. */
async function played(story: Story, world: World, service: OrderService) {
  try {
    return await story.play(world, service);
  } catch (error) {
    return { verdict: "failed" as const, steps: [], proof: error instanceof Error ? error.message : String(error) };
  }
}
