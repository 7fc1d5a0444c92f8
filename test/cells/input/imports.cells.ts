import fs, {existsSync as exists} from "node:fs";
import * as path from "node:path";
import "node:util";
import data from "./data.json" with {type: "json"};
import type {Stats} from "node:fs";
import {Dirent, type BigIntStats} from "node:fs";
import {twice, type Doubled} from "./twice.ts";
import {three} from "./three.mjs";
import {four} from "./four.cjs";
// ---
[exists("nowhere"), path.basename("/a/b"), fs.existsSync === exists, data.answer, twice(2), three, four]
// ---
const os = await import("node:os");
typeof os.cpus()
// ---
import.meta.url.endsWith("/notebook.js")
// ---
require("node:fs") === fs
// ---
import {get} from "tasklab";
typeof get
// ---
import {nothing} from "./twice.ts";
// ---
import {x} from "no-such-package";
// ---
await import("./no-such-file.mjs" as string)
// ---
const path = "no longer a module";
path.length
// ---
#!/usr/bin/env node
const place = {__dirname, file: __filename, o: {__dirname: 1}.__dirname};
[place.__dirname === import.meta.dirname, place.file === import.meta.filename, place.o]
