// The exports for a host of cells, such as the kernel, besides those that cells import: contexts of
// running code, parcels, engines, measured calls, and news of the embedded cluster.

export {isActor} from "./api/actors.js";
export {openEngine} from "./backends/all.js";
export {carryContext, contextBehind} from "./context/carry.js";
export {
  ambient,
  contextOfNow,
  inContext,
  maybeDefaultBackend,
  restoreAmbient,
  type Ambient,
} from "./context/context.js";
export {lastLoss, onClusterStarted, startedCluster} from "./api/embedded.js";
export {measuredCalls} from "./context/measured-calls.js";
export {enterFolder} from "./folder.js";
export {maybeParcel} from "./shipping/capture.js";
