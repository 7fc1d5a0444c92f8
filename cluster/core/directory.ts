// The head's directory: where each shared object is, and who waits to know.

import type {DirectoryCommand, DirectoryEvent} from "./events.js";

/** Answers `place-wanted` once the place is known; events may come in any order and twice. */
export class Directory {
  handle(_event: DirectoryEvent, _nowMs: number): DirectoryCommand[] {
    return [];
  }
}
