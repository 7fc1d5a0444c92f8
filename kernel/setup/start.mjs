// `npm start`: set up what is missing, then open JupyterLab on the first tutorial.
import {refuseOldNode} from "./old-node.mjs";

// Imported late, so that an old Node reads the refusal instead of a syntax error.
if (!refuseOldNode()) {
  import("./launch.mjs").then((room) => room.launch(process.argv.slice(2)));
}
