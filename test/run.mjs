// `npm test`: the same set-up as `npm start`, then every test. `npm test -- scheduler` runs the
// files whose path holds that word. The last line is always `N passed, N failed`.
import {refuseOldNode} from "../kernel/setup/old-node.mjs";

if (!refuseOldNode()) {
  import("./support/runner.mjs").then((room) => room.testEverything(process.argv.slice(2)));
}
