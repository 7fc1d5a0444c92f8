// Compiled, not run: every line below `@ts-expect-error` must be an error, every other line none.
import {get, getActor, kill, ObjectRef, remote, type ActorClass, type ActorHandle} from "tasklab";
import {same} from "./same.js";

class Counter {
  static made = 0;
  n: number;
  constructor(start = 0) {
    this.n = start;
  }
  add(k: number): number {
    return (this.n += k);
  }
  async slow(text: string, times?: number): Promise<string> {
    return text.repeat(times ?? 1);
  }
  get double(): number {
    return 2 * this.n;
  }
  items<T>(item: T): T[] {
    return [this.secret(item)];
  }
  private secret<T>(item: T): T {
    return item;
  }
  protected inner(): void {}
  static make(): Counter {
    return new Counter();
  }
}

const Remote = remote(Counter);
same<ActorClass<Counter, [start?: number]>, typeof Remote>(true);

// Making one gives a handle; an argument is a value or a ref of it.
const c = Remote.remote(10);
same<ActorHandle<Counter>, typeof c>(true);
Remote.remote();
Remote.remote(c.add.remote(1));
// @ts-expect-error a value of another type
Remote.remote("10");
// @ts-expect-error too many arguments
Remote.remote(1, 2);

// Calls give refs of their results, of asynchronous methods too.
const sum = c.add.remote(1);
same<ObjectRef<number>, typeof sum>(true);
same<ObjectRef<string>, ReturnType<typeof c.slow.remote>>(true);
c.add.remote(sum);
const value = await get(sum);
same<number, typeof value>(true);
// @ts-expect-error a value of another type
c.add.remote("1");
// @ts-expect-error too few arguments
c.add.remote();
const items = c.items.remote("a");
same<ObjectRef<unknown[]>, typeof items>(true);

// Nothing but public methods of instances.
// @ts-expect-error a field
c.n;
// @ts-expect-error a getter
c.double;
// @ts-expect-error private
c.secret;
// @ts-expect-error protected
c.inner;
// @ts-expect-error static
c.make;
// @ts-expect-error static
Remote.make;

// Direct calls are refused.
// @ts-expect-error
c.add(1);
// @ts-expect-error
Remote(1);
// @ts-expect-error
new Remote(1);
same<Counter, ReturnType<typeof Remote.local>>(true);

// An abstract class has no instances.
abstract class Shape {
  abstract area(): number;
}
const shapes = remote(Shape);
// @ts-expect-error
shapes.remote();

// Options, of the class and of calls.
remote({name: "c", lifetime: "detached", maxRestarts: 2, maxConcurrency: 8, numCpus: 1}, Counter);
same<typeof Remote, ReturnType<typeof Remote.options>>(true);
const decorated = remote({maxRestarts: 1})(Counter);
same<typeof Remote, typeof decorated>(true);
const counted = remote(Counter, {maxTaskRetries: -1});
same<typeof Remote, typeof counted>(true);
c.add.options({timeoutMs: 100, maxTaskRetries: 1, retryExceptions: [RangeError], name: "a"}).remote(1);
// @ts-expect-error of tasks
Remote.options({maxRetries: 1});
// @ts-expect-error of actors
c.add.options({numCpus: 1});
// @ts-expect-error of actors
remote({maxRestarts: 1}, () => 1);
// @ts-expect-error of tasks
remote({maxRetries: 1}, Counter);

// Handles are values.
const use = remote(async (counter: ActorHandle<Counter>) => get(counter.add.remote(1)));
use.remote(c);
const found = await getActor<Counter>("c");
same<typeof c, typeof found>(true);
// Without a type all methods are there, and `release`.
const untyped = await getActor("c");
const answer = await get(untyped["add"]!.remote(1, "a"));
answer.anything;
untyped.release();
const typed: ActorHandle<Counter> = await getActor("c");
typed.add.remote(1);
await kill(untyped);
await kill(found);
await kill(c, {noRestart: false});
// @ts-expect-error a ref is no actor
await kill(sum);

// Actors may hold handles of their own kind, and of kinds that hold theirs.
class Peer {
  next: ActorHandle<Peer> | undefined;
  last: ActorHandle<Peer> | null = null;
  spare?: ActorHandle<Peer>;
  others: (ActorHandle<Peer> | Town)[] = [];
  anything: any;
  meet(peer: ActorHandle<Peer>, town: ActorHandle<Town>): void {
    this.next = this.last = this.spare = peer;
    town.add.remote(this.next);
  }
  async ask(hops: number): Promise<number> {
    return hops === 0 ? 0 : get(this.next!.ask.remote(hops - 1));
  }
}
class Town {
  first: ActorHandle<Peer> | null = null;
  add(peer: ActorHandle<Peer>): void {
    this.first ??= peer;
  }
}
const peer = remote(Peer).remote();
peer.meet.remote(peer, remote(Town).remote());
same<"meet" | "ask" | "release", Extract<keyof typeof peer, string>>(true);
same<ObjectRef<number>, ReturnType<typeof peer.ask.remote>>(true);

// Let go of at once; a class's own `release` stays a method of its actors.
{
  using scoped = remote(Counter).remote();
  scoped.release();
  const lock = remote(
    class {
      release(): boolean {
        return true;
      }
    },
  ).remote();
  same<ObjectRef<boolean>, ReturnType<typeof lock.release.remote>>(true);
  // @ts-expect-error a method of the actor
  lock.release();
  lock[Symbol.dispose]();
}
