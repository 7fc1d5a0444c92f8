import assert from "node:assert/strict";
import {afterEach, beforeEach, mock, test} from "node:test";
import {Log, maxLines, windowMs, type Writer} from "../../../kernel/protocol/log.js";

let written: string;
const atOnce: Writer = (text, done) => {
  written += text;
  done();
};
beforeEach(() => {
  written = "";
  mock.timers.enable({apis: ["setTimeout"]});
});
afterEach(() => mock.timers.reset());

test("a line is told at once", () => {
  new Log(atOnce).line("one");
  assert.equal(written, "tasklab: one\n");
});

test("a flood is cut, and then told how long it was", () => {
  const log = new Log(atOnce);
  for (let n = 0; n < maxLines + 7; n++) log.line(`line ${n}`);
  mock.timers.tick(windowMs);
  const lines = written.trimEnd().split("\n");
  assert.equal(lines.length, maxLines + 1);
  assert.equal(lines.at(-1), "tasklab: … 7 more lines left out …");
  log.line("afterwards");
  assert.match(written, /afterwards\n$/);
});

test("where nobody reads, nothing waits and little is kept", () => {
  let done = () => {};
  const log = new Log((text, end) => {
    written += text;
    done = end;
  });
  for (let second = 0; second < 10; second++) {
    for (let n = 0; n < 1000; n++) log.line("bad");
    mock.timers.tick(windowMs);
  }
  assert.equal(written, "tasklab: bad\n");
  done();
  assert.equal(written.split("\n").length, 1 + maxLines + 1);
});
