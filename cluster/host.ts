// What a host of cells (the kernel) uses of the cluster, besides what cells import: where code comes
// from, what it would send, the sequential backend, measured calls, and news of the embedded cluster.

export {isActor} from "./actors.js";
export {SequentialBackend} from "./backends/sequential.js";
export {carryContext, contextBehind} from "./carry.js";
export {
  ambient,
  contextOfNow,
  inContext,
  maybeDefaultBackend,
  restoreAmbient,
  type Ambient,
} from "./context.js";
export {lastLoss, onClusterStarted, startedCluster} from "./embedded.js";
export {measuredCalls} from "./measured-calls.js";
export {enterFolder} from "./folder.js";
export {maybeParcel} from "./shipping/capture.js";
