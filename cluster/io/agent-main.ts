// An agent thread, as a driver or a worker process starts it.

import {randomUUID} from "node:crypto";
import {writeSync} from "node:fs";
import {workerData} from "node:worker_threads";
import {setEpoch} from "../clock.js";
import * as errors from "../errors.js";
import type {NodeId} from "../ids.js";
import type {ClusterAddress} from "../messages.js";
import {maybeLibraryName, setLibrary} from "../library.js";
import {setShippingHost} from "../shipping/host.js";
import {Agent} from "./agent.js";
import type {HeadConfig, HeadReport} from "./head-main.js";
import {Child, followParent} from "./launch.js";
import {createKeys} from "./link.js";
import {newToken} from "./member.js";
import {SharedState, type AgentConfig, type WorkerConfig} from "./ports.js";

// The errors that are made in this thread arrive as instances of the library's own classes.
setLibrary({...errors});
setShippingHost({describe: maybeLibraryName});

const config = workerData as AgentConfig;
const agent = new Agent(config.channel);
/** Resolves when the processes that this agent started have ended. */
let headGone: Promise<void> = Promise.resolve();
let stopHead = (): void => {};
/** A head that was asked to stop and has not ended by then is killed. */
const stopLimitMs = 4_000;

let userReady = (): void => {};
const isUserReady = new Promise<void>((resolve) => (userReady = resolve));

agent.onOther = (message) => {
  switch (message.kind) {
    case "user-ready":
      return userReady();
    case "stop":
      return void stop(message.request);
    case "exit":
      return void agent.close().finally(() => {
        Atomics.store(message.closed, 0, 1);
        Atomics.notify(message.closed, 0);
      });
  }
};

// A defect of ours. A thread that ends with open sockets aborts its process: so a worker ends here, with
// the reason in its log, and a driver hears that the cluster is down and lives on.
process.on("uncaughtException", (error) => {
  const reason = `the agent thread failed: ${error.stack ?? String(error)}`;
  if (config.role === "worker") {
    writeSync(2, `${reason}\n`);
    process.kill(process.pid, "SIGKILL");
  }
  agent.leave(reason);
});

switch (config.role) {
  case "start":
    startHead(config);
    break;
  case "connect":
    join(config.address);
    break;
  case "worker":
    followNode(new SharedState(config.shared));
    break;
}

function join(address: ClusterAddress): void {
  agent.join({role: "driver", id: `driver-${randomUUID().slice(0, 8)}`, address}, null);
}

/** A head of our own, which ends with this process. */
function startHead({options, epochNs, epoch}: AgentConfig & {role: "start"}): void {
  setEpoch(BigInt(epochNs));
  let ended = (): void => {};
  headGone = new Promise((resolve) => (ended = resolve));
  const child = new Child<HeadConfig, HeadReport>(new URL("./head-main.js", import.meta.url), [], {
    reported: ({address}) => join(address),
    ended({code, signal, lastLine}) {
      const how = signal ?? `code ${code}`;
      agent.leave(`the cluster's head ended (${how})${lastLine ? `: ${lastLine}` : ""}`);
      ended();
    },
  });
  stopHead = () => child.kill();
  child.configure({keys: createKeys(), token: newToken(), epochNs, epoch, options});
}

function followNode(shared: SharedState): void {
  followParent<WorkerConfig>(({address, keys, worker, node}) => {
    const part = {keys, node: node as NodeId, shared};
    agent.join({role: "worker", id: worker, address}, part);
    agent.post({kind: "worker", worker, node, epochNs: address.epochNs});
    void isUserReady.then(() => agent.serve(part));
  });
}

async function stop(request: number): Promise<void> {
  if (config.role === "start") {
    const limit = setTimeout(stopHead, stopLimitMs);
    await agent.askStop();
    await headGone;
    clearTimeout(limit);
  }
  agent.leave("this process has left the cluster");
  await agent.close();
  agent.post({kind: "stopped", request});
}
