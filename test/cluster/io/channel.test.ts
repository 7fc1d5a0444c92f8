// Starts threads.

import assert from "node:assert/strict";
import {test} from "node:test";
import {MessageChannel, Worker} from "node:worker_threads";
import {
  Channel,
  createRing,
  type ChannelCodec,
  type ChannelEnd,
} from "../../../cluster/io/threads/channel.js";

interface Note {
  number: number;
  bytes: Uint8Array;
}

/** Numbers and bytes; those over 100 KB go by the port. */
const codec: ChannelCodec<Note, Note> = {
  encode({number, bytes}) {
    if (bytes.byteLength > 100_000) return null;
    const record = new Uint8Array(4 + bytes.byteLength);
    new DataView(record.buffer).setUint32(0, number);
    record.set(bytes, 4);
    return record;
  },
  decode(record) {
    const number = new DataView(record.buffer, record.byteOffset).getUint32(0);
    return {number, bytes: record.subarray(4)};
  },
  pack: (message) => ({message, transfer: []}),
};

test(
  "messages of all sizes arrive in order, through a ring that wraps and fills up",
  {timeout: 60_000},
  async () => {
    await withEcho("echo", async ({channel, heard}) => {
      const sizes = [0, 1, 2, 3, 4, 5, 63, 1000, 4096, 60_001, 99_999, 100_001, 300_000];
      const sent: number[] = [];
      for (let number = 0; number < 5_000; number++) {
        const size = number % 50 === 0 ? sizes[(number / 50) % sizes.length]! : number % 300;
        sent.push(size);
        channel.send({number, bytes: new Uint8Array(size).fill(number)});
        if (number % 1000 === 999) await new Promise(setImmediate);
      }
      await until(() => heard.length === sent.length);
      heard.forEach(({number, bytes}, i) => {
        assert.equal(number, i);
        assert.equal(bytes.byteLength, sent[i]);
        assert.ok(bytes.every((byte) => byte === (i & 255)));
      });
    });
  },
);

test("a thread in a synchronous loop is heard at once", {timeout: 20_000}, async () => {
  await withEcho("flag", async ({channel, flag}) => {
    channel.send({number: 1, bytes: new Uint8Array(0)});
    const end = Date.now() + 5_000;
    while (Atomics.load(flag, 0) === 0 && Date.now() < end);
    assert.equal(Atomics.load(flag, 0), 1);
  });
});

test(
  "a sender that may wait is held while the ring is full, one that may not goes on",
  {timeout: 20_000},
  async () => {
    // Nobody reads at the other end.
    const {port1, port2} = new MessageChannel();
    const end: ChannelEnd = {port: port1, inbound: createRing(), outbound: createRing()};
    const channel = new Channel<Note, Note>(end, {codec, hear() {}, mayWait: false});
    const bytes = new Uint8Array(90_000);
    for (let number = 0; number < 100; number++) channel.send({number, bytes});
    const reader = await readerOf(
      {port: port2, inbound: end.outbound, outbound: end.inbound},
      "echo",
    );
    try {
      await reader.until(100);
    } finally {
      await reader.end();
      port1.close();
    }
  },
);

test(
  "a reader that was cut off in the middle of a message reads on",
  {timeout: 20_000},
  async () => {
    const {port1, port2} = new MessageChannel();
    const [there, back] = [createRing(), createRing()];
    const sender = new Channel<Note, Note>(
      {port: port1, inbound: back, outbound: there},
      {codec, hear() {}, mayWait: false},
    );
    const heard: number[] = [];
    const thrown: unknown[] = [];
    const onError = (error: unknown): void => void thrown.push(error);
    const others = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", onError);
    new Channel<Note, Note>(
      {port: port2, inbound: there, outbound: back},
      {
        codec,
        hear({number}) {
          if (number === 1) throw new Error("cut off");
          heard.push(number);
        },
        mayWait: false,
      },
    );
    for (let number = 0; number < 4; number++) sender.send({number, bytes: new Uint8Array(1)});
    try {
      await until(() => heard.length === 3);
      assert.deepEqual(heard, [0, 2, 3]);
      assert.equal(thrown.length, 1);
    } finally {
      process.off("uncaughtException", onError);
      for (const listener of others) process.on("uncaughtException", listener);
      port1.close();
    }
  },
);

// ---- another thread ----

interface Setting {
  channel: Channel<Note, Note>;
  heard: Note[];
  flag: Int32Array;
}

async function withEcho(
  mode: "echo" | "flag",
  body: (setting: Setting) => Promise<void>,
): Promise<void> {
  const {port1, port2} = new MessageChannel();
  const [there, back] = [createRing(), createRing()];
  const reader = await readerOf({port: port2, inbound: there, outbound: back}, mode);
  const heard: Note[] = [];
  const channel = new Channel<Note, Note>(
    {port: port1, inbound: back, outbound: there},
    {codec, hear: (note) => heard.push(note), mayWait: true},
  );
  try {
    await body({channel, heard, flag: reader.flag});
  } finally {
    await reader.end();
    port1.close();
  }
}

async function readerOf(
  end: ChannelEnd,
  mode: "echo" | "flag",
): Promise<{flag: Int32Array; until(count: number): Promise<void>; end(): Promise<void>}> {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const program = `
    const {parentPort, workerData} = require("node:worker_threads");
    const codec = {
      encode: function ${codec.encode.toString()},
      decode: function ${codec.decode.toString()},
      pack: (message) => ({message, transfer: []}),
    };
    import(${JSON.stringify(new URL("../../../cluster/io/threads/channel.js", import.meta.url).href)}).then(({Channel}) => {
      const channel = new Channel(workerData.end, {
        codec,
        hear(note) {
          Atomics.add(workerData.flag, 0, 1);
          if (workerData.mode === "echo") channel.send(note);
        },
        mayWait: false,
      });
      parentPort.postMessage("ready");
    });
  `;
  const thread = new Worker(program, {
    eval: true,
    workerData: {end, mode, flag},
    transferList: [end.port],
  });
  await new Promise((resolve, reject) => {
    thread.once("message", resolve);
    thread.once("error", reject);
  });
  return {
    flag,
    until: (count) => until(() => Atomics.load(flag, 0) === count),
    end: async () => void (await thread.terminate()),
  };
}

async function until(isTrue: () => boolean, limitMs = 20_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${String(isTrue)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
