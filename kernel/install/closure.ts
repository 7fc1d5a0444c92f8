// Every package that Tasklab loads, found as Node finds them, whether npm, pnpm or yarn has put
// them there, and where each will stand in a node_modules of our own.
import {access, readFile, realpath} from "node:fs/promises";
import {basename, dirname, join} from "node:path";
import {InstallProblem} from "./problem.js";

export interface PlacedPackage {
  name: string;
  /** Its folder now, links resolved. */
  source: string;
  /** Its folder below the new place: "node_modules/a/node_modules/b". */
  target: string;
}

interface Manifest {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/**
 * tslab asks for its fork of TypeScript and gets our shim (`compiler/check/converter.ts`): 38 MB
 * less.
 */
const NEVER_LOADED = new Set(["@tslab/typescript-for-tslab"]);

/**
 * Breadth first: a package goes to the top, or below the one that needs it where the top has
 * another of that name. So each finds in the new place what it has found in the old one.
 */
export async function closureOf(project: string): Promise<PlacedPackage[]> {
  const placed = new Map<string, PlacedPackage>();
  const waiting = [{name: "tasklab", source: await realpath(project), target: ""}];
  for (let needer = waiting.shift(); needer; needer = waiting.shift()) {
    for (const {name, isNeeded} of needsOf(await readManifest(needer.source))) {
      const source = await findPackage(name, needer.source);
      if (source === undefined) {
        if (isNeeded) throw missing(name, needer.name);
        continue;
      }
      if (visibleFrom(needer.target, name, placed)?.source === source) continue;
      const top = join("node_modules", name);
      const target = placed.has(top) ? join(needer.target, "node_modules", name) : top;
      const found = {name, source, target};
      placed.set(target, found);
      waiting.push(found);
    }
  }
  return [...placed.values()];
}

function needsOf({dependencies, optionalDependencies, peerDependencies}: Manifest) {
  const names = new Set(
    [dependencies, optionalDependencies, peerDependencies].flatMap((each) =>
      Object.keys(each ?? {}),
    ),
  );
  return [...names]
    .filter((name) => !NEVER_LOADED.has(name))
    .map((name) => ({
      name,
      isNeeded: dependencies?.[name] !== undefined && !optionalDependencies?.[name],
    }));
}

/** What Node would take for `name` in the new place, seen from the package at `target`. */
function visibleFrom(target: string, name: string, placed: ReadonlyMap<string, PlacedPackage>) {
  for (const folder of ancestors(target)) {
    const found = placed.get(join(folder, "node_modules", name));
    if (found) return found;
  }
  return undefined;
}

async function findPackage(name: string, from: string): Promise<string | undefined> {
  for (const folder of ancestors(from)) {
    const candidate = join(folder, "node_modules", name);
    const isThere = await access(join(candidate, "package.json")).then(
      () => true,
      () => false,
    );
    if (isThere) return realpath(candidate);
  }
  return undefined;
}

/** The folder and all above it in which Node looks for a node_modules. */
function ancestors(folder: string): string[] {
  const above = dirname(folder) === folder ? [] : ancestors(dirname(folder));
  return basename(folder) === "node_modules" ? above : [folder, ...above];
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest;
}

function missing(name: string, needer: string): InstallProblem {
  return new InstallProblem(
    `The package ${name} is missing, which ${needer} needs. Install Tasklab again: npm install tasklab`,
  );
}
