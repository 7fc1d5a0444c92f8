// Functions that are there in every process: those of packages, of Node, and of modules.

import {thunkOf} from "../shipping/functions/stamps.js";
import {isOfPackage} from "../shipping/modules/package-files.js";
import {host} from "../shipping/names/host.js";
import {intrinsicPath} from "../shipping/names/intrinsics.js";
import {maybeRemoteMark} from "../shipping/names/remote-mark.js";

export type AnyFunction = (...args: never[]) => unknown;

/**
 * Is the function none of the user's, but of a package or of Node, or one that a module exports?
 */
export function isFromElsewhere(fn: AnyFunction): boolean {
  if (thunkOf(fn) || maybeRemoteMark(fn)) return false;
  return (host.describe(fn) ?? intrinsicPath(fn)) !== undefined || isOfPackage(fn);
}
