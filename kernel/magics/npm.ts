// `%npm`: npm in the notebook's folder. What it installs can be imported, and is completed, by the
// next cell.

import {existsSync, readFileSync, realpathSync, writeFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {importedPackages} from "../../cluster/shipping/modules/packages.js";
import {runChild} from "./child.js";
import {MagicError, wordsOf, type Magic} from "./magic.js";

/** What is most wanted in a notebook; npm knows more. */
const commands = [
  "install",
  "uninstall",
  "update",
  "list",
  "outdated",
  "view",
  "run",
  "exec",
  "ci",
];
/** npm's names for it, short and long. */
const installs = /^(i|in|ins|inst|insta|instal|install|isntall|add|install-test|it|link|ln)$/;

export const npm: Magic = {
  name: "npm",
  kind: "line",
  summary: "run npm in the notebook's folder: %npm install lodash",
  help: `%npm install lodash                  into the notebook's folder; the lines below can import it
%npm install lodash@4.17.21 --save-dev   as on the command line
%npm uninstall lodash · %npm list · …    any command of npm

Without a package.json beside the notebook, one is made, so that npm does not install into a folder above.
A package that cells have imported already stays as it was until the kernel is restarted.`,
  options: {},
  raw: true,
  isForCompiler: true,
  complete: (word) => Promise.resolve(word.startsWith("-") ? [] : commands),
  async run(context, {raw}) {
    const {folder} = context;
    const words = wordsOf(raw);
    const isGlobal = words.some((word) => word === "-g" || word === "--global");
    if (installs.test(words[0] ?? "") && !isGlobal) beginPackage(folder);
    const before = versions(folder);
    const {command, args} = findNpm();
    try {
      await runChild(context, command, [...args, ...words], {
        ...{written: `%npm ${raw}`.trim(), cwd: folder, env: {...process.env, ...quiet}},
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      throw new MagicError(
        "%npm: npm was found neither beside Node nor on the PATH; it comes with Node",
      );
    } finally {
      await context.forgetPackages();
    }
    for (const text of inUse(before, versions(folder))) console.log(text);
  },
};

/** What says nothing in a notebook. */
const quiet = {
  npm_config_fund: "false",
  npm_config_progress: "false",
  npm_config_update_notifier: "false",
};

function beginPackage(folder: string): void {
  const path = join(folder, "package.json");
  if (existsSync(path)) return;
  writeFileSync(path, `${JSON.stringify({private: true}, null, 2)}\n`);
  console.log(`made ${path}`);
}

/** Node's own npm: the kernel's PATH may have another one, or none. */
function findNpm(): {command: string; args: string[]} {
  const folder = dirname(process.execPath);
  const cli = "lib/node_modules/npm/bin/npm-cli.js";
  const found = [join(folder, "npm"), join(folder, "..", cli)].find((path) => existsSync(path));
  if (found === undefined) return {command: "npm", args: []};
  return {command: process.execPath, args: [realpathSync(found)]};
}

/** Of the packages that this process has imported, as they are on the disk. */
function versions(folder: string): Map<string, string | undefined> {
  return new Map(
    [...importedPackages].map((name) => {
      try {
        const path = join(folder, "node_modules", name, "package.json");
        const {version} = JSON.parse(readFileSync(path, "utf8")) as {version?: string};
        return [name, version ?? "(no version)"];
      } catch {
        return [name, undefined];
      }
    }),
  );
}

function inUse(before: Map<string, string | undefined>, now: Map<string, string | undefined>) {
  return [...before]
    .filter(([name, version]) => version !== undefined && now.get(name) !== version)
    .map(([name, version]) => {
      const then = now.get(name) === undefined ? "to be without it" : `to use ${now.get(name)}`;
      return `${name} ${version} is in use; restart the kernel ${then}`;
    });
}
