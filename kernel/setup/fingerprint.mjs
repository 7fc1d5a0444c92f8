// One hash over the content of files and some words: what a step's result was made from. A step
// leaves it inside the folder that it made, so whoever deletes the folder deletes the claim with
// it.
import {createHash} from "node:crypto";
import {mkdir, readFile, readdir, writeFile} from "node:fs/promises";
import {dirname, join, relative} from "node:path";

const STAMP = ".tasklab-stamp";

/** The hash of all files named or found below the folders named, and of the words beside them. */
export async function fingerprint(paths, {words = [], ignore = () => false} = {}) {
  const files = [];
  for (const path of paths) for await (const file of walk(path, ignore)) files.push(file);
  const hash = createHash("sha256").update(JSON.stringify(words));
  const contents = await Promise.all(files.sort().map((file) => readFile(file)));
  const base = paths.length === 1 ? paths[0] : dirname(paths[0] ?? "");
  files.forEach((file, index) => {
    const content = contents[index];
    hash.update(`\0${relative(base, file)}\0${content.length}\0`).update(content);
  });
  return hash.digest("hex");
}

export async function hasStamp(folder, value) {
  return (await readFile(join(folder, STAMP), "utf8").catch(() => undefined)) === value;
}

/** Whether a step has begun to make the folder, with whatever result. */
export async function hasAnyStamp(folder) {
  return (await readFile(join(folder, STAMP)).catch(() => undefined)) !== undefined;
}

export async function leaveStamp(folder, value) {
  await mkdir(folder, {recursive: true});
  await writeFile(join(folder, STAMP), value);
}

const NEVER = new Set(["node_modules", ".git", ".venv", "__pycache__", ".ipynb_checkpoints"]);

async function* walk(path, ignore) {
  let entries;
  try {
    entries = await readdir(path, {withFileTypes: true});
  } catch (error) {
    if (error.code === "ENOTDIR") yield path;
    else if (error.code !== "ENOENT") throw error;
    return;
  }
  for (const entry of entries) {
    const inner = join(path, entry.name);
    if (NEVER.has(entry.name) || ignore(inner)) continue;
    if (entry.isDirectory()) yield* walk(inner, ignore);
    else if (entry.isFile()) yield inner;
  }
}
