// The kernel ends with the Jupyter process that started it, however that ended.

const intervalMs = 1000;

/** Calls `gone` when the process that started the kernel is no more. */
export function watchParent(gone: () => void, env: NodeJS.ProcessEnv = process.env): void {
  const jupyter = Number(env.JPY_PARENT_PID ?? 0);
  if (!Number.isInteger(jupyter) || jupyter <= 0) return;
  const starter = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === starter && isAlive(jupyter)) return;
    clearInterval(timer);
    gone();
  }, intervalMs);
  timer.unref();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
