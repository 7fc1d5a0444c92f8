// When which process collects what its program has dropped.
import assert from "node:assert/strict";
import {test} from "node:test";
import {Collector, type CollectorEvent} from "../../../cluster/core/head/collector.js";
import type {ClientId} from "../../../cluster/ids.js";

class Stage {
  readonly collector = new Collector({limitMs: 100, pauseMs: 50, pauseFactor: 10});
  nowMs = 0;
  tell(event: CollectorEvent): string[] {
    return this.collector.handle(event, this.nowMs).flatMap((command) => {
      switch (command.kind) {
        case "ask-collect":
          return [`${command.client} collects: ${command.round}`];
        case "collect-ended":
          return [`${command.asker} goes on`];
        case "wake":
          return [];
      }
    });
  }
  want(asker: string, ...clients: string[]): string[] {
    return this.tell({kind: "collect-wanted", asker, clients: clients as ClientId[]});
  }
  collected(client: string, round: number, tookMs = 1): string[] {
    return this.tell({kind: "collected", client: client as ClientId, round, tookMs});
  }
  at(nowMs: number): string[] {
    this.nowMs = nowMs;
    return this.tell({kind: "ticked"});
  }
}

test("who asks goes on when all have answered; news that comes twice changes nothing", () => {
  const stage = new Stage();
  assert.deepEqual(stage.want("x", "a", "b"), ["a collects: 1", "b collects: 1"]);
  assert.deepEqual(stage.want("x", "a", "b"), []);
  assert.deepEqual(stage.collected("a", 1), []);
  assert.deepEqual(stage.collected("a", 1), []);
  assert.deepEqual(stage.collected("b", 1), ["x goes on"]);
});

test("who asks of nobody goes on at once", () => {
  assert.deepEqual(new Stage().want("x"), ["x goes on"]);
});

test("a process that does not answer, or is lost, holds nobody up", () => {
  const stage = new Stage();
  stage.want("x", "a", "b");
  stage.tell({kind: "client-lost", client: "b" as ClientId});
  assert.deepEqual(stage.at(99), []);
  assert.deepEqual(stage.at(100), ["x goes on"]);
});

test("after a collection a process has a pause, the longer the more it took", () => {
  const stage = new Stage();
  stage.want("x", "a");
  assert.deepEqual(stage.collected("a", 1, 8), ["x goes on"]);
  assert.deepEqual(stage.want("y", "a"), []);
  assert.deepEqual(stage.at(79), []);
  assert.deepEqual(stage.at(80), ["a collects: 2"]);
  assert.deepEqual(stage.collected("a", 2), ["y goes on"]);
});

test("one that was under way may have begun too early: who asks meanwhile waits for the next", () => {
  const stage = new Stage();
  stage.want("x", "a");
  assert.deepEqual(stage.want("y", "a"), []);
  assert.deepEqual(stage.collected("a", 1), ["x goes on"]);
  assert.deepEqual(stage.at(50), ["a collects: 2"]);
  assert.deepEqual(stage.collected("a", 2), ["y goes on"]);
});

test("it remembers nobody for long", () => {
  const stage = new Stage();
  stage.want("x", "a");
  stage.collected("a", 1);
  stage.at(1000);
  assert.equal(stage.collector.inspect().clients.size, 0);
  assert.equal(stage.collector.inspect().asks.size, 0);
});
