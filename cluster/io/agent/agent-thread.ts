// Starting an agent thread. Loads nothing else, so that it can come first in a process.

import {MessageChannel, Worker} from "node:worker_threads";
import {createRing, type ChannelEnd} from "../threads/channel.js";
import type {AgentConfig, AgentRole} from "../threads/ports.js";

/** The thread, and this thread's end of the way to it. */
export function startAgent(role: AgentRole): {thread: Worker; end: ChannelEnd} {
  const {port1, port2} = new MessageChannel();
  const [toAgent, fromAgent] = [createRing(), createRing()];
  const config: AgentConfig = {
    ...role,
    channel: {port: port2, inbound: toAgent, outbound: fromAgent},
  };
  const thread = new Worker(new URL("./agent-main.js", import.meta.url), {
    workerData: config,
    transferList: [port2],
    execArgv: [],
    // Messages live for a moment: with the small default half of them are moved to the old
    // generation before they die (17,000 against 24,000 tasks/s).
    resourceLimits: {maxYoungGenerationSizeMb: 64},
  });
  return {thread, end: {port: port1, inbound: fromAgent, outbound: toAgent}};
}
