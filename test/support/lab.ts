// A real JupyterLab in a real browser, on copies of the notebooks in a folder of the test's own.

import {cp, mkdir, mkdtemp, rm} from "node:fs/promises";
import {createServer} from "node:net";
import type {AddressInfo} from "node:net";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {fileURLToPath, pathToFileURL} from "node:url";
import type {Browser, Page} from "playwright-core";
import {openChromium} from "./chromium.js";

export const project = fileURLToPath(new URL("../../../", import.meta.url));
/** Where screenshots are kept to be looked at. */
export const pictures = join(project, "test-output", "pictures");

export interface Lab {
  folder: string;
  /** A page of the size of a laptop's screen; closed with the lab. */
  /** `prepare`: before anything is loaded. */
  openNotebook(name: string, prepare?: (page: Page) => void): Promise<Page>;
  close(): Promise<void>;
}

interface LabServer {
  url: string;
  token: string;
  stop(): Promise<void>;
}

export async function openLab(notebooks: readonly string[]): Promise<Lab> {
  await mkdir(pictures, {recursive: true});
  const folder = await mkdtemp(join(tmpdir(), "tasklab-lab-"));
  for (const name of notebooks) await cp(join(project, "notebooks", name), join(folder, name));
  const {startLab} = (await import(
    pathToFileURL(join(project, "kernel/setup/jupyter.mjs")).href
  )) as {
    startLab(options: object): Promise<LabServer>;
  };
  const home = join(folder, ".jupyter");
  const server = await startLab({port: await freePort(), rootDir: folder, home});
  let browser: Browser | undefined;
  return {
    folder,
    async openNotebook(name, prepare) {
      browser ??= await openChromium();
      const page = await browser.newPage({viewport: {width: 1500, height: 950}});
      page.setDefaultTimeout(60_000);
      prepare?.(page);
      await page.goto(`${server.url}lab/tree/${name}?token=${server.token}`);
      await page.waitForSelector(".jp-Notebook .jp-Cell");
      return page;
    },
    async close() {
      await browser?.close();
      await server.stop();
      await rm(folder, {recursive: true, force: true});
    },
  };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const {port} = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Chooses from JupyterLab's menus: ("Run", "Run All Cells"). */
export async function choose(page: Page, menu: string, entry: string): Promise<void> {
  await page.getByRole("menuitem", {name: menu, exact: true}).click();
  await page.getByRole("menuitem", {name: entry, exact: true}).click();
}

/** What a notebook's file holds: these cells, none of which has run. */
export function asNotebook(sources: readonly string[]): object {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {kernelspec: {name: "tasklab", display_name: "TypeScript (Tasklab)"}},
    cells: sources.map((source, index) => ({
      ...{cell_type: "code", id: `cell-${index}`, metadata: {}, outputs: []},
      ...{execution_count: null, source},
    })),
  };
}
