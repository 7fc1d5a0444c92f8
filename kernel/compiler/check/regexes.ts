// Regular expressions that the checker takes and this Node does not know: refused where they stand,
// in V8's words. V8 itself would refuse the whole cell, without a place.

import type * as TypeScript from "typescript";
import {typescript} from "../../../cluster/shipping/modules/typescript.js";
import type {Checked} from "./converter.js";

export interface UnknownRegex {
  /** In the checked file. */
  start: number;
  length: number;
  messageText: string;
  code: number;
}

/** TypeScript's number of a flag that is not known. */
const unknownFlag = 1499;

export function unknownRegexes({file}: Checked): UnknownRegex[] {
  if (!file.text.includes("/")) return [];
  const ts = typescript();
  const found: UnknownRegex[] = [];
  const visit = (node: TypeScript.Node): void => {
    ts.forEachChild(node, visit);
    if (!ts.isRegularExpressionLiteral(node)) return;
    const end = node.text.lastIndexOf("/");
    try {
      new RegExp(node.text.slice(1, end), node.text.slice(end + 1));
    } catch (error) {
      const messageText = `${(error as Error).message} (in Node ${process.versions.node})`;
      found.push({
        ...{start: node.getStart(file), length: node.text.length},
        ...{messageText, code: unknownFlag},
      });
    }
  };
  visit(file);
  return found;
}
