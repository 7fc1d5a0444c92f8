import assert from "node:assert/strict";
import {test} from "node:test";
import {StoreBook, type Put, type StoreEvent} from "../../../cluster/core/node/store-book.js";
import type {ClientId, ObjectId, WorkerId} from "../../../cluster/ids.js";

const [a, b, c] = ["a", "b", "c"] as ObjectId[] as [ObjectId, ObjectId, ObjectId];
const [driver, other, worker] = ["driver", "other", "w1"] as ClientId[] as [
  ClientId,
  ClientId,
  ClientId,
];

/** A store of 100 bytes, in which a value waits for 50 ms. Its commands as short words. */
class Stage {
  readonly book = new StoreBook({limitBytes: 100, roomWaitMs: 50});
  nowMs = 0;
  #lastPut = 0;

  tell(event: StoreEvent): string[] {
    const commands = this.book.handle(event, this.nowMs);
    let bytes = 0;
    for (const {sizeBytes} of this.book.inspect().objects.values()) bytes += sizeBytes;
    assert.equal(this.book.bytes, bytes, "its sum is that of its objects");
    assert.ok(bytes <= 100, "it holds no more than its limit");
    return commands.flatMap((command) => {
      switch (command.kind) {
        case "accept":
          return `accept ${command.put}`;
        case "refuse":
          return `refuse ${command.put}: ${command.why.kind}`;
        case "delete":
          return `delete ${command.object}`;
        case "ask-room":
          return `ask for ${command.wantedBytes}`;
        case "wake":
          return [];
      }
    });
  }
  put(object: ObjectId, sizeBytes: number, more: Partial<Put> = {}): string[] {
    const value = {object, sizeBytes, owner: driver, by: worker, attempt: 1, fn: "f", ...more};
    return this.tell({kind: "put-asked", put: ++this.#lastPut, value});
  }
  delete(...objects: ObjectId[]): string[] {
    return this.tell({kind: "objects-deleted", objects});
  }
  deleteUpTo(upTo: number, object: ObjectId): string[] {
    return this.tell({kind: "objects-deleted", objects: [object], upTo});
  }
  at(nowMs: number): string[] {
    this.nowMs = nowMs;
    return this.tell({kind: "ticked"});
  }
}

test("a value that does not fit waits for room, and is stored when some comes free", () => {
  const stage = new Stage();
  assert.deepEqual(stage.put(a, 60), ["accept 1"]);
  assert.deepEqual(stage.put(b, 60), ["ask for 20"]);
  assert.deepEqual(stage.delete(a), ["delete a", "accept 2"]);
});

test("a value that has waited too long for room is refused", () => {
  const stage = new Stage();
  stage.put(a, 60);
  stage.put(b, 60);
  assert.deepEqual(stage.at(49), []);
  assert.deepEqual(stage.at(50), ["refuse 2: full"]);
  assert.deepEqual(stage.put(c, 40), ["accept 3"], "what fits goes on");
});

test("a small value waits behind a large one, and goes on when the large one is refused", () => {
  const stage = new Stage();
  stage.put(a, 60);
  stage.put(b, 60);
  stage.nowMs = 10;
  assert.deepEqual(stage.put(c, 10), ["ask for 30"]);
  assert.deepEqual(stage.at(50), ["refuse 2: full", "accept 3"]);
});

test("a value that is larger than the store, or than what may wait, is refused at once", () => {
  const stage = new Stage();
  assert.deepEqual(stage.put(a, 101), ["refuse 1: full"]);
  stage.put(a, 60);
  stage.put(b, 60);
  assert.deepEqual(stage.put(c, 60), ["refuse 4: full"]);
});

test("a full store names what holds most of its space", () => {
  const {book} = new Stage();
  const puts: [string, number, string][] = [
    ["a", 10, "small"],
    ["b", 30, "large"],
    ["c", 30, "large"],
    ["d", 20, ""],
    ["e", 101, "wanted"],
  ];
  const commands = puts.flatMap(([object, sizeBytes, fn], put) => {
    const value = {
      object: object as ObjectId,
      sizeBytes,
      owner: driver,
      by: worker,
      attempt: 1,
      fn,
    };
    return book.handle({kind: "put-asked", put, value}, 0);
  });
  const last = commands.at(-1);
  assert.ok(last?.kind === "refuse" && last.why.kind === "full");
  assert.deepEqual(last.why.largest, [
    {fn: "large", owner: driver, objects: 2, sizeBytes: 60},
    {fn: "", owner: driver, objects: 1, sizeBytes: 20},
    {fn: "small", owner: driver, objects: 1, sizeBytes: 10},
  ]);
});

test("the same put twice stores it once", () => {
  const stage = new Stage();
  assert.deepEqual(stage.put(a, 60), ["accept 1"]);
  assert.deepEqual(stage.put(a, 60), ["accept 2"]);
  assert.equal(stage.book.bytes, 60);
});

test("a put that is sent again while it waits is one put, with one answer for both", () => {
  const stage = new Stage();
  stage.put(a, 80);
  assert.deepEqual(stage.put(b, 60), ["ask for 40"]);
  assert.deepEqual(stage.put(b, 60), []);
  assert.deepEqual(stage.delete(a), ["delete a", "accept 2", "accept 3"]);
  assert.deepEqual(stage.put(c, 60), ["ask for 20"]);
  assert.deepEqual(stage.put(c, 60), []);
  assert.deepEqual(stage.at(50), ["refuse 4: full", "refuse 5: full"]);
});

test("a newer attempt's value takes the place of an older one's, and never the other way", () => {
  const stage = new Stage();
  stage.put(a, 60);
  assert.deepEqual(stage.put(a, 70, {attempt: 2}), ["accept 2"]);
  assert.equal(stage.book.bytes, 70);
  assert.deepEqual(stage.put(a, 60), ["refuse 3: stale"]);
});

test("what a worker that was given up still stores is refused, waiting or not", () => {
  const stage = new Stage();
  stage.put(a, 60);
  stage.put(b, 60);
  const fenced: StoreEvent = {kind: "worker-fenced", worker: "w1" as WorkerId};
  assert.deepEqual(stage.tell(fenced), ["refuse 2: stale"]);
  assert.deepEqual(stage.put(c, 10), ["refuse 3: stale"]);
  assert.deepEqual(stage.put(c, 10, {by: other}), ["accept 4"]);
});

test("what a lost client owned goes, except what the head knows; later values of it are refused", () => {
  const stage = new Stage();
  stage.put(a, 30);
  stage.put(b, 30);
  stage.put(c, 30, {owner: other});
  const lost: StoreEvent = {kind: "client-lost", client: driver, keep: [b]};
  assert.deepEqual(stage.tell(lost), ["delete a"]);
  assert.deepEqual(stage.tell(lost), []);
  assert.deepEqual(stage.put(a, 10), ["refuse 4: stale"]);
  assert.deepEqual(stage.delete(b), ["delete b"]);
});

test("a value that comes after the order to delete it is refused", () => {
  const stage = new Stage();
  assert.deepEqual(stage.deleteUpTo(1, a), [], "the worker is still at it");
  assert.deepEqual(stage.put(a, 10, {attempt: 1}), ["refuse 1: stale"]);
  assert.deepEqual(stage.put(a, 10, {attempt: 2}), ["accept 2"], "the task is made once more");
  assert.deepEqual(stage.deleteUpTo(1, a), [], "an order for the first attempt that comes late");
  assert.deepEqual(stage.delete(a), ["delete a"]);
  assert.deepEqual(stage.put(a, 10, {attempt: 2}), ["refuse 3: stale"], "it is sent again");
  assert.deepEqual(stage.deleteUpTo(1, a), []);
  assert.deepEqual(stage.put(a, 10, {attempt: 3}), ["refuse 4: stale"], "it was deleted for good");
});

test("a value that waits for room is refused when it is deleted", () => {
  const stage = new Stage();
  stage.put(a, 60);
  assert.deepEqual(stage.put(b, 60), ["ask for 20"]);
  assert.deepEqual(stage.delete(b), ["refuse 2: stale"]);
});
