// Where things lie. Everything that set-up or JupyterLab writes is inside the project.
import {join, resolve} from "node:path";
import {fileURLToPath} from "node:url";

export const project = resolve(fileURLToPath(new URL("../..", import.meta.url)));

export const venv = join(project, ".venv");
export const venvPython = join(venv, "bin", "python");
export const venvShare = join(venv, "share", "jupyter");
export const jupyterHome = join(project, ".jupyter");
export const logs = join(jupyterHome, "logs");
export const dist = join(project, "dist");
export const nodeModules = join(project, "node_modules");
export const extension = join(project, "extensions", "execution");
export const labextension = join(extension, "labextension");
export const requirements = join(project, "kernel", "setup", "requirements.txt");
export const typescript = join(nodeModules, "typescript", "bin", "tsc");
