// `tasklab doctor`: every link of the chain from Node.js to a first cell, a line each, with the mend.
import {
  checkExtension,
  checkJupyter,
  checkKernelspec,
  checkNode,
  checkRuntime,
  checkTrial,
} from "./checks.js";
import {findJupyter, type Jupyter} from "./jupyter.js";

/** What a check sees; `main` is the kernel's program by the kernelspec that Jupyter finds. */
export interface Scene {
  jupyter: Jupyter | undefined;
  /** The command line of the kernel that Jupyter finds. */
  argv: readonly string[];
}

export interface Finding {
  /** null: there is nothing to check. */
  isGood: boolean | null;
  text: string;
  mend?: string;
}

const CHECKS: readonly {title: string; check: (scene: Scene) => Promise<Finding>}[] = [
  {title: "Node.js", check: checkNode},
  {title: "Jupyter", check: checkJupyter},
  {title: "kernelspec", check: checkKernelspec},
  {title: "runtime", check: checkRuntime},
  {title: "extension", check: checkExtension},
  {title: "first cell", check: checkTrial},
];

/** Whether all is well. */
export async function doctor({say}: {say: (line: string) => void}): Promise<boolean> {
  const jupyter = await findJupyter();
  const spec = jupyter?.kernelspec;
  const scene: Scene = {jupyter, argv: spec && "argv" in spec ? spec.argv : []};
  let isWell = true;
  for (const {title, check} of CHECKS) {
    const {isGood, text, mend} = await check(scene);
    say(`${isGood === null ? "·" : isGood ? "✓" : "✗"} ${title.padEnd(11)} ${text}`);
    if (mend !== undefined) say(`    mend: ${mend}`);
    isWell &&= isGood !== false;
  }
  return isWell;
}
