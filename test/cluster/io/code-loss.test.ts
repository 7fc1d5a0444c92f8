// Pieces of functions that are not where they are believed to be.

import assert from "node:assert/strict";
import {test} from "node:test";
import type {ShippedCode, TaskCall} from "../../../cluster/backend.js";
import type {LeaseId, RunId, TaskId, WorkerId} from "../../../cluster/ids.js";
import {BelievedCodes} from "../../../cluster/io/agent/codes.js";
import {Submissions, type Surroundings} from "../../../cluster/io/agent/submissions.js";
import type {Stores} from "../../../cluster/io/agent/stores.js";
import type {ToHead, ToWorker} from "../../../cluster/messages.js";

/**
 * Stores to which nothing goes; what a lost worker may have stored is dropped there all the same.
 */
const noStores = {
  drop() {},
  put: () => assert.fail("nothing is large here"),
  fetch: () => assert.fail("nothing is large here"),
} as unknown as Stores;

/** A client with its workers: what it says to them, and a way to be granted what it wants. */
class Client {
  readonly sent: ToWorker[] = [];
  readonly #wanted: (ToHead & {kind: "want-leases"})[] = [];
  readonly #believed = new BelievedCodes();
  readonly #submissions: Submissions;
  #count = 0;

  constructor() {
    const around: Surroundings = {
      stores: () => noStores,
      toHead: (message) => {
        if (message.kind === "want-leases") this.#wanted.push(message);
      },
      post() {},
      connectWorker: () => ({
        send: (message) => void this.sent.push(message),
        close: () => Promise.resolve(),
      }),
      trace() {},
      waits() {},
      blocked() {},
      unblocked() {},
      wakeTurn() {},
    };
    this.#submissions = new Submissions(around);
  }

  submit(code: ShippedCode): void {
    const pieces = this.#believed.missing(code);
    this.#believed.sent(code);
    const task = `task${++this.#count}` as TaskId;
    const call: TaskCall = {
      ...{task, fn: "f", args: [], argRefs: [], nestedRefs: []},
      code: {hash: code.hash, frames: [], parts: []},
      options: {resources: {CPU: 1}, maxRetries: 3, retryExceptions: false, priority: 0},
      context: {run: "" as RunId, cell: "", parent: null, depth: 0},
    };
    this.#submissions.request({kind: "submit", call, pieces});
    this.#submissions.turn();
  }
  grant(worker: string): void {
    const {shape} = this.#wanted.at(-1)!;
    const ids = {lease: `lease of ${worker}` as LeaseId, worker: worker as WorkerId};
    this.#submissions.heardHead({kind: "granted", ...ids, shape, address: ""});
    this.#submissions.turn();
  }
  loseWorker(worker: string): void {
    const ids = {lease: `lease of ${worker}` as LeaseId, worker: worker as WorkerId};
    this.#submissions.heardHead({kind: "lease-lost", ...ids, reason: "it was killed"});
    this.#submissions.turn();
  }
  needed(hash: string, worker: string): void {
    this.#submissions.heardWorker(worker as WorkerId, {kind: "need-code", hash});
  }
  close(): Promise<void> {
    return this.#submissions.close();
  }
  /** Hashes of the pieces that were sent since this was asked last. */
  takePieces(): string[] {
    const pieces = this.sent.flatMap((message) => (message.kind === "code" ? [message.hash] : []));
    this.sent.length = 0;
    return pieces;
  }
}

const frames = [new Uint8Array(10)];
const first: ShippedCode = {hash: "first", frames, parts: [{hash: "text", frames}]};

test("a worker that was started anew is sent all pieces once more", async () => {
  const client = new Client();
  client.submit(first);
  client.grant("w1");
  assert.deepEqual(client.takePieces(), ["text", "first"]);
  client.loseWorker("w1");
  client.grant("w2");
  assert.deepEqual(client.takePieces(), ["text", "first"]);
  await client.close();
});

test("a piece that a worker lacks is sent when it asks, as long as a task waits for it", async () => {
  const client = new Client();
  client.submit(first);
  client.grant("w1");
  // So many others that all who remember pieces have forgotten the first ones.
  for (let n = 0; n < 1000; n++) client.submit({hash: `other${n}`, frames, parts: []});
  client.takePieces();
  for (const hash of ["text", "first"]) client.needed(hash, "w1");
  assert.deepEqual(client.takePieces(), ["text", "first"]);
  client.needed("never heard of", "w1");
  assert.deepEqual(client.takePieces(), []);
  await client.close();
});
