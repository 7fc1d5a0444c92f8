import assert from "node:assert/strict";
import {test} from "node:test";
import {Holdings, type Holding} from "../../../cluster/core/client/holdings.js";
import type {ObjectId} from "../../../cluster/ids.js";

interface Backend {
  name: string;
  isDown: boolean;
}
type Home = Holding<Backend>;

const [a, b] = ["a", "b"] as ObjectId[] as [ObjectId, ObjectId];

class Stage {
  readonly cluster: Backend = {name: "cluster", isDown: false};
  readonly told: string[] = [];
  readonly holdings = new Holdings<Backend, Home>(() => {});

  home(count: number, copies?: Map<Backend, unknown>): Home {
    return {count, backend: this.cluster, fn: "f", cell: "", ...(copies ? {copies} : {})};
  }
  send(): string[] {
    const {held, left, released} = this.holdings.take();
    for (const [{name}, ids] of held) this.told.push(`${name} hold ${ids.join(" ")}`);
    for (const [{name}, groups] of left) {
      for (const {objects} of groups) this.told.push(`${name} leave ${objects.join(" ")}`);
    }
    for (const [{name}, ids] of released)
      if (ids.length > 0) this.told.push(`${name} release ${ids.join(" ")}`);
    return this.told.splice(0);
  }
}

test("holds are told before what is left, and that before releases", () => {
  const stage = new Stage();
  const [one, other] = [stage.home(0), stage.home(0)];
  stage.holdings.add(a, one);
  stage.holdings.add(b, other);
  stage.holdings.drop(a, one);
  stage.holdings.remember("c" as ObjectId, stage.home(1), () => {});
  stage.holdings.leave(b, other);
  assert.deepEqual(stage.send(), ["cluster hold c", "cluster leave b", "cluster release a"]);
});

test("an object that is held again before its release was told is not told at all", () => {
  const stage = new Stage();
  const home = stage.home(0);
  stage.holdings.add(a, home);
  stage.holdings.drop(a, home);
  stage.holdings.remember(a, stage.home(1), () => {});
  assert.deepEqual(stage.send(), []);
});

test("nor when a result was left in the same turn", () => {
  const stage = new Stage();
  const [one, other] = [stage.home(0), stage.home(0)];
  stage.holdings.add(a, one);
  stage.holdings.add(b, other);
  stage.holdings.drop(a, one);
  stage.holdings.leave(b, other);
  const early: string[] = [];
  stage.holdings.remember(a, stage.home(1), () => early.push(...stage.send()));
  assert.deepEqual([...early, ...stage.send()], ["cluster leave b"]);
});

test("what comes over a later connection lives there, and its copies are let go of with it", () => {
  const stage = new Stage();
  const later: Backend = {name: "later", isDown: false};
  const home = stage.home(1, new Map([[later, null]]));
  stage.holdings.add(a, home);
  assert.equal(stage.holdings.meet(a, later), home);
  assert.equal(home.backend, stage.cluster);
  stage.cluster.isDown = true;
  stage.holdings.meet(a, later);
  assert.equal(home.backend, later);
  home.count = 0;
  stage.holdings.drop(a, home);
  assert.deepEqual(stage.send(), ["later hold a", "later release a"]);
});
