// Makes a folder of the set-up anew, and never removes what can't be made again.
import {existsSync} from "node:fs";
import {lstat, readdir, rename, rm} from "node:fs/promises";
import {hasAnyStamp, leaveStamp} from "./fingerprint.mjs";
import {SetupProblem} from "./problem.mjs";

/**
 * Runs `make`, which fills the folder. What was there lies aside until `make` has succeeded, and
 * comes back when it fails. A folder that the set-up has not made is refused: it is somebody's own.
 */
export async function makeAnew(folder, make) {
  const aside = `${folder}.before`;
  // Left by a set-up that was killed.
  if (existsSync(aside)) {
    await rm(folder, {recursive: true, force: true});
    await rename(aside, folder);
  }
  await checkOurs(folder);
  const isThere = existsSync(folder);
  if (isThere) await rename(folder, aside);
  try {
    await leaveStamp(folder, "under way");
    await make();
  } catch (error) {
    await rm(folder, {recursive: true, force: true});
    if (isThere) await rename(aside, folder);
    throw error;
  }
  await rm(aside, {recursive: true, force: true});
}

async function checkOurs(folder) {
  const found = await lstat(folder).catch(() => undefined);
  if (found === undefined) return;
  const isOurs =
    found.isDirectory() && ((await hasAnyStamp(folder)) || (await readdir(folder)).length === 0);
  if (isOurs) return;
  throw new SetupProblem(
    `${folder} is not an environment that Tasklab has made, so it is left as it is. ` +
      "Move it away, then start again: Tasklab makes its own there",
  );
}
