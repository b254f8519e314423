/** One scenario of the demo, told in a few lines. */
export interface Story {
  /** The requirement it shows, for example `R4.8`. */
  readonly row: string;
  readonly framework: "express" | "koa" | "fastify";
  /** Who sends what to whom. */
  readonly title: string;
  /** Plays it; throws where the outcome is not the one promised. */
  play(): Promise<Ending>;
}

/** How a story ended. */
export interface Ending {
  /** What happened, one line per step. */
  readonly steps: readonly string[];
  /** One line that shows it: a verdict with its reason, a subject, a thumbprint. */
  readonly proof: string;
}

/** A told story, as `--json` prints it. */
export interface Row {
  readonly row: string;
  readonly framework: Story["framework"];
  readonly title: string;
  readonly proof: string;
  readonly pass: boolean;
}

/** Plays a story and prints it. */
export async function tell(story: Story, print: (line: string) => void): Promise<Row> {
  const { row, framework, title } = story;
  print(`\n${row} [${framework}] ${title}`);
  try {
    const { steps, proof } = await story.play();
    for (const step of steps) print(`  ${step}`);
    print(`  = ${proof}`);
    return { row, framework, title, proof, pass: true };
  } catch (error) {
    const proof = error instanceof Error ? error.message : String(error);
    print(`  FAILED: ${proof}`);
    return { row, framework, title, proof, pass: false };
  }
}
