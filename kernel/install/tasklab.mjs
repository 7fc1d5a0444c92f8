#!/usr/bin/env node
// `npx tasklab …`: what package.json's `bin` names. It must run on the versions of Node that it
// refuses.
import {refuseOldNode} from "../setup/old-node.mjs";

// Imported late, so that an old Node reads the refusal instead of a syntax error.
if (!refuseOldNode()) {
  import("../../dist/kernel/install/main.js").then((room) => room.main(process.argv.slice(2)));
}
