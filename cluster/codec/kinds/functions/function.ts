// How a function or class travels: by name where every process has it, else by its text and the
// values that it captures at this moment. The rows are asked in the order of the table (table.ts).

import type {Token} from "../../../packing/token.js";
import {memberPlaceOf} from "../../../shipping/functions/class-members.js";
import {scriptOf} from "../../../shipping/functions/closure-inspector.js";
import {isSloppy} from "../../../shipping/functions/modes.js";
import {thunkOf} from "../../../shipping/functions/stamps.js";
import {isOfPackage} from "../../../shipping/modules/package-files.js";
import {pathOfNodes} from "../../../shipping/names/intrinsics.js";
import {analysisOf, type Code, codeOf} from "../../../shipping/source/code.js";
import {textOf} from "../../../shipping/source/texts.js";
import type {Dismantler, Dismantles} from "../../dismantle.js";
import type {AnyFunction} from "../../elsewhere.js";
import {advice} from "../../refusal.js";
import {exported} from "../imported.js";
import {byPath} from "../intrinsic.js";
import {type Captured, fixed, inspectVariables, readThunk} from "./captured.js";
import {cls} from "./class.js";
import {closure} from "./closure.js";
import {isAsWritten} from "./extras.js";
import {member} from "./member.js";
import type {Taken} from "./taken.js";

/** Functions of cells, which have a thunk: they exist in no other process. */
export const ofCell: Dismantles<AnyFunction> = {
  dismantle: (fn, to) => (thunkOf(fn) ? byText(fn, to) : undefined),
};

/** Functions that modules export, those of Node included. */
export const exportedFunction: Dismantles<AnyFunction> = {
  dismantle: (fn, to) => exported(fn, to),
};

/** Functions of plain programs, local modules and packages, and those inside of Node. */
export const anyFunction: Dismantles<AnyFunction> = {
  dismantle(fn, to) {
    const path = scriptOf(fn).url.startsWith("node:") ? pathOfNodes(fn) : undefined;
    return byPath(path, to) ?? byText(fn, to);
  },
};

/**
 * Ships a function as its text. Errors name each function on the way to the part that can't travel,
 * but not the shipped one twice.
 */
function byText(fn: AnyFunction, to: Dismantler): Token {
  if (to.path.length === 0) return take(fn, to);
  const kind = /^class\b/.test(textOf(fn)) ? "class" : "function";
  to.path.push({words: `${kind} \`${fn.name || "anonymous"}\``});
  const inPackages = !thunkOf(fn) && isOfPackage(fn) ? 1 : 0;
  to.doubtful.inPackages += inPackages;
  try {
    return take(fn, to);
  } finally {
    to.doubtful.inPackages -= inPackages;
    to.path.pop();
  }
}

function take(fn: AnyFunction, to: Dismantler): Token {
  const text = textOf(fn);
  const mode = isSloppy(fn);
  if (mode === undefined)
    to.refuse("a function of a script that is too long to be read", advice.native);
  const analysis = analysisOf(text, mode);
  const place = analysis.obstacle ? memberPlaceOf(fn) : undefined;
  if (place && isAsWritten(fn, analysis)) return member.dismantle(place, to)!;
  if (analysis.obstacle) to.refuse(`a function that ${analysis.obstacle}`, advice.native);
  if (analysis.hidden.length > 0)
    to.refuse(
      `a class that keeps ${analysis.hidden.join(", ")} private, so that it can't be read`,
      "make it a variable of the module, or define the class in a cell",
    );
  if (analysis.names.includes("eval"))
    to.refuse("a function that uses `eval`, so that what it needs can't be known", advice.other);
  const captured = thunkOf(fn) ? readThunk(fn, analysis, to) : inspectVariables(fn, analysis, to);
  const {variables, receiver} = captured;
  to.sources.add(captured.source);
  const code = codeOf(text, analysis, {...captured, slots: Object.keys(variables)});
  const scope = to.shared.index(captured.scope);
  to.shared.note(scope, code);
  if (captured.script !== undefined) checkDoubtful(fn, captured, code, to);
  if (code.assigned.length > 0) to.isConstant = false;
  const thunk = thunkOf(fn);
  const isStill = () => isAsWritten(fn, analysis);
  if (thunk) to.variables?.push({captured: thunk.captured, values: {...variables}, isStill});
  else if (fixed.has(fn)) to.variables?.push({captured: () => variables, values: {}, isStill});
  else to.variables = null;
  const codeAndScope: Taken["codeAndScope"] = [to.codeIndex(code), scope];
  const taken = {fn, analysis, code, codeAndScope, variables, receiver};
  return code.form === "class" ? cls.dismantle(taken, to)! : closure.dismantle(taken, to)!;
}

function checkDoubtful(fn: AnyFunction, captured: Captured, code: Code, to: Dismantler): void {
  for (const name of captured.own) {
    if (to.shared.isKnown(captured.scope, name, code)) continue;
    const use = {fn, value: captured.variables[name], isAssigned: code.assigned.includes(name)};
    const other = to.doubtful.note(captured.script!, name, use) as AnyFunction | undefined;
    if (other)
      to.refuse(
        `a function that may share its variable \`${name}\` with \`${other.name || "anonymous"}\`, which V8 does not tell outside of cells`,
        "make it a variable of the module, or a property of an object that both use",
      );
  }
}
