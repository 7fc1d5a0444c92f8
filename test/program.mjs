// Runs a program of the tests after the set-up: `node test/program.mjs bench/main --json` runs
// test/bench/main.ts with `--json`. So `npm run bench` and its like work in a fresh clone, too.
import {fileURLToPath} from "node:url";
import {refuseOldNode} from "../kernel/setup/old-node.mjs";

if (!refuseOldNode()) {
  const [name] = process.argv.splice(2, 1);
  import("../kernel/setup/setup.mjs").then(async ({setUpOrEnd}) => {
    // What the set-up says must not stand between figures that a machine reads.
    await setUpOrEnd({say: console.error});
    const program = new URL(`../dist/test/${name}.js`, import.meta.url);
    process.argv[1] = fileURLToPath(program);
    await import(program.href);
  });
}
