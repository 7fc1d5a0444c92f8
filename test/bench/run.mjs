// `npm run bench`: the set-up, then the measurements. `-- --json` writes one JSON object a line.
import {refuseOldNode} from "../../kernel/setup/old-node.mjs";

if (!refuseOldNode()) {
  import("../../kernel/setup/setup.mjs").then(async ({setUpOrEnd}) => {
    // What the set-up says must not stand between the figures that a machine reads.
    await setUpOrEnd({say: console.error});
    await import("../../dist/test/bench/main.js");
  });
}
