// At most 400 s. The other half of the seeds of every test run, beside the first half.

import {playSeeds} from "./play.js";

playSeeds(21_001, 22_000);
