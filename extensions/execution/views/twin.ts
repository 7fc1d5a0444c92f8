// Twin lanes: the sequential run and the distributed one, on one time axis.

import {drawTwin} from "../diagrams/twin.js";
import type {Lane} from "../model/lane.js";
import {tableOfLanes, type Table} from "../model/table.js";
import {twin, type TwinView} from "../model/twin.js";
import {defineView} from "./view.js";

export const twinView = defineView<TwinView>({
  id: "twin",
  label: "Twin lanes",
  hint: "One after another against on the cluster, on one time axis",
  empty:
    "Nothing has run yet. Begin a cell with %%sequential or %%distributed and run it: here the two are drawn on one time axis.",
  about: "two runs",
  hasTab: true,
  model: (trace, {run, now}) => twin(trace, {name: run?.name, now}),
  draw: drawTwin,
  table: tableOfTwin,
});

export function tableOfTwin({sequential, distributed}: TwinView): Table {
  const here: [string, Lane][] = sequential ? [["one after another", sequential.lane]] : [];
  const there = distributed?.groups.flatMap(({lanes}) => lanes) ?? [];
  return tableOfLanes([...here, ...there.map((lane): [string, Lane] => [lane.label, lane])]);
}
