// Watching processes from outside, for tests that start some.

import {execFileSync} from "node:child_process";

export interface Running {
  pid: number;
  parent: number;
  /** The script that it runs: "head-main.js". */
  script: string;
}

/** All that descend from `root`, itself left out. */
export function descendants(root: number): Running[] {
  const lines = execFileSync("ps", ["-eo", "pid=,ppid=,args="], {encoding: "utf8"}).split("\n");
  const all = lines.flatMap((line): Running[] => {
    const parts = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    if (!parts) return [];
    const script = /([\w-]+\.m?js)(\s|$)/.exec(parts[3]!)?.[1] ?? "";
    return [{pid: Number(parts[1]), parent: Number(parts[2]), script}];
  });
  const found: Running[] = [];
  const roots = new Set([root]);
  for (let before = -1; before !== found.length;) {
    before = found.length;
    for (const one of all) {
      if (!roots.has(one.parent) || roots.has(one.pid) || one.script === "") continue;
      roots.add(one.pid);
      found.push(one);
    }
  }
  return found;
}

/** Gone, or a zombie that its parent has not yet looked at. */
export function isAlive(pid: number): boolean {
  try {
    const state = execFileSync("ps", ["-o", "stat=", "-p", String(pid)], {encoding: "utf8"}).trim();
    return state !== "" && !state.startsWith("Z");
  } catch {
    return false;
  }
}

export async function until(
  isTrue: () => boolean | Promise<boolean>,
  what: string,
  limitMs = 10_000,
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function allGone(pids: number[], limitMs = 5_000): Promise<void> {
  await until(() => !pids.some(isAlive), `processes ${pids.join(", ")} have ended`, limitMs);
}
