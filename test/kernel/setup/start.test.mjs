// Runs alone, at most 120 s: it starts JupyterLab.
import assert from "node:assert/strict";
import {spawn} from "node:child_process";
import {createServer} from "node:net";
import {join} from "node:path";
import {test} from "node:test";
import {setTimeout as sleep} from "node:timers/promises";
import {project} from "../../../kernel/setup/paths.mjs";

const LIMIT_MS = 60_000;

/** Runs the entry point until its ready line; whoever calls ends it. */
async function start(...args) {
  const child = spawn(process.execPath, [join(project, "kernel", "setup", "start.mjs"), ...args]);
  let text = "";
  const ended = new Promise((resolve) => child.on("close", (code) => resolve(code)));
  const ready = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
        const url = /ready and running at (\S+)\n/.exec(text)?.[1];
        if (url) resolve(new URL(url));
      });
    }
    child.on("close", () => reject(new Error(`ended before it was ready:\n${text}`)));
  });
  return {child, ready: withinLimit(ready), ended: withinLimit(ended), text: () => text};
}

function withinLimit(promise) {
  const late = sleep(LIMIT_MS, undefined, {ref: false}).then(() => {
    throw new Error(`nothing came within ${LIMIT_MS / 1000} s`);
  });
  return Promise.race([promise, late]);
}

async function takePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

async function isAnswering(url) {
  return fetch(new URL("/api", url)).then(
    (reply) => reply.ok,
    () => false,
  );
}

async function untilSilent(url) {
  const deadlineMs = performance.now() + LIMIT_MS;
  while (await isAnswering(url)) {
    assert.ok(performance.now() < deadlineMs, `${url.origin} still answers`);
    await sleep(50);
  }
}

test("npm start opens JupyterLab on the tutorial, beside a taken port, and ends when told to", async () => {
  const taken = await takePort();
  const started = await start("--no-browser", "--port", String(taken.port));
  try {
    const url = await started.ready;
    assert.notEqual(Number(url.port), taken.port);
    assert.match(started.text(), new RegExp(`Port ${taken.port} is taken, so it is ${url.port}`));
    assert.equal(url.pathname, "/lab/tree/notebooks/01-overview-of-a-task.ipynb");
    assert.equal((await fetch(url)).status, 200);
    const specs = await (await fetch(new URL(`/api/kernelspecs${url.search}`, url))).json();
    assert.equal(specs.default, "tasklab");
    assert.equal(specs.kernelspecs.tasklab.spec.display_name, "TypeScript (Tasklab)");
    const logo = new URL(`${specs.kernelspecs.tasklab.resources["logo-svg"]}${url.search}`, url);
    assert.equal((await fetch(logo)).status, 200);
    assert.equal((await fetch(new URL("/api/kernelspecs", url))).status, 403);
    started.child.kill("SIGINT");
    assert.equal(await started.ended, 130);
    assert.equal(await isAnswering(url), false);
  } finally {
    started.child.kill("SIGKILL");
    await taken.close();
  }
});

test("JupyterLab ends with its starter even when that is killed outright", async () => {
  const taken = await takePort();
  await taken.close();
  const started = await start("--no-browser", "--port", String(taken.port));
  const url = await started.ready.finally(() => started.child.kill("SIGKILL"));
  await untilSilent(url);
});

test("a wrong option is refused in words, before anything starts", async () => {
  const started = await start("--port", "lab");
  await assert.rejects(started.ready, /--port takes a number from 1 to 65535, not "lab"/);
  assert.equal(await started.ended, 1);
});
