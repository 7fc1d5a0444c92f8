// Written for any Node that knows modules at all: it must run on the versions it refuses.

export const LEAST_NODE = [20, 12];

export function refuseOldNode() {
  if (isNodeNewEnough(process.versions.node)) return false;
  console.error(
    "Tasklab needs Node.js 20.12 or newer; this is " +
      process.version +
      ". Get it from https://nodejs.org, or run: nvm install 22",
  );
  process.exitCode = 1;
  return true;
}

export function isNodeNewEnough(version) {
  const parts = version.split(".").map(Number);
  return parts[0] > LEAST_NODE[0] || (parts[0] === LEAST_NODE[0] && parts[1] >= LEAST_NODE[1]);
}
