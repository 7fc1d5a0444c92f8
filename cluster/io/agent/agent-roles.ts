// What an agent thread does in each of its roles: start a cluster, join one, or serve a worker.

import {randomUUID} from "node:crypto";
import {setEpoch} from "../../clock.js";
import type {NodeId} from "../../ids.js";
import type {ClusterAddress} from "../../messages.js";
import {Agent} from "./agent.js";
import type {HeadConfig, HeadReport} from "../head/head-main.js";
import {endProcess, followParent, sayAtOnce, type Child} from "../node/launch.js";
import {createKeys} from "../link/link.js";
import {newToken} from "../link/member.js";
import {SharedState, type AgentConfig, type WorkerConfig} from "../threads/ports.js";

/** The user's thread waits for the end of this one, and hears nothing any more. */
const exitGraceMs = 200;
/** A head that was asked to stop and has not ended by then is killed. */
const stopLimitMs = 4_000;
/**
 * A head that ends closes its connections first. Its exit is seen within this time, and says more.
 */
const exitSeenMs = 200;
/** A head that was killed and has not ended by then (its disk hangs) is left to the system. */
const killLimitMs = 2_000;
/** A worker that has drained says its last words within this time. */
const closeLimitMs = 1_000;

type Head = Child<HeadConfig, HeadReport>;

export function startAgentRole(config: AgentConfig, head: Head | null): void {
  const agent = new Agent(config.channel);
  let userReady = (): void => {};
  const isUserReady = new Promise<void>((resolve) => (userReady = resolve));

  agent.onOther = (message) => {
    switch (message.kind) {
      case "user-ready":
        return userReady();
      case "stop":
        return void stop(agent, head, message.request);
      case "exit":
        return void agent.close({graceMs: exitGraceMs}).finally(() => {
          Atomics.store(message.closed, 0, 1);
          Atomics.notify(message.closed, 0);
        });
    }
  };

  // A defect of ours. A thread that ends with open sockets aborts its process: so a worker ends
  // here, with the reason in its log, and a driver hears that the cluster is down and lives on.
  process.on("uncaughtException", (error) => {
    const reason = `the agent thread failed: ${error.stack ?? String(error)}`;
    if (config.role === "worker") {
      sayAtOnce(reason);
      endProcess();
    }
    // The head can't be led any more, and the tasks that it runs have no owner.
    head?.kill();
    agent.leave(reason);
  });

  switch (config.role) {
    case "start":
      return lead(agent, head!, config);
    case "connect":
      return join(agent, config.address);
    case "worker":
      return serve(agent, new SharedState(config.shared), isUserReady);
  }
}

function join(agent: Agent, address: ClusterAddress): void {
  agent.join({role: "driver", id: `driver-${randomUUID().slice(0, 8)}`, address}, null);
}

/** A head of our own, which ends with this process. */
function lead(agent: Agent, head: Head, config: AgentConfig & {role: "start"}): void {
  const {options, epochNs, epoch, workerPrefix} = config;
  setEpoch(BigInt(epochNs));
  head.onReport = ({address}) => join(agent, address);
  head.configure({keys: createKeys(), token: newToken(), epochNs, epoch, options, workerPrefix});
  const leave = (what: string): void => {
    const {pid = 0, logs} = head;
    const lines = [...logs.lines, what];
    agent.leave(`${what}, and with it what its tasks had made: run them again`, {
      ...{name: "head", pid, lines},
    });
  };
  let silence = "";
  void head.ended.then(({code, signal, lastLine}) => {
    const how = signal ?? `code ${code}`;
    leave(silence || `the cluster's head ended (${how}${lastLine ? `: ${lastLine}` : ""})`);
  });
  // A head that stands still would go on later, with workers whose tasks were given up. So the head
  // is ended first.
  agent.onHeadLost = (reason) => {
    setTimeout(() => {
      silence = `${reason}; its process was killed`;
      head.kill();
      setTimeout(() => leave(reason), killLimitMs);
    }, exitSeenMs);
  };
}

function serve(agent: Agent, shared: SharedState, isUserReady: Promise<void>): void {
  // Whoever has lost the head will be given up by it: to run on would be to run twice.
  agent.onHeadLost = (reason) => {
    sayAtOnce(`this worker ends: ${reason}`);
    endProcess();
  };
  followParent<WorkerConfig>(
    ({address, keys, worker, node}) => {
      const part = {keys, node: node as NodeId, shared};
      agent.join({role: "worker", id: worker, address}, part);
      agent.post({kind: "worker", worker, node, epochNs: address.epochNs});
      void isUserReady.then(() => agent.serve(part));
    },
    {
      drain: () => void drain(agent),
      wrote: (name, line) => agent.wrote(name, line),
    },
  );
}

/** Tasks that this worker's tasks have submitted, and left, are its to look after; then it ends. */
async function drain(agent: Agent): Promise<void> {
  await agent.drained();
  setTimeout(endProcess, closeLimitMs);
  await agent.close().finally(endProcess);
}

async function stop(agent: Agent, head: Head | null, request: number): Promise<void> {
  if (head) {
    const limit = setTimeout(() => head.kill(), stopLimitMs);
    await agent.askStop();
    await head.ended;
    clearTimeout(limit);
  }
  agent.leave("this process has left the cluster");
  await agent.close();
  agent.post({kind: "stopped", request});
}
