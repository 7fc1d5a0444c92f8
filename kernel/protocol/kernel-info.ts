import {createRequire} from "node:module";
import {protocolVersion} from "./message.js";

const require = createRequire(import.meta.url);
const {version} = require("tasklab/package.json") as {version: string};
const {version: typescript} = require("typescript/package.json") as {version: string};

/** The content of a `kernel_info_reply`. */
export function kernelInfo(): object {
  return {
    status: "ok",
    protocol_version: protocolVersion,
    implementation: "tasklab",
    implementation_version: version,
    language_info: {
      name: "typescript",
      version: typescript,
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      // JupyterLab takes a string only.
      codemirror_mode: "typescript",
      nbconvert_exporter: "script",
    },
    banner: `Tasklab ${version}: TypeScript ${typescript} on Node.js ${process.versions.node}`,
    debugger: true,
    help_links: [
      {text: "TypeScript", url: "https://www.typescriptlang.org/docs/"},
      {text: "Node.js", url: "https://nodejs.org/docs/latest/api/"},
    ],
    supported_features: ["kernel subshells", "debugger"],
  };
}
