// Every magic there is.

import {clusterMagic} from "./cluster.js";
import {load} from "./load.js";
import {lsmagic} from "./lsmagic.js";
import {MagicTable} from "./magic.js";
import {npm} from "./npm.js";
import {compare, distributed, sequential} from "./record.js";
import {remoteCell} from "./remote.js";
import {cd, env, who} from "./session.js";
import {setupCell} from "./setup.js";
import {shell} from "./shell.js";
import {timeCell, timeLine} from "./time.js";
import {timeitCell, timeitLine} from "./timeit.js";
import {follow, timeline} from "./timeline.js";
import {tsconfig} from "./tsconfig.js";

export function allMagics(): MagicTable {
  return new MagicTable([
    clusterMagic,
    sequential,
    distributed,
    compare,
    remoteCell,
    setupCell,
    timeline,
    follow,
    timeLine,
    timeCell,
    timeitLine,
    timeitCell,
    who,
    env,
    cd,
    load,
    npm,
    tsconfig,
    shell,
    lsmagic,
  ]);
}
