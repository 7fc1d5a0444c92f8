// `tasklab doctor`: every link of the chain from Node.js to a first cell, a line each, with the
// mend.
import {dirname} from "node:path";
import {
  checkExtension,
  checkJupyter,
  checkKernelspec,
  checkNode,
  checkRuntime,
  checkTrial,
} from "./checks.js";
import type {Finding, Scene} from "./finding.js";
import {findJupyter} from "./jupyter.js";

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
  const isFound = spec && "argv" in spec;
  const scene: Scene = {
    jupyter,
    argv: isFound ? spec.argv : [],
    install: installCommand(isFound ? spec.folder : "", jupyter?.userData),
  };
  let isWell = true;
  for (const {title, check} of CHECKS) {
    const {isGood, text, mend} = await check(scene);
    say(`${isGood === null ? "·" : isGood ? "✓" : "✗"} ${title.padEnd(11)} ${text}`);
    if (mend !== undefined) say(`    mend: ${mend}`);
    isWell &&= isGood !== false;
  }
  return isWell;
}

/** A kernelspec in an environment comes before the user's own: it must be mended where it lies. */
export function installCommand(kernelspec: string, userData = ""): string {
  const [, prefix] = /^(.+)\/share\/jupyter\/kernels\/tasklab$/.exec(kernelspec) ?? [];
  const isOfUser = prefix === undefined || dirname(dirname(kernelspec)) === userData;
  return isOfUser ? "npx tasklab install" : `npx tasklab install --prefix "${prefix}"`;
}
