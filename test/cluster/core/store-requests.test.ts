import assert from "node:assert/strict";
import {test} from "node:test";
import {
  StoreRequests,
  type StoreRequestsCommand,
  type StoreRequestsEvent,
} from "../../../cluster/core/client/store-requests.js";
import type {NodeId} from "../../../cluster/ids.js";

const node = "n2" as NodeId;
const known: StoreRequestsEvent = {kind: "stores-known", nodes: [node]};
const gone: StoreRequestsEvent = {kind: "stores-known", nodes: []};
const broke: StoreRequestsEvent = {kind: "link-broke", node};
const asked = (request: number): StoreRequestsEvent => ({kind: "asked", request, node});
const answered = (request: number): StoreRequestsEvent => ({kind: "answered", request, node});
const sent = (request: number): StoreRequestsCommand => ({kind: "send", request, node});
const givenUp = (request: number): StoreRequestsCommand => ({kind: "give-up", request});

class Stage {
  readonly requests = new StoreRequests({pauseMs: 10, maxPauses: 2});
  tell(event: StoreRequestsEvent, nowMs = 0): StoreRequestsCommand[] {
    const commands = this.requests.handle(event, nowMs);
    return commands.filter(({kind}) => kind === "send" || kind === "give-up");
  }
}

test("what waits is sent again when a link broke, after a pause", () => {
  const stage = new Stage();
  stage.tell(known);
  assert.deepEqual(stage.tell(asked(1)), [sent(1)]);
  assert.deepEqual(stage.tell(broke, 5), []);
  assert.deepEqual(stage.tell(asked(2), 6), []);
  assert.deepEqual(stage.tell({kind: "ticked"}, 15), [sent(1), sent(2)]);
  stage.tell(answered(1), 16);
  stage.tell(answered(2), 16);
  assert.equal(stage.requests.waiting, 0);
});

test("a store that breaks off too often in a row is given up, and may be asked again", () => {
  const stage = new Stage();
  stage.tell(known);
  stage.tell(asked(1));
  stage.tell(broke, 0);
  stage.tell({kind: "ticked"}, 10);
  stage.tell(broke, 10);
  stage.tell({kind: "ticked"}, 40);
  assert.deepEqual(stage.tell(broke, 40), [givenUp(1)]);
  assert.deepEqual(stage.tell(asked(2), 41), [sent(2)]);
});

test("a store that is not known yet is waited for, a while", () => {
  const stage = new Stage();
  assert.deepEqual(stage.tell(asked(1)), []);
  assert.deepEqual(stage.tell(known, 5), [sent(1)]);
  const late = new Stage();
  late.tell(asked(1));
  late.tell({kind: "ticked"}, 10);
  assert.deepEqual(late.tell({kind: "ticked"}, 40), [givenUp(1)]);
});

test("of a store whose node is gone, or with the cluster, nothing is awaited", () => {
  const stage = new Stage();
  stage.tell(known);
  stage.tell(asked(1));
  assert.deepEqual(stage.tell(gone), [givenUp(1)]);
  assert.deepEqual(stage.tell(asked(2)), [givenUp(2)]);
  const left = new Stage();
  left.tell(asked(1));
  assert.deepEqual(left.tell({kind: "left"}), [givenUp(1)]);
  assert.deepEqual(left.tell(asked(2)), [givenUp(2)]);
});
