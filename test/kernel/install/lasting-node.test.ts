import assert from "node:assert/strict";
import {test} from "node:test";
import {lastingNode} from "../../../kernel/install/lasting-node.js";

test("a Node is named by the path that outlives its next upgrade", () => {
  for (const [path, lasting] of [
    ["/usr/bin/node", "/usr/bin/node"],
    ["/opt/homebrew/Cellar/node@22/22.3.0_1/bin/node", "/opt/homebrew/opt/node@22/bin/node"],
    ["/usr/local/Cellar/node/24.1.0/bin/node", "/usr/local/opt/node/bin/node"],
    [
      "/home/lab/.nvm/versions/node/v20.11.0/bin/node",
      "/home/lab/.nvm/versions/node/v20.11.0/bin/node",
    ],
  ] as const)
    assert.equal(
      lastingNode(path, () => true),
      lasting,
    );
  const unlinked = "/usr/local/Cellar/node/24.1.0/bin/node";
  assert.equal(
    lastingNode(unlinked, () => false),
    unlinked,
  );
});

test("a Node in npm's cache is refused, for it does not last", () => {
  const path = "/home/lab/.npm/_npx/52/node_modules/node/bin/node";
  assert.throws(() => lastingNode(path), /npm's cache.*nvm install/);
});
