// Paths that begin with what is being written, as a shell would complete them.

import {readdirSync} from "node:fs";
import {homedir} from "node:os";

/** Folders end in a slash, so that what is in them can be written next. */
export function pathsFrom(word: string, {files = true}: {files?: boolean} = {}): string[] {
  const folder = /^(?:.*\/)?/.exec(word)![0];
  const name = word.slice(folder.length);
  try {
    return readdirSync(folder.replace(/^~(?=\/)/, homedir()) || ".", {withFileTypes: true})
      .filter((entry) => (files || entry.isDirectory()) && entry.name.startsWith(name))
      .filter((entry) => name !== "" || !entry.name.startsWith("."))
      .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? "/" : ""}`)
      .sort();
  } catch {
    return [];
  }
}
