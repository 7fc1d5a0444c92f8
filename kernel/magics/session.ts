// The session itself: its names, its folder, its environment.

import {homedir} from "node:os";
import process from "node:process";
import {inspect} from "node:util";
import {maybeParcel} from "../../cluster/host.js";
import {size} from "../../extensions/execution/model/words.js";
import {MagicError, type Magic, type Result} from "./magic.js";
import {pathsFrom} from "./paths.js";

export const who: Magic = {
  name: "who",
  kind: "line",
  summary: "list the names that cells have declared",
  help: "Of a remote function it says what a call would send: its code and the values of what it captures.",
  options: {},
  async run(context) {
    const names = context.names();
    if (names.length === 0) console.log("no names yet");
    for (const name of names)
      console.log(`${name.padEnd(20)} ${await shown(() => context.value(name))}`);
  },
};

/** `; sends 1.2 kB: its code, k, helper`. */
function sent(value: unknown): string {
  try {
    const parcel = maybeParcel(value);
    if (!parcel) return "";
    return `; sends ${size(parcel.sizeBytes)}: its code${parcel.captured.map((name) => `, ${name}`).join("")}`;
  } catch (error) {
    return `; ${(error as Error).message}`;
  }
}

export const env: Magic = {
  name: "env",
  kind: "line",
  summary: "show or set environment variables",
  help: `%env                      all of them
%env NAME                 one
%env NAME=VALUE           set it, here and for tasks from the next .remote() on`,
  options: {},
  raw: true,
  complete: () => Promise.resolve(Object.keys(process.env)),
  run(_context, args) {
    if (args.raw === "") return {value: {...process.env}};
    const [, name, assign, value] = /^([^\s=]+)(\s*=\s*|\s+)?(.*)$/.exec(args.raw) ?? [];
    if (name === undefined) throw new MagicError("%env: write NAME or NAME=VALUE");
    if (assign === undefined) {
      if (!(name in process.env))
        throw new MagicError(`%env ${name}: not set; ${name}=VALUE sets it`);
      return {value: process.env[name]};
    }
    process.env[name] = value;
    console.log(`env: ${name}=${value}`);
    return undefined;
  },
};

let cameFrom: string | undefined;

export const cd: Magic = {
  name: "cd",
  kind: "line",
  summary: "change the working folder",
  help: `%cd FOLDER                relative to the present one, or beginning with / or ~
%cd -                     back to the one before
%cd                       home

Tasks run there from the next .remote() on. Imports are looked up in the notebook's folder as before.`,
  options: {},
  raw: true,
  complete: (word) => Promise.resolve(pathsFrom(word, {files: false})),
  run(_context, args) {
    const wanted = unquoted(args.raw);
    if (wanted === "-" && cameFrom === undefined)
      throw new MagicError("%cd -: there was no folder before");
    const here = process.cwd();
    const folder = wanted === "-" ? cameFrom! : wanted.replace(/^(~(?=\/|$)|$)/, homedir());
    try {
      process.chdir(folder);
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code;
      const said = {
        ENOENT: "no such folder",
        ENOTDIR: "is no folder",
        EACCES: "may not be entered",
      }[why ?? ""];
      throw new MagicError(`%cd ${folder}: ${said ?? (error as Error).message}`);
    }
    cameFrom = here;
    console.log(process.cwd());
  },
};

function unquoted(text: string): string {
  return /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;
}

async function shown(result: () => Promise<Result>): Promise<string> {
  try {
    const {value} = await result();
    const text = inspect(value, {depth: 0, breakLength: Infinity, maxStringLength: 60});
    return (text.length > 80 ? `${text.slice(0, 79)}…` : text) + sent(value);
  } catch {
    return "(not initialised)";
  }
}
