// The notebook's folder, where its imports are looked up. Users move and delete folders while their
// kernels run.

import {existsSync} from "node:fs";
import {enterFolder} from "../../cluster/host.js";

export class NotebookFolder {
  readonly #folder = process.cwd();

  /**
   * Enters the notebook's folder again if the folder was made anew. Returns words that say that the
   * folder is gone, and what to do; or null if it is there.
   */
  whyLost(): string | null {
    const lost =
      enterFolder() ?? (existsSync(this.#folder) ? null : `the folder ${this.#folder} is gone`);
    if (lost === null) return null;
    return (
      `${lost}, and imports and files are looked up there: make it again, ` +
      "or restart the kernel where the notebook is now"
    );
  }
}
