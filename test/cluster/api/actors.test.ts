// What actor classes, handles and methods look like, and what they say when they are used wrongly.
// No backend is reached.
import assert from "node:assert/strict";
import {inspect} from "node:util";
import {beforeEach, describe, test} from "node:test";
import {
  checkActorOptions,
  checkCallOptions,
  type ActorClassOptions,
  type CallOptions,
} from "../../../cluster/api/actor-options.js";
import type {TaskCall} from "../../../cluster/backend.js";
import {SequentialBackend} from "../../../cluster/backends/sequential.js";
import {decode, encode} from "../../../cluster/codec/codec.js";
import {setAmbient} from "../../../cluster/context/context.js";
import {actorHeldBy, creationOf, objectId} from "../../../cluster/ids.js";
import {
  cancel,
  get,
  getActor,
  kill,
  put,
  remote,
  type ActorHandle,
} from "../../../cluster/index.js";
import {refuses} from "../../support/refuses.js";

class Plain {
  n: number;
  constructor(start = 0) {
    this.n = start;
  }
  add(k: number) {
    return (this.n += k);
  }
  get double() {
    return 2 * this.n;
  }
}
class Special extends Plain {
  async later() {}
}
const Counter = remote(Plain, {maxTaskRetries: 2});

let calls: TaskCall[];
beforeEach(() => {
  calls = [];
  const backend = new SequentialBackend();
  backend.submit = (call) => void calls.push(call);
  setAmbient({backend});
});

test("new and a direct call are refused in words that name .remote and .local", async () => {
  const words =
    "`Plain` is remote and makes no instances by itself: write Plain.remote(…) to make an actor, or Plain.local(…) to make an instance here";
  await refuses(() => new (Counter as unknown as new () => unknown)(), words);
  await refuses(() => (Counter as unknown as () => unknown)(), words);
  const {add} = Counter.remote() as unknown as {add: (k: number) => unknown};
  await refuses(
    () => add(1),
    "`Plain.add` is an actor's method and is not called directly: write .add.remote(…)",
  );
});

test("local makes an ordinary instance, here and now", () => {
  const local = Counter.local(3);
  assert.equal(local.add(1), 4);
  assert(local instanceof Plain && local instanceof (Counter as unknown as typeof Plain));
});

test("what is no class for actors is refused", async () => {
  class Thenable {
    then() {}
  }
  await refuses(() => remote(Thenable), /^remote: `Thenable` has a method `then`/);
  await refuses(() => remote(Counter as never), /^remote: `Plain` is remote already/);
});

