// Something that the reader can mend: shown as its message alone, without a stack.

export class InstallProblem extends Error {
  override name = "InstallProblem";
}

/**
 * What went wrong in one line with its mend, where we know one; else the error as it is, a defect
 * of ours.
 */
export function explain(error: unknown): string {
  if (error instanceof InstallProblem) return error.message;
  const {code, path, dest, syscall} = error as NodeJS.ErrnoException & {dest?: string};
  const place = dest ?? path ?? "the folder";
  switch (code) {
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `${place} may not be written by you. Choose another place: tasklab install --user, or --prefix PATH`;
    case "ENOSPC":
    case "EDQUOT":
      return "The disk is full. Make room (about 100 MB), then run the same command again; nothing was changed";
    case "ENOTDIR":
    case "EEXIST":
      return `A part of ${place} is a file, where a folder is needed. Move it, then run the same command again`;
    default:
      return syscall === undefined
        ? ((error as Error).stack ?? String(error))
        : `${(error as Error).message}. Mend that, then run the same command again`;
  }
}
