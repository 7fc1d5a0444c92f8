// An agent thread, as a driver or a worker process starts it. The first driver's agent starts the
// head before it loads anything else, so that the processes of a cluster load side by side.

import {workerData} from "node:worker_threads";
import type {HeadConfig, HeadReport} from "../head/head-main.js";
import {Child} from "../node/launch.js";
import {firstWorkers, type AgentConfig} from "../threads/ports.js";

const config = workerData as AgentConfig;
const head =
  config.role === "start"
    ? new Child<HeadConfig, HeadReport>(new URL("../head/head-main.js", import.meta.url), {
        args: [String(firstWorkers(config.options))],
      })
    : null;

const {startAgentRole} = await import("./agent-roles.js");
startAgentRole(config, head);
