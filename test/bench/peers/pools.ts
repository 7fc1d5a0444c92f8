// The thread and process pools that a program would use instead, with two workers each.

import {fileURLToPath} from "node:url";
import {Piscina} from "piscina";
import workerpool from "workerpool";

export interface Pool {
  name: string;
  run(n: number): Promise<unknown>;
  close(): Promise<unknown>;
}

export function openPools(workers: number): Pool[] {
  const filename = fileURLToPath(new URL("./double.js", import.meta.url));
  const piscina = new Piscina({filename, name: "double", minThreads: workers, maxThreads: workers});
  const pool = workerpool.pool({minWorkers: workers, maxWorkers: workers, workerType: "process"});
  return [
    {
      name: "piscina (threads)",
      run: (n) => piscina.run(n) as Promise<unknown>,
      close: () => piscina.destroy(),
    },
    {
      name: "workerpool (processes)",
      run: (n) => Promise.resolve(pool.exec((value: number) => value * 2, [n])),
      close: () => Promise.resolve(pool.terminate()),
    },
  ];
}
