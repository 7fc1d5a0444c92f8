// `npm start` after the Node check: set up, start JupyterLab, say where it is, stay until told to
// stop.
import {existsSync} from "node:fs";
import {join} from "node:path";
import {endOnSignals} from "./child.mjs";
import {startLab} from "./jupyter.mjs";
import {parseOptions, USAGE} from "./options.mjs";
import {project} from "./paths.mjs";
import {SetupProblem} from "./problem.mjs";
import {setUpOrEnd} from "./setup.mjs";

const TUTORIAL = "notebooks/01-overview-of-a-task.ipynb";

export async function launch(args) {
  try {
    const options = parseOptions(args);
    if (options.isHelp) return console.log(USAGE);
    await setUpOrEnd();
    await openLab(options);
  } catch (error) {
    console.error(error instanceof SetupProblem ? error.message : error);
    process.exit(1);
  }
}

async function openLab({port, hasBrowser}) {
  let isStopping = false;
  const lab = await startLab({
    port,
    hasBrowser: hasBrowser && hasScreen(),
    openPath: existsSync(join(project, TUTORIAL)) ? `lab/tree/${TUTORIAL}` : "lab",
    onExit: (how) => {
      if (isStopping) return;
      console.error(`JupyterLab ended (${how}); its log: .jupyter/logs/jupyterlab.log`);
      process.exit(1);
    },
  });
  endOnSignals({
    stop() {
      isStopping = true;
      return lab.stop();
    },
  });
  if (lab.port !== port) console.log(`Port ${port} is taken, so it is ${lab.port}.`);
  console.log(`Tasklab is ready and running at ${lab.openUrl}\nCtrl-C stops it.`);
}

/** Without a screen Python would open a text browser in this very terminal. */
function hasScreen(env = process.env) {
  if (process.platform !== "linux") return true;
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME || env.BROWSER);
}
