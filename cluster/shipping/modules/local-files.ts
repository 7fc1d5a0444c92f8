// A local module as it travels: its own text and the texts of the local files that it imports, as
// they were when this process loaded them. Workers run these texts, whatever is on the disk by
// then, or on another machine.

import {createHash} from "node:crypto";
import type {LocalModule} from "../names/imported-names.js";
import type {ShippedPart} from "../../backend.js";
import {PackedFlag, packTree, unpackTree} from "../../packing/pack.js";
import {analyze, type Analyzed, type Form} from "./local-imports.js";
import type {Way} from "./resolution.js";
import type {ModuleCache} from "./local-reload.js";

/** One file in one version, which is made by the file's text and all that it imports. */
export interface LocalFile {
  /**
   * Hash of the path, the text, and the keys of all imported files. A process has one instance for
   * each key.
   */
  key: string;
  path: string;
  form: Form;
  /** JavaScript, or JSON. */
  text: string;
  /** The source map to what was written; "" when the text is what was written. */
  map: string;
  /** Names in the imports of the file, and the keys of their files. */
  imports: [specifier: string, key: string, by: Way][];
  /** Names that a CommonJS module exports. */
  names: string[];
}

/** Reads a local module. `wanted`: whether it is imported or required. */
export function localModule(path: string, wanted: Way, cache: ModuleCache): LocalModule {
  const nodes = new Map<string, Analyzed>();
  const entry = collect(path, wanted, cache, nodes);
  const keys = keysOf(nodes);
  const key = keys.get(entry.id)!;
  const reached = reachable(entry, nodes);
  let part: ShippedPart | undefined;
  return {
    key,
    path,
    part: () =>
      (part ??= partOf(
        key,
        [...reached].map((node) => fileOf(node, keys)),
      )),
  };
}

/** Tells whether a part has the texts of local files. */
export function isFilesPart({hash}: ShippedPart): boolean {
  return hash.startsWith(partPrefix);
}
/** The key of the file that the other files of the part come along with. */
export function keyOfPart({hash}: ShippedPart): string {
  return hash.slice(partPrefix.length);
}
export function readFiles({frames}: ShippedPart): LocalFile[] {
  return unpackTree(frames[0]!).tree as LocalFile[];
}

const partPrefix = "files ";

function partOf(key: string, files: LocalFile[]): ShippedPart {
  return {hash: partPrefix + key, frames: [packTree(files, PackedFlag.plain)]};
}

function collect(
  path: string,
  wanted: Way,
  cache: ModuleCache,
  nodes: Map<string, Analyzed>,
): Analyzed {
  const first = analyze(path, wanted, cache);
  const waiting = [first];
  for (let node; (node = waiting.pop());) {
    if (nodes.has(node.id)) continue;
    nodes.set(node.id, node);
    node.targets = node.imports.map(([specifier, file, by]) => {
      const target = analyze(file, by, cache);
      waiting.push(target);
      return [specifier, target.id, by];
    });
  }
  return first;
}

function reachable(from: Analyzed, nodes: ReadonlyMap<string, Analyzed>): Set<Analyzed> {
  const found = new Set([from]);
  for (const node of found) for (const [, id] of node.targets) found.add(nodes.get(id)!);
  return found;
}

/**
 * Gives each file its key. Files that import each other have no order, so each is known by all that
 * it reaches.
 */
function keysOf(nodes: ReadonlyMap<string, Analyzed>): Map<string, string> {
  const keys = new Map<string, string>();
  for (const [id, node] of nodes) {
    const parts = [...reachable(node, nodes)].map((each) => `${each.id}\0${each.hash}`).sort();
    keys.set(
      id,
      createHash("sha1")
        .update(`${id}\n${parts.join("\n")}`)
        .digest("hex"),
    );
  }
  return keys;
}

function fileOf(node: Analyzed, keys: ReadonlyMap<string, string>): LocalFile {
  const {path, form, text, map, names} = node;
  const imports = node.targets.map(([specifier, id, by]): [string, string, Way] => [
    specifier,
    keys.get(id)!,
    by,
  ]);
  return {key: keys.get(node.id)!, path, form, text, map, imports, names};
}
