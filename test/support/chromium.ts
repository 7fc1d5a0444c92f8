// The browser of the tests: the machine's own, else the one that npm brings. Nothing is downloaded.
import {accessSync, constants} from "node:fs";
import {delimiter, join} from "node:path";
import {chromium, type Browser} from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

export interface Chromium {
  readonly executablePath: string;
  readonly args: readonly string[];
}

/** Starts a headless Chromium; whoever calls closes it. */
export async function openChromium(): Promise<Browser> {
  const {executablePath, args} = await findChromium();
  return chromium.launch({executablePath, args: [...args]});
}

/** `$CHROMIUM`, then the usual names on the path, then the packed one for Linux. */
export async function findChromium(
  env: NodeJS.ProcessEnv = process.env,
  findPacked: () => Promise<Chromium> = findPackedChromium,
): Promise<Chromium> {
  if (env["CHROMIUM"]) {
    if (!isExecutable(env["CHROMIUM"])) {
      throw new Error(`CHROMIUM is "${env["CHROMIUM"]}", which is no program that can be run`);
    }
    return {executablePath: env["CHROMIUM"], args: sandboxArgs()};
  }
  const folders = (env["PATH"] ?? "").split(delimiter).filter(Boolean);
  for (const name of NAMES) {
    const executablePath = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (executablePath) return {executablePath, args: sandboxArgs()};
  }
  try {
    return await findPacked();
  } catch (error) {
    throw new Error(
      "no Chromium was found. Install one with: sudo apt-get install -y chromium " +
        "(macOS: brew install --cask chromium), or set CHROMIUM to its path",
      {cause: error},
    );
  }
}

/** Built for machines without a desktop, so it brings its libraries and wants its own flags. */
async function findPackedChromium(): Promise<Chromium> {
  if (process.platform !== "linux") throw new Error(`no packed Chromium for ${process.platform}`);
  const {default: packed} = await import("@sparticuz/chromium");
  return {executablePath: await packed.executablePath(), args: packed.args};
}

/** Chromium's sandbox refuses to run as root, and needs user namespaces that containers often lack. */
function sandboxArgs(): string[] {
  return process.getuid?.() === 0 || process.env["CI"] ? ["--no-sandbox"] : [];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
