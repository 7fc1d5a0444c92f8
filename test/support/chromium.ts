// The browser of the tests: the machine's own, else the one that npm brings. Nothing is downloaded.
import {execFile} from "node:child_process";
import {accessSync, constants} from "node:fs";
import {mkdir, rename, writeFile} from "node:fs/promises";
import {delimiter, join} from "node:path";
import {fileURLToPath} from "node:url";
import {promisify} from "node:util";
import {chromium, type Browser} from "playwright-core";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const NAMES = ["chromium", "chromium-browser", "google-chrome"];
/** Where macOS keeps programs that are on no path. */
const APPLICATIONS = ["Chromium", "Google Chrome"].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
);

export interface Chromium {
  readonly executablePath: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a headless Chromium; whoever calls closes it. */
export async function openChromium(): Promise<Browser> {
  const {executablePath, env} = await findChromium();
  return chromium.launch({executablePath, env: {...process.env, ...env}});
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
    return {executablePath: env["CHROMIUM"]};
  }
  const folders = (env["PATH"] ?? "").split(delimiter).filter(Boolean);
  for (const name of NAMES) {
    const executablePath = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (executablePath) return {executablePath};
  }
  const application = APPLICATIONS.find(isExecutable);
  if (application) return {executablePath: application};
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

/**
 * Unpacked once, beside the package that it came in. Unpacking follows the process's TMPDIR, and
 * brings the libraries that bare machines lack only where it believes to be on Amazon's: hence a
 * process apart.
 */
async function findPackedChromium(): Promise<Chromium> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(`no Chromium is packed for ${process.platform} ${process.arch}`);
  }
  const unpacked = join(PROJECT, "node_modules", ".cache", "tasklab-chromium");
  if (!isExecutable(join(unpacked, "chromium"))) {
    const underWay = `${unpacked}-${process.pid}`;
    await mkdir(underWay, {recursive: true});
    const script = `import("@sparticuz/chromium").then((room) => room.default.executablePath())`;
    const env = {...process.env, TMPDIR: underWay, AWS_LAMBDA_JS_RUNTIME: "nodejs20.x"};
    await promisify(execFile)(process.execPath, ["--eval", script], {cwd: PROJECT, env});
    await writeFile(join(underWay, "fonts.conf"), fontsAt(join(unpacked, "fonts")));
    await rename(underWay, unpacked);
  }
  return {
    executablePath: join(unpacked, "chromium"),
    env: {
      LD_LIBRARY_PATH: join(unpacked, "al2023", "lib"),
      FONTCONFIG_FILE: join(unpacked, "fonts.conf"),
    },
  };
}

/** The machine's fonts, if it has any, and the packed one. */
function fontsAt(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${folder}</dir>
  <cachedir>${folder}-cache</cachedir>
</fontconfig>
`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
