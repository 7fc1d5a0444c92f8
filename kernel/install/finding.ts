// What a check of `tasklab doctor` is given, and what the check finds.

import type {Jupyter} from "./jupyter.js";

/** The installation that a check looks at. */
export interface Scene {
  jupyter: Jupyter | undefined;
  /** The command line of the kernel that Jupyter finds. */
  argv: readonly string[];
  /** The command that installs anew where Jupyter looks first. */
  install: string;
}

export interface Finding {
  /** null if there is nothing to check. */
  isGood: boolean | null;
  text: string;
  mend?: string;
}
