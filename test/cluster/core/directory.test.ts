import assert from "node:assert/strict";
import {test} from "node:test";
import {Directory} from "../../../cluster/core/head/directory.js";
import type {DirectoryCommand, DirectoryEvent, Place} from "../../../cluster/core/events.js";
import {checkDirectory} from "../../../cluster/core/invariants.js";
import type {ClientId, NodeId, ObjectId} from "../../../cluster/ids.js";

const object = "0".repeat(56) as ObjectId;
const [owner, other] = ["owner", "other"] as ClientId[] as [ClientId, ClientId];
const inline: Place = {kind: "inline", ok: true, frames: []};
const stored: Place = {kind: "stored", ok: true, node: "n1" as NodeId, sizeBytes: 1};

class Stage {
  readonly directory = new Directory({graceMs: 100, orphanMs: 200});
  nowMs = 0;
  tell(...events: DirectoryEvent[]): DirectoryCommand[] {
    const commands = events.flatMap((event) => this.directory.handle(event, this.nowMs));
    checkDirectory(this.directory);
    return commands.filter(({kind}) => kind !== "wake");
  }
  at(nowMs: number): DirectoryCommand[] {
    this.nowMs = nowMs;
    return this.tell({kind: "ticked"});
  }
}
const shared: DirectoryEvent = {kind: "object-shared", client: owner, object};
const wanted: DirectoryEvent = {kind: "place-wanted", client: other, object};
const published = (place: Place): DirectoryEvent => ({
  kind: "object-published",
  client: owner,
  object,
  place,
});
const released = (client: ClientId): DirectoryEvent => ({
  kind: "object-released",
  client,
  object,
  lentMsAgo: 0,
});
const neverLent = (client: ClientId): DirectoryEvent => ({
  kind: "object-released",
  client,
  object,
  lentMsAgo: null,
});
const told = (place: Place) => ({kind: "tell-place", client: other, object, place});

for (const [order, events] of [
  ["asked, shared, published", [wanted, shared, published(inline)]],
  ["shared, asked, published", [shared, wanted, published(inline)]],
  ["asked, published", [wanted, published(inline)]],
  ["published, asked", [published(inline), wanted]],
  ["asked twice, published twice", [wanted, wanted, published(inline), published(inline)]],
] as const) {
  test(`whoever asks is told once: ${order}`, () => {
    assert.deepEqual(new Stage().tell(...events), [told(inline)]);
  });
}

test("an object goes when nobody holds it, after a grace for refs on their way", () => {
  const stage = new Stage();
  stage.tell(published(stored), wanted, released(owner));
  stage.at(1000);
  assert.equal(stage.directory.size, 1);
  stage.tell(released(other));
  assert.deepEqual(stage.at(1099), []);
  assert.deepEqual(stage.at(1100), [{kind: "delete-object", node: "n1", object}]);
  assert.equal(stage.directory.size, 0);
});

test("what only an object held goes after its own grace, and the directory asks to be woken", () => {
  const directory = new Directory({graceMs: 100, orphanMs: 200});
  const inner = "1".repeat(56) as ObjectId;
  const events: DirectoryEvent[] = [
    {kind: "object-published", client: owner, object: inner, place: inline},
    published({...inline, refs: [inner]}),
    {kind: "object-released", client: owner, object: inner, lentMsAgo: 0},
    released(owner),
  ];
  for (const event of events) directory.handle(event, 0);
  directory.handle({kind: "object-lent", object: inner}, 50);
  const [wake] = directory.handle({kind: "ticked"}, 100);
  assert.equal(directory.size, 1);
  assert.deepEqual(wake, {kind: "wake", atMs: 200});
  directory.handle({kind: "ticked"}, 200);
  assert.equal(directory.size, 0);
});

test("an object of which no ref has left a process goes at once", () => {
  const gone = [{kind: "delete-object", node: "n1", object}];
  assert.deepEqual(new Stage().tell(published(stored), neverLent(owner)), gone);
  const held = new Stage();
  assert.deepEqual(held.tell(published(inline), wanted, neverLent(owner)), [told(inline)]);
  held.tell(neverLent(other));
  assert.equal(held.directory.size, 0);
});

test("what was lent longer ago than the grace goes at once; lately, and it waits", () => {
  const lent = (lentMsAgo: number): DirectoryEvent => ({
    kind: "object-released",
    client: owner,
    object,
    lentMsAgo,
  });
  const old = new Stage();
  old.nowMs = 1000;
  old.tell(published(inline), lent(100));
  assert.equal(old.directory.size, 0);
  const late = new Stage();
  late.nowMs = 1000;
  late.tell(published(inline), wanted, lent(50), neverLent(other));
  assert.equal(late.directory.size, 1, "what one process has lent, another may be about to hold");
  late.at(1100);
  assert.equal(late.directory.size, 0);
});

test("what the head itself gives away, and what its owner has not told of, has the grace", () => {
  const given = new Stage();
  given.tell(published(inline), {kind: "object-lent", object}, neverLent(owner));
  assert.equal(given.directory.size, 1);
  const untold = new Stage();
  untold.tell(wanted, neverLent(other));
  assert.equal(untold.directory.size, 1);
});

test("what an object's value holds lives as long as the object, though no process holds it", () => {
  const inner = "1".repeat(56) as ObjectId;
  const ofInner = {client: owner, object: inner} as const;
  const stage = new Stage();
  stage.tell({kind: "object-published", ...ofInner, place: stored});
  stage.tell(published({...inline, refs: [inner]}), wanted, released(owner));
  stage.tell({kind: "object-released", ...ofInner, lentMsAgo: 0});
  assert.deepEqual(stage.at(1000), []);
  stage.tell(released(other));
  assert.deepEqual(stage.at(1100), [{kind: "delete-object", node: "n1", object: inner}]);
  assert.equal(stage.directory.size, 0);
});

test("a ref that arrives within the grace keeps the object", () => {
  const stage = new Stage();
  stage.tell(published(inline), released(owner));
  stage.nowMs = 50;
  assert.deepEqual(stage.tell(wanted), [told(inline)]);
  stage.at(1000);
  assert.equal(stage.directory.size, 1);
});

test("what a lost owner only promised is lost; what it published lives on while others hold it", () => {
  const stage = new Stage();
  stage.tell(shared, wanted);
  assert.deepEqual(stage.tell({kind: "client-lost", client: owner}), [
    told({kind: "lost", reason: "its owner owner ended before the value was there"}),
  ]);
  const second = new Stage();
  second.tell(published(inline), wanted, {kind: "client-lost", client: owner});
  second.at(1000);
  assert.deepEqual(second.tell(wanted), [told(inline)]);
});

test("what a lost node stored is lost", () => {
  const stage = new Stage();
  stage.tell(published(stored), {kind: "node-lost", node: "n1" as NodeId});
  assert.deepEqual(stage.tell(wanted), [
    told({kind: "lost", reason: "node n1 that stored it was lost"}),
  ]);
});

test("an object that nobody answers for is called lost in the end", () => {
  const stage = new Stage();
  stage.tell(wanted);
  assert.deepEqual(stage.at(199), []);
  assert.deepEqual(
    stage.at(200).map(({kind}) => kind),
    ["tell-place"],
  );
  stage.tell(released(other));
  stage.at(1000);
  assert.equal(stage.directory.size, 0);
});
