/** `pnpm demo [--json]`: plays every story and ends with `N passed, N failed`. */
import { parseArgs } from "node:util";
import { stories } from "./stories.js";
import { type Row, tell } from "./story.js";

const { values: options } = parseArgs({ options: { json: { type: "boolean", default: false } } });

const rows: Row[] = [];
for (const story of stories) rows.push(await tell(story, (line) => process.stdout.write(`${line}\n`)));

const failed = rows.filter(({ pass }) => !pass).length;
process.stdout.write(`\n${rows.length - failed} passed, ${failed} failed\n`);
if (options.json) process.stdout.write(`${JSON.stringify(rows)}\n`);
process.exitCode = failed > 0 ? 1 : 0;
