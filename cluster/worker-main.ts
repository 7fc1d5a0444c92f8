// A worker process. Its agent thread is started before anything else is loaded: it reads the
// configuration and joins the cluster while this thread loads what runs tasks.

import {startAgent} from "./io/agent/agent-thread.js";
import {SharedState} from "./io/threads/ports.js";

const shared = new SharedState();
const {end} = startAgent({role: "worker", shared: shared.memory});
const {startUserThread} = await import("./worker.js");
startUserThread(end, shared);
