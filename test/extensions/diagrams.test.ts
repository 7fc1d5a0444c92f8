import assert from "node:assert/strict";
import {test} from "node:test";
import {parseHTML} from "linkedom";
import {draw, type Drawing} from "../../extensions/execution/views/draw.js";
import {timelineView} from "../../extensions/execution/views/timeline.js";
import {twinView} from "../../extensions/execution/views/twin.js";
import {drawSaved} from "../../extensions/execution/views/saved.js";
import {textWidth, wrapped} from "../../extensions/execution/diagrams/text.js";
import {timeline} from "../../extensions/execution/model/timeline.js";
import {TraceModel} from "../../extensions/execution/model/trace-model.js";
import {twin, type TwinView} from "../../extensions/execution/model/twin.js";
import {Story} from "./story.js";
import {crowd, sequentialRun, tutorial} from "./stories.js";

const {document} = parseHTML("<!doctype html><html><body></body></html>");

function liveTwin(atMs: number): TwinView {
  const model = new TraceModel();
  model.add(tutorial().until(atMs));
  const view = twin(model, {now: atMs * 1000});
  assert.ok(view !== null);
  return view;
}

function interactive(view: TwinView): Drawing {
  return draw(twinView.show(view), {
    document,
    width: 800,
    theme: "light",
    id: "x",
    isInteractive: true,
  });
}

const bars = (drawing: Drawing) => [...drawing.node.querySelectorAll("g.bar")];

test("a saved picture stands alone: its own paper, both themes, no outside parts", () => {
  for (const view of ["twin", "timeline", "steps", "cluster"]) {
    const {svg, text} = drawSaved(tutorial().bundle(view));
    assert.match(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    assert.match(svg, /@media \(prefers-color-scheme: dark\)/);
    assert.match(svg, /class="layer-paper"><g><rect/);
    assert.doesNotMatch(
      svg.replaceAll('"http://www.w3.org/2000/svg"', ""),
      /https?:|<script|@import|NaN|undefined/,
    );
    assert.ok(text.length > 20);
  }
});

test("a picture has a role, a title that is its sentence, and a description", () => {
  const {svg, text} = drawSaved(tutorial().bundle("twin"));
  const {document: page} = parseHTML(svg);
  const root = page.querySelector("svg");
  assert.equal(root?.getAttribute("role"), "img");
  const [title, desc] = (root?.getAttribute("aria-labelledby") ?? "").split(" ");
  assert.equal(page.querySelector(`#${title}`)?.textContent, text);
  assert.match(page.querySelector(`#${desc}`)?.textContent ?? "", /expensiveComputation 10 times/);
});

test("every bar can be reached and tells what it is; ghosts and axes are not in the way", () => {
  const drawing = interactive(liveTwin(5_000));
  assert.equal(drawing.node.getAttribute("role"), "group");
  const focusable = bars(drawing).filter((bar) => bar.hasAttribute("tabindex"));
  assert.equal(focusable.length, 60);
  for (const bar of focusable) {
    assert.equal(bar.getAttribute("role"), "button");
    assert.match(bar.getAttribute("aria-label") ?? "", /, run \d+, on (notebook|worker \d): /);
    assert.ok(bar.hasAttribute("data-span"));
  }
  const ghosts = bars(drawing).filter((bar) => !bar.hasAttribute("tabindex"));
  assert.ok(
    ghosts.length >= 10 && ghosts.every((bar) => bar.getAttribute("aria-hidden") === "true"),
  );
});

test("a later now touches only running bars", () => {
  const drawing = interactive(liveTwin(1_900));
  const before = new Map(bars(drawing).map((bar) => [bar, bar.outerHTML]));
  assert.equal(drawing.tick(1_930_000), true);
  const touched = bars(drawing).filter((bar) => bar.outerHTML !== before.get(bar));
  assert.ok(touched.length >= 2);
  for (const bar of touched) assert.match(bar.getAttribute("class") ?? "", /running/);
});

test("an update keeps the elements of bars that did not change, so focus stays", () => {
  const drawing = interactive(liveTwin(1_900));
  const before = new Set(bars(drawing));
  const finished = bars(drawing).filter((bar) => bar.getAttribute("class") === "bar");
  const html = finished.map((bar) => bar.outerHTML);
  drawing.update(twinView.show(liveTwin(1_960)));
  assert.deepEqual(
    finished.map((bar) => bar.outerHTML),
    html,
  );
  assert.ok(bars(drawing).filter((bar) => before.has(bar)).length >= finished.length);
});

test("the axis says when now has left it", () => {
  const drawing = interactive(liveTwin(1_900));
  assert.equal(drawing.tick(60_000_000), false);
});

test("however many tasks there are, a picture stays below 3000 nodes", () => {
  const model = new TraceModel();
  model.add(crowd(20_000).events);
  const view = timeline(model);
  assert.ok(view !== null);
  for (const width of [400, 1600]) {
    const {node} = draw(timelineView.show(view), {document, width, theme: "light"});
    const count = node.querySelectorAll("*").length;
    assert.ok(count < 3000, `${count} nodes at ${width} px`);
  }
});

test("slower functions on the workers are said, not hidden", () => {
  const story = new Story();
  const end = sequentialRun(story, 0, {runs: 2});
  story.startRun(end + 10, "distributed", {cell: 3});
  for (const worker of ["w1", "w2"]) {
    const task = story.submit("expensiveComputation", end + 11);
    story.start(task, end + 12, worker);
    story.end(task, end + 12 + 220);
  }
  story.endRun(end + 240);
  const {svg} = drawSaved(story.bundle("twin"));
  assert.match(svg, /took 2\.0 times as long on the workers as in one process/);
  assert.doesNotMatch(drawSaved(tutorial().bundle("twin")).svg, /times as long/);
});

test("a picture is as wide as it is told, and nothing is drawn beyond", () => {
  for (const width of [300, 480, 860, 1400]) {
    const {node} = draw(twinView.show(liveTwin(5_000)), {document, width, theme: "dark"});
    assert.equal(node.getAttribute("width"), String(width));
    for (const shape of node.querySelectorAll("g.bar rect")) {
      const right = Number(shape.getAttribute("x")) + Number(shape.getAttribute("width"));
      assert.ok(right <= width, `a bar ends at ${right} of ${width}`);
    }
  }
});

test("lines break at spaces, never between a number and its unit", () => {
  const lines = wrapped(
    "10 runs on 2 workers took 0.61 s instead of 1.11 s: 1.8×, 91 % of ideal",
    130,
    15,
  );
  assert.ok(lines.length > 3);
  for (const line of lines) assert.doesNotMatch(line, /\d$/);
  assert.ok(textWidth("wide", 20) > textWidth("wide", 10));
});
