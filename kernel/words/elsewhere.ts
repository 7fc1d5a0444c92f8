// Words that people bring from elsewhere (Deno, tslab, iTypeScript, IJavascript, Python, IPython,
// Ray, pages), and what to write here instead. One row a word: what is shown stands below
// TypeScript's, Node's or our own refusal of it.

const ofTasklab = (name: string) => `\`import {${name}} from "tasklab"\``;
const fs = '`import fs from "node:fs"`';
const resources = `${ofTasklab("cluster")}; \`await cluster.status()\`, or \`%cluster\``;
const noPage =
  `a kernel has no page: ${ofTasklab("createDocument")} makes a document, which libraries take as ` +
  "their option `document`";

/** By names and paths of names; of several that fit, the longest counts. */
const names: Record<string, string> = {
  // Deno, Bun
  Deno: "Node's own modules do what `Deno` does: `node:fs`, `node:child_process`, `node:http`, `process`",
  "Deno.args": "`process.argv` has the arguments of this process",
  "Deno.Command": "`!command` runs one, as do `spawn` and `execFile` of `node:child_process`",
  "Deno.cwd": "`process.cwd()` is the folder",
  "Deno.env": "`process.env` has the environment; `%env NAME=value` sets it",
  "Deno.exit": "`exit` on a line of its own ends the kernel",
  "Deno.jupyter": `${ofTasklab("display, html, markdown, svg, image")} brings what \`Deno.jupyter\` has`,
  "Deno.jupyter.display": `${ofTasklab("display")}; \`display(value)\` shows it`,
  "Deno.jupyter.broadcast": "`jupyter.comms.open(target, data)` opens a comm",
  "Deno.jupyter.html": `${ofTasklab("html")}; \`html\` is a tag for templates too`,
  "Deno.jupyter.image": `${ofTasklab("image")}; \`image(path)\` shows it`,
  "Deno.jupyter.md": `${ofTasklab("markdown")}; \`markdown\` is a tag for templates too`,
  "Deno.jupyter.svg": `${ofTasklab("svg")}; \`svg\` is a tag for templates too`,
  "Deno.readFile": `${fs}; \`fs.readFileSync(path)\` reads it`,
  "Deno.readFileSync": `${fs}; \`fs.readFileSync(path)\` reads it`,
  "Deno.readTextFile": `${fs}; \`fs.readFileSync(path, "utf8")\` reads it`,
  "Deno.readTextFileSync": `${fs}; \`fs.readFileSync(path, "utf8")\` reads it`,
  "Deno.serve": "`createServer` of `node:http` makes a server",
  "Deno.version": "`process.versions` has the versions",
  "Deno.writeTextFile": `${fs}; \`fs.writeFileSync(path, text)\` writes it`,
  "Deno.writeTextFileSync": `${fs}; \`fs.writeFileSync(path, text)\` writes it`,
  Bun: "Node's own modules do what `Bun` does: `node:fs`, `node:child_process`, `node:http`",
  // tslab, iTypeScript, IJavascript
  tslab: `${ofTasklab("display, html, markdown, svg, image")} brings what tslab has`,
  "tslab.display.html": `${ofTasklab("html")}; \`html(text)\` as a cell's value, or \`display(html(text))\``,
  "tslab.display.javascript": `${ofTasklab("display")}; \`display({"application/javascript": code}, {raw: true})\``,
  "tslab.display.markdown": `${ofTasklab("markdown")}; \`markdown(text)\``,
  "tslab.display.png": `${ofTasklab("image")}; \`image(bytes)\``,
  "tslab.display.svg": `${ofTasklab("svg")}; \`svg(text)\``,
  $$: "a cell shows its last value, and `await` stands at its top level",
  "$$.async": "`await` stands at a cell's top level: nothing has to be announced",
  "$$.display": `${ofTasklab("display")}; \`const shown = display(value)\`, then \`shown.update(other)\``,
  "$$.done": "`await` stands at a cell's top level: the cell is done when its code is",
  "$$.html": `${ofTasklab("html")}; \`html(text)\` as the cell's last value`,
  "$$.sendResult": "a cell shows its last value; a promise as the last value is waited for",
  "$$.svg": `${ofTasklab("svg")}; \`svg(text)\` as the cell's last value`,
  "$$.png": `${ofTasklab("image")}; \`image(bytes)\` as the cell's last value`,
  "$$.mime": `${ofTasklab("display")}; \`display(bundle, {raw: true})\``,
  $TS: `a cell shows its last value, and \`await\` stands at its top level; ${ofTasklab("html, svg, image")} brings the rest`,
  "display.html": `\`html(text)\`, with ${ofTasklab("html")}`,
  "display.javascript": '`display({"application/javascript": code}, {raw: true})`',
  "display.json": `\`json(value)\`, with ${ofTasklab("json")}`,
  "display.markdown": `\`markdown(text)\`, with ${ofTasklab("markdown")}`,
  "display.md": `\`markdown(text)\`, with ${ofTasklab("markdown")}`,
  "display.png": `\`image(bytes)\`, with ${ofTasklab("image")}`,
  "display.svg": `\`svg(text)\`, with ${ofTasklab("svg")}`,
  HTML: `${ofTasklab("html")}; \`html(text)\``,
  Markdown: `${ofTasklab("markdown")}; \`markdown(text)\``,
  // Ray
  ray: `${ofTasklab("get, put, wait, cluster")} brings what \`ray\` has`,
  "ray.available_resources": resources,
  "ray.cancel": `${ofTasklab("cancel")}; \`await cancel(ref)\``,
  "ray.cluster_resources": resources,
  "ray.get": `${ofTasklab("get")}; \`await get(ref)\``,
  "ray.get_actor": `${ofTasklab("getActor")}; \`await getActor(name)\``,
  "ray.init":
    "the first `.remote()` starts a cluster; `%cluster start --cpus 4` starts one as you want it",
  "ray.kill": `${ofTasklab("kill")}; \`await kill(actor)\``,
  "ray.nodes": resources,
  "ray.put": `${ofTasklab("put")}; \`put(value)\``,
  "ray.remote": "`@remote` above a function or class, or `remote(f)`",
  "ray.shutdown": "`%cluster stop` stops the cluster",
  "ray.timeline": "`%timeline` draws the last run",
  "ray.wait": `${ofTasklab("wait")}; \`const [ready, others] = await wait(refs)\``,
  // Python
  False: "it is `false` here",
  None: "it is `null` or `undefined` here",
  True: "it is `true` here",
  dict: "`{}` or `new Map()` makes one",
  enumerate: "`list.entries()`, or `list.map((each, index) => …)`",
  float: "`Number(value)`",
  get_ipython: "a magic is a line of its own: `%lsmagic` lists all",
  input: "`prompt(question)` asks",
  int: "`Math.trunc(Number(value))`",
  isinstance: "`value instanceof Class`",
  len: "`list.length`",
  np: "there is no numpy in JavaScript: `%npm install mathjs`, or typed arrays",
  pd: "there is no pandas in JavaScript: `%npm install arquero`, whose tables show themselves",
  plt: "there is no matplotlib in JavaScript: `%npm install @observablehq/plot`",
  print: "`console.log(value)` prints; a cell shows its last value by itself",
  range: "`Array.from({length: n}, (_, index) => index)`",
  self: "`this` is the instance",
  sleep: '`import {setTimeout as sleep} from "node:timers/promises"`; `await sleep(ms)`',
  sorted: "`list.toSorted((a, b) => a - b)`",
  str: "`String(value)`",
  zip: "`a.map((each, index) => [each, b[index]])`",
  // Pages
  document: noPage,
  window: `${noPage}; \`globalThis\` has the globals`,
  HTMLElement: noPage,
  navigator: "Node 22 and later have it",
  WebSocket: "Node 22 and later have it; `%npm install ws` brings one",
  // CommonJS
  exports: "a cell's names are there for all later cells; `export` is not needed",
  module: "a cell's names are there for all later cells; `export` is not needed",
};

