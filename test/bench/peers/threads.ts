// The least that a call can cost: an object in a thread of this process, called over a message
// port.

import {Worker} from "node:worker_threads";

export interface ThreadActor {
  add(n: number): Promise<number>;
  close(): Promise<unknown>;
}

export function startThreadActor(): ThreadActor {
  const thread = new Worker(new URL("./tally-thread.js", import.meta.url));
  const waiting = new Map<number, (sum: number) => void>();
  let last = 0;
  thread.on("message", ({call, sum}: {call: number; sum: number}) => {
    waiting.get(call)!(sum);
    waiting.delete(call);
  });
  return {
    add: (n) =>
      new Promise((resolve) => {
        const call = ++last;
        waiting.set(call, resolve);
        thread.postMessage({call, n});
      }),
    close: () => thread.terminate(),
  };
}
