/** The program: what `bin/countersign.js` starts. */
import { run } from "./run.js";

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});
const code = await run(process.argv.slice(2), process);
// Whatever a configuration left open must not keep the command alive; what was printed must still arrive.
process.stdout.write("", () => process.exit(code));
