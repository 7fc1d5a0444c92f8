// A session at a real terminal, as jupyter console has it. Starts a kernel; at most 120 s.

import assert from "node:assert/strict";
import {spawn, type ChildProcess} from "node:child_process";
import {once} from "node:events";
import {mkdtemp, rm} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {stripVTControlCharacters} from "node:util";
import {environmentIn, python} from "../support/python.js";

const PATIENCE_MS = 15_000;

let folder: string;
let child: ChildProcess;
/**
 * What the terminal has been sent, without its colours and movements; what is matched is used up.
 */
let text = "";
let heard = () => {};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "tasklab console-"));
  const command = [
    ...["jupyter", "console", "--kernel", "tasklab", "--no-confirm-exit"],
    // The console gives up asking for whole cells when one answer is late, as on a busy machine.
    "--ZMQTerminalInteractiveShell.kernel_is_complete_timeout=30",
  ];
  const script = `import pty, sys; sys.exit(pty.spawn(${JSON.stringify(command)}) >> 8)`;
  child = spawn(python, ["-c", script], {
    cwd: folder,
    env: {...environmentIn(folder), TERM: "xterm", PROMPT_TOOLKIT_NO_CPR: "1"},
  });
  child.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    heard();
  });
  await shows(/Tasklab .*TypeScript.*In \[1\]:/s);
});
after(async () => {
  child.kill("SIGKILL");
  await rm(folder, {recursive: true, force: true});
});

const type = (keys: string) => child.stdin!.write(keys);

async function shows(pattern: RegExp): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const plain = stripVTControlCharacters(text);
    const found = pattern.exec(plain);
    if (found) {
      text = plain.slice(found.index + found[0].length);
      return;
    }
    const leftMs = deadlineMs - performance.now();
    assert.ok(leftMs > 0, `${pattern} is not in:\n${plain}`);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, leftMs);
      heard = () => (clearTimeout(timer), resolve());
    });
  }
}

test("a value is shown, and the prompt counts", async () => {
  type("6 * 7\r");
  await shows(/Out\[1\]: 42\s[^]*In \[2\]:/);
});

test("an open function goes on in the next line, and runs when it is whole", async () => {
  type("function twice(n: number) {\r");
  await shows(/\.\.\.:/);
  type("return 2 * n;\r}\r\r");
  await shows(/In \[3\]:/);
  type("twice(4)\r");
  await shows(/Out\[3\]: 8\s[^]*In \[4\]:/);
});

test("a name is completed", async () => {
  type("twi\t");
  await shows(/twice/);
  type("(21)\r");
  await shows(/Out\[4\]: 42\s[^]*In \[5\]:/);
});

test("an error is shown with its line", async () => {
  type("throw new RangeError('too far')\r");
  await shows(/RangeError: too far[^]*In \[6\]:/);
});

test("Ctrl-C ends a loop and keeps what there is", async () => {
  type("console.log('be' + 'gun'); while (true) {}\r");
  await shows(/begun/);
  type("\u0003");
  await shows(/InterruptedError[^]*In \[7\]:/);
  type("twice(5)\r");
  await shows(/Out\[7\]: 10\s[^]*In \[8\]:/);
});

test("a question is answered", async () => {
  type("prompt('Who? ')!.toUpperCase()\r");
  await shows(/\nWho\? $/);
  type("ada\r");
  await shows(/ADA[^]*In \[9\]:/);
});

test("exit ends the console", {timeout: PATIENCE_MS}, async () => {
  type("exit\r");
  const [code] = (await once(child, "close")) as [number | null];
  assert.equal(code, 0);
});
