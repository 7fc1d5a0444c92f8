// `npm run gallery`: all looks of the diagrams on one page, light beside dark.

import {mkdir, writeFile} from "node:fs/promises";
import {fileURLToPath} from "node:url";
import {looks} from "./looks.js";

const folder = new URL("../../../test-output/", import.meta.url);
const page = new URL("gallery.html", folder);

const figures = looks.map(([name, caption, svg]) => {
  const source = `data:image/svg+xml;base64,${Buffer.from(svg()).toString("base64")}`;
  const picture = `<img alt="${caption}" src="${source}">`;
  return `<figure><figcaption><b>${name}</b> ${caption}</figcaption>
<div>${picture}</div><div style="color-scheme: dark">${picture}</div></figure>`;
});

await mkdir(folder, {recursive: true});
await writeFile(
  page,
  `<!doctype html><meta charset="utf-8"><title>Gallery of diagrams</title>
<style>
body { font-family: system-ui, sans-serif; background: #8f949b; margin: 24px }
figure { margin: 0 0 32px } figcaption { margin-bottom: 8px }
figure div { display: inline-block; vertical-align: top; margin-right: 16px }
</style>
${figures.join("\n")}
`,
);
console.log(fileURLToPath(page));