test("as a decorator that it can't be, `remote` says what to write", async () => {
  await refuses(() => {
    class Adder {
      @(remote as (method: unknown, context: object) => void)
      add() {}
    }
    return new Adder();
  }, /^remote: `add` is a member of a class and can't be remote alone; make the class remote/);
  await refuses(() => {
    @(remote as (cls: unknown, context: object) => void)
    class Adder {}
    return new Adder();
  }, /^remote: no decorator makes `Adder` remote here; write `const Adder = remote\(class \{ … \}\)`/);
});

test("classes, handles and methods show as what they are", () => {
  const c = Counter.remote();
  assert.equal(inspect(Counter), "[ActorClass: Plain]");
  assert.match(inspect({c}), /^\{ c: Actor\(Plain [0-9a-f]{8}\) \}$/);
  assert.equal(String(c), inspect(c));
  assert.equal(inspect(c.add), "[ActorMethod: Plain.add]");
  assert.equal(Counter.name, "Plain");
});

test("a handle has the methods of its class and of those that it extends, and nothing else", () => {
  assert.deepEqual(Object.keys(remote(Special).remote()), ["later", "add"]);
});

test("functions in fields are methods too", () => {
  class Fields {
    n = 1;
    up = (k: number) => (this.n += k);
    down = async function (this: Fields, k: number) {
      this.n -= k;
    };
    static make = () => new Fields();
  }
  assert.deepEqual(Object.keys(remote(Fields).remote()), ["up", "down"]);
});

test("a handle is no promise: awaiting it gives the handle", async () => {
  const c = Counter.remote();
  assert.equal(await c, c);
});

test("an actor class has the options of its actors", () => {
  Counter.options({name: "c", lifetime: "detached", numGpus: 1, maxRestarts: 1}).remote(5);
  const [{actor, options, fn} = assert.fail()] = calls;
  assert(actor?.kind === "creation");
  assert.equal(fn, "Plain");
  assert.deepEqual(actor.face, {className: "Plain", methods: ["add"], maxTaskRetries: 2});
  const {keeps, name, detached, maxRestarts, maxConcurrency} = actor;
  assert.deepEqual(
    {keeps, name, detached, maxRestarts, maxConcurrency},
    {keeps: {GPU: 1}, name: "c", detached: true, maxRestarts: 1, maxConcurrency: 1},
  );
  assert.deepEqual(options.resources, {CPU: 1, GPU: 1});
});

test("a call names its actor and its method, and belongs to it by its id", () => {
  const c = Counter.remote();
  c.add.options({timeoutMs: 50, retryExceptions: true}).remote(1);
  const [, {actor, options, fn, task} = assert.fail()] = calls;
  assert.equal(fn, "Plain.add");
  assert(actor?.kind === "call");
  assert.equal(actor.method, "add");
  assert(task.endsWith(actor.actor));
  assert.deepEqual(options, {
    resources: {},
    maxRetries: 2,
    retryExceptions: true,
    priority: 0,
    timeoutMs: 50,
  });
});

test("a handle crosses as its ref and its face, and is one object however often it is met", () => {
  const c = Counter.remote();
  const {frames, refs} = encode([c, {c}], "handles");
  assert.equal(refs.length, 1);
  const object = refs[0]!;
  assert.equal(object, objectId(creationOf(actorHeldBy(object)!)));
  const [first, second] = decode(frames) as [typeof c, {c: typeof c}];
  assert.equal(first, second.c);
  assert.equal(String(first), String(c));
  first.add.remote(1);
  assert.deepEqual(calls.at(-1)?.actor, {kind: "call", actor: actorHeldBy(object), method: "add"});
});

test("a handle's calls go to its own backend, whichever is current", () => {
  const c = Counter.remote();
  setAmbient({backend: new SequentialBackend()});
  c.add.remote(1);
  assert.equal(calls.length, 2);
});

test("an actor is no argument for another cluster's tasks", async () => {
  const c = Counter.remote();
  const other = new SequentialBackend();
  setAmbient({backend: Object.assign(other, {can: {runHere: false}})});
  const task = remote((it: {c: typeof c}) => String(it.c));
  await refuses(() => task.remote({c}), /can't take the actor `Plain` along: it lives in another/);
});

test("calls stay in order behind one that waits for another backend's value", async () => {
  const [{backend}] = [setAmbient({backend: new SequentialBackend()})];
  const value = put(7);
  setAmbient({backend});
  const c = Counter.remote();
  c.add.remote(value);
  c.add.remote(8);
  assert.equal(calls.length, 1);
  for (let turn = 0; calls.length < 3 && turn < 100; turn++)
    await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    calls.slice(1).map(({argRefs}) => argRefs.length),
    [1, 0],
  );
});

test("kill, getActor and cancel say what they take", async () => {
  const c = Counter.remote();
  const ref = c.add.remote(1);
  await refuses(() => kill(ref as never), /^kill: ObjectRef\(.*\) is no actor's handle; cancel/);
  await refuses(() => kill(3 as never), /^kill: 3 is no actor's handle; Counter\.remote/);
  await refuses(() => cancel(ref, {force: true}), /kill\(actor\) does that/);
  await refuses(() => getActor(""), 'getActor: "": must be the name of an actor, a text');
  await refuses(() => getActor("nobody"), /^getActor: no actor is named "nobody"; none has a name/);
  await refuses(
    () => get(c as never),
    /^get: Actor\(Plain [0-9a-f]+\) is not an ObjectRef; .*actor\.method\.remote/,
  );
});

describe("an option that can't be right is refused", () => {
  const classes: [options: unknown, message: string | RegExp][] = [
    [{maxRetries: 1}, /^maxRetries of `C`: is for tasks; an actor has maxRestarts/],
    [{timeoutMs: 1}, /^timeoutMs of `C`: is for calls: write actor\.method\.options/],
    [{priority: 1}, /^priority of `C`: is for tasks; an actor's calls run in the order/],
    [{maxRestarts: -2}, /^maxRestarts: -2 of `C`: must be a whole number ≥ 0, or -1/],
    [{maxConcurrency: 0}, "maxConcurrency: 0 of `C`: must be a whole number ≥ 1"],
    [{lifetime: "short"}, 'lifetime: "short" of `C`: must be "detached", or left out'],
    [{name: ""}, 'name: "" of `C`: must be a text that is not empty'],
    [{max_restarts: 1}, "unknown option max_restarts of `C`: did you mean maxRestarts?"],
    [{runtimeEnv: {}}, "runtimeEnv of `C`: not in this version; leave it out"],
  ];
  for (const [options, message] of classes)
    test(String(message), () =>
      refuses(() => checkActorOptions(options as ActorClassOptions, "C", false), message),
    );
  const calls: [options: unknown, message: string | RegExp][] = [
    [{maxRetries: 1}, "maxRetries of `C.m`: is for tasks; an actor's calls have maxTaskRetries"],
    [{numCpus: 1}, /^numCpus of `C\.m`: is for the actor, not for its calls/],
    [{maxTaskRetries: 0.5}, /^maxTaskRetries: 0\.5 of `C\.m`: must be a whole number/],
  ];
  for (const [options, message] of calls)
    test(String(message), () =>
      refuses(() => checkCallOptions(options as CallOptions, "C.m", 0), message),
    );
});

test("a class with an async method takes many calls at once, another one", () => {
  const concurrency = (cls: new () => object) => {
    remote(cls).remote();
    const {actor} = calls.at(-1)!;
    return actor?.kind === "creation" && actor.maxConcurrency;
  };
  assert.equal(concurrency(Plain), 1);
  assert.equal(concurrency(Special), 1000);
});

test("an actor class that a function captures is remote where the function runs", () => {
  const {frames} = encode(Counter, "a class");
  const there = decode(frames) as typeof Counter;
  const c: ActorHandle<Plain> = there.remote(1);
  assert.match(String(c), /^Actor\(Plain /);
  assert.equal(there.local(2).double, 4);
});
