// Tasks for tests, to be cancelled while they do one thing or another. Each task holds the one
// token. Each writes "a" into its file once it has begun, and "A" in its `finally`. Any other text
// in the file was written too late.

import {appendFileSync, existsSync} from "node:fs";
import {
  scheduler,
  setImmediate as turn,
  setInterval as ticks,
  setTimeout as sleep,
} from "node:timers/promises";
import {get, remote, taskContext, wait, type ObjectRef} from "../../../cluster/index.js";

const withToken = {resources: {token: 1}};

/** When this has run, nothing else has the token. */
export const mark = remote(withToken, (file: string, text: string) => appendFileSync(file, text));
const never = remote({numCpus: 0}, () => new Promise<never>(() => {}));

/** `server`: gives no answer, but writes "a" into the file that it is asked for. */
export const kinds: {
  name: string;
  begin: (file: string, server: string) => ObjectRef;
  wants?: string;
}[] = [
  {
    name: "sleeps in node:timers/promises",
    begin: remote(withToken, async (file: string) => {
      try {
        appendFileSync(file, "a");
        await sleep(60_000);
        appendFileSync(file, "late");
      } finally {
        appendFileSync(file, "A");
      }
    }).remote,
  },
  {
    name: "waits in scheduler.wait",
    begin: remote(withToken, async (file: string) => {
      try {
        appendFileSync(file, "a");
        await scheduler.wait(60_000);
      } finally {
        appendFileSync(file, "A");
      }
    }).remote,
  },
  {
    name: "takes the ticks of an interval",
    begin: remote(withToken, async (file: string) => {
      try {
        for await (const tick of ticks(5, "a")) if (textIsEmpty(file)) appendFileSync(file, tick);
      } finally {
        appendFileSync(file, "A");
      }
    }).remote,
  },
  {
    name: "passes turns of the loop",
    begin: remote(withToken, async (file: string) => {
      try {
        appendFileSync(file, "a");
        for (;;) await turn();
      } finally {
        appendFileSync(file, "A");
      }
    }).remote,
  },
  {
    name: "awaits promises that plain timers resolve",
    begin: remote(withToken, async (file: string) => {
      try {
        appendFileSync(file, "a");
        await new Promise((done) => setTimeout(done, 60_000));
      } finally {
        appendFileSync(file, "A");
      }
    }).remote,
  },
  {
    name: "awaits promises that plain immediates resolve",
    begin: remote(withToken, async (file: string) => {
      try {
        appendFileSync(file, "a");
        for (;;) await new Promise((done) => setImmediate(done));
      } finally {
        appendFileSync(file, "A");
      }
    }).remote,
  },
  {
    name: "gets a child",
    begin: remote(withToken, async (file: string) => {
      try {
        appendFileSync(file, "a");
        await get(never.remote());
      } finally {
        appendFileSync(file, "A");
      }
    }).remote,
  },
  {
    name: "waits for a child",
    begin: remote(withToken, async (file: string) => {
      try {
        appendFileSync(file, "a");
        await wait([never.remote()]);
      } finally {
        appendFileSync(file, "A");
      }
    }).remote,
  },
  {
    name: "fetches with its signal",
    begin: (file, server) => fetches.remote(file, `${server}/${file}`),
  },
  {
    name: "asks isCancelled in a loop that lets news in",
    begin: remote(withToken, async (file: string) => {
      appendFileSync(file, "a");
      // A closure as callback runs as written: the task is asked.
      while (!taskContext()!.isCancelled)
        await new Promise<void>((done) => setTimeout(() => done(), 1));
      appendFileSync(file, "A");
    }).remote,
  },
  {
    name: "catches the error, and sleeps and submits again",
    begin: remote(withToken, async (file: string) => {
      try {
        appendFileSync(file, "a");
        await sleep(60_000);
      } catch (error) {
        const again = await sleep(60_000).catch((next: Error) => next.name);
        const child = await get(mark.remote(file, "child")).catch((next: Error) => next.name);
        const names = [(error as Error).name, again, child];
        appendFileSync(file, names.every((name) => name === "TaskCancelledError") ? "A" : "wrong");
      }
    }).remote,
  },
  {
    name: "never ends, so that its process is ended",
    begin: remote({...withToken, cancelGraceMs: 50}, async (file: string) => {
      try {
        appendFileSync(file, "a");
        await new Promise(() => {});
      } finally {
        appendFileSync(file, "A");
      }
    }).remote,
    wants: "a",
  },
  {
    // V8 runs no `finally` of code that it terminates.
    name: "loops without an await",
    begin: remote(withToken, (file: string) => {
      try {
        appendFileSync(file, "a");
        for (;;);
      } finally {
        appendFileSync(file, "A");
      }
    }).remote,
    wants: "a",
  },
  {
    name: "loops after an await",
    begin: remote(withToken, async (file: string) => {
      try {
        await null;
        appendFileSync(file, "a");
        for (;;);
      } finally {
        appendFileSync(file, "A");
      }
    }).remote,
    wants: "a",
  },
];

function textIsEmpty(file: string): boolean {
  return !existsSync(file);
}

const fetches = remote(withToken, async (file: string, url: string) => {
  try {
    await fetch(url, {signal: taskContext()!.signal});
  } finally {
    appendFileSync(file, "A");
  }
});
