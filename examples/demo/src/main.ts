/**
 * `pnpm demo`: starts a broker and the same order service on Express, Koa and Fastify, plays every story against each and
 * ends with `N passed, N failed`. `--serve` keeps everything up; `--json` prints one array of rows as the last line.
 */
import { parseArgs } from "node:util";
import { printTrialLines } from "./serve.js";
import { admitted } from "./stories-admitted.js";
import { refused } from "./stories-refused.js";
import { type Row, tell } from "./story.js";
import { startWorld } from "./world.js";

const { values: options } = parseArgs({
  options: { json: { type: "boolean", default: false }, serve: { type: "boolean", default: false } },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);

const world = await startWorld();
print(`Broker ${world.broker.url}`);
for (const { framework, url } of world.services) print(`Orders ${url} (${framework})`);

const rows: Row[] = [];
for (const story of [...admitted, ...refused]) {
  rows.push(...(await tell(story, world, print)));
}

const failed = rows.filter(({ pass }) => !pass).length;
print(`\n${rows.length - failed} passed, ${failed} failed`);
if (options.json) print(JSON.stringify(rows));
process.exitCode = failed > 0 ? 1 : 0;
if (options.serve) await printTrialLines(world, print);
else await world.close();