/** By the names of modules. */
const modules: readonly [name: RegExp, here: string][] = [
  [
    /^(tslab|@?itypescript|ijavascript)$/,
    `${ofTasklab("display, html, markdown, svg, image")} brings what it has`,
  ],
  [/^ray$/, names.ray!],
  [/^@?deno\b/, names.Deno!],
  [/^bun(:|$)/, names.Bun!],
  [/\.(css|scss|sass|less)$/, `${noPage}; html\`<style>…</style>\` brings styles into an output`],
  [/\.(png|jpe?g|gif|webp|svg)$/, `${ofTasklab("image")}; \`image(path)\` shows a picture`],
  [/\.(csv|tsv|txt|md|ya?ml|toml)$/, `${fs}; \`fs.readFileSync(path, "utf8")\` reads a text`],
  [/\.py$/, "`!python3 file.py` runs it"],
];

/** By the names of magics, without percent signs; for both kinds. */
export const magicsElsewhere: Record<string, string> = {
  autoreload: "local files are loaded again by themselves when they have changed",
  bash: "`!command` on a line of its own runs it in a shell",
  capture: '`clearOutput()` of "tasklab" clears what is shown',
  cat: "`!cat file` shows it, `%load file` puts it into the cell",
  conda: "`%npm install NAME` installs a package for cells; `!conda …` runs conda",
  config: "`%tsconfig` has the options of cells",
  debug: "JupyterLab's debugger (the bug at the top right) has breakpoints in cells",
  history: "the arrow keys of a console go through it",
  html: `html\`…\`, with ${ofTasklab("html")}, as the cell's last value`,
  install: "`%npm install NAME` installs a package beside the notebook",
  javascript:
    'a cell is TypeScript, and runs in Node; for the page, `display({"application/javascript": code}, {raw: true})`',
  js: 'a cell is TypeScript, and runs in Node; for the page, `display({"application/javascript": code}, {raw: true})`',
  latex: `latex\`…\`, with ${ofTasklab("latex")}, as the cell's last value`,
  load_ext: "there are no extensions to load: `%lsmagic` lists all that there is",
  ls: "`!ls` lists the folder",
  markdown: `markdown\`…\`, with ${ofTasklab("markdown")}, as the cell's last value`,
  matplotlib: "nothing has to be set: a chart as the cell's last value is shown",
  mkdir: "`!mkdir folder` makes it",
  node: "a cell is TypeScript, and runs in Node",
  pdb: "JupyterLab's debugger (the bug at the top right) has breakpoints in cells",
  pip: "`%npm install NAME` installs a package for cells; `!pip install NAME` one for Python",
  prun: "`%%timeit` measures; `%%sequential` draws where the time went",
  pwd: "`process.cwd()` is the folder, `%cd` changes it",
  python: "`!python3 file.py` runs Python; a cell is TypeScript",
  python3: "`!python3 file.py` runs Python; a cell is TypeScript",
  reset: "restart the kernel (0, 0 in command mode): all names are gone then",
  run: '`await import("./file.ts")` runs a file, `%load file` puts it into the cell',
  script: "`!command` on a line of its own runs it in a shell",
  sh: "`!command` on a line of its own runs it in a shell",
  svg: `svg\`…\`, with ${ofTasklab("svg")}, as the cell's last value`,
  system: "`!command` on a line of its own runs it in a shell",
  ts: "a cell is TypeScript",
  typescript: "a cell is TypeScript",
  whos: "`%who` lists the names",
  writefile: `${fs}; \`fs.writeFileSync(path, text)\` writes it`,
  yarn: "`%npm install NAME` installs a package beside the notebook",
};

