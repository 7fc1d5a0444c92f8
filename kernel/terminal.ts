// Where the kernel says something of itself: the stderr that it was started with, which JupyterLab
// shows in its terminal. Each thread has to be told of it.

let fd = 2;

export function terminal(): number {
  return fd;
}

export function setTerminal(descriptor: number): void {
  fd = descriptor;
}