/** The word for an undeclared name, or for a path of names that begins with one. */
export function nameHere(path: string): string | undefined {
  const steps = path.split(".");
  for (let length = steps.length; length > 0; length--) {
    const found = find(names, steps.slice(0, length).join("."));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The word for a path that ends in what its object has not. */
export function memberHere(path: string): string | undefined {
  return find(names, path);
}

export function magicHere(name: string): string | undefined {
  return find(magicsElsewhere, name);
}

/** The word for a module that is not there. */
export function moduleHere(specifier: string): string | undefined {
  const url = /^https?:\/\/([^/]+)\/(.*)/.exec(specifier);
  if (url) return urlHere(url[1]!, url[2]!);
  const [, scheme, wanted] = /^(npm|jsr):\/?(.*)/.exec(specifier) ?? [];
  const [, name] = /^((?:@[^/]+\/)?[^/]+)/.exec(wanted ?? "") ?? [];
  if (scheme === "npm" && name) return `\`%npm install ${name}\` adds it to the notebook's folder`;
  if (scheme === "jsr" && name)
    return `\`%npm exec jsr add ${name}\` adds it from jsr.io to the notebook's folder`;
  return modules.find(([pattern]) => pattern.test(specifier))?.[1];
}

/** Modules that can't work here, even where they are installed. */
export function isForOthers(specifier: string): boolean {
  return specifier === "tslab";
}

/** Node fetches no code; what its address says of a package can be installed. */
function urlHere(host: string, path: string): string {
  const isNpm = /(^|\.)(esm\.sh|skypack\.dev|unpkg\.com|jspm\.dev|jsdelivr\.net|esm\.run)$/.test(
    host,
  );
  const [, name] = /^(?:npm\/|v\d+\/|pin\/|\*)?((?:@[^/]+\/)?[^/?]+)/.exec(path) ?? [];
  return isNpm && name
    ? `Node loads no code from the network: \`%npm install ${name}\` adds it to the notebook's folder`
    : "Node loads no code from the network: save the file beside the notebook and import it as `./file.ts`";
}

/**
 * The word for an error that was thrown: a name that is not there, or a package that looks for a
 * page.
 */
export function thrownHere(
  name: string,
  message: string,
  isOfPackage: boolean,
): string | undefined {
  const [, missing] = /^(\w+) is not defined$/.exec(message) ?? [];
  if (name === "ReferenceError" && missing !== undefined) return nameHere(missing);
  const [, read] =
    /^Cannot read properties of (?:undefined|null) \(reading '(\w+)'\)$/.exec(message) ?? [];
  return isOfPackage && name === "TypeError" && ofDocuments.has(read ?? "") ? noPage : undefined;
}
const ofDocuments = new Set(
  "documentElement createElement createElementNS createTextNode querySelector ownerDocument defaultView".split(
    " ",
  ),
);

/** The word for a line of Python, as TypeScript's parser meets it. */
export function pythonHere(line: string): string | undefined {
  const isPython =
    /^\s*(def \w+\(.*\).*:|class \w+(\(.*\))?:|import \w[\w.]*( as \w+)?$|from [\w.]+ import |elif .*:|(for .* in|if|while|with|try|except)\b[^{]*:$|print [^(])/.test(
      line,
    );
  return isPython
    ? "this is Python, and a cell is TypeScript: `!python3 file.py` runs a file of Python"
    : undefined;
}

/** Every word, for the test that holds what they name. */
export function wordsElsewhere(): string[] {
  return [
    ...Object.values(names),
    ...modules.map(([, here]) => here),
    ...Object.values(magicsElsewhere),
  ];
}

function find(table: Record<string, string>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
