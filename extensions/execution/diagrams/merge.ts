// Level of detail: neighbours too narrow to see become one bar, so that a diagram stays small
// however many tasks it shows.

import type {Bar} from "../model/bars.js";
import type {Lane} from "../model/lane.js";

export interface Merged {
  /** Has the function that took most of the time of the bars it stands for. */
  bar: Bar;
  /** How many bars it stands for. */
  count: number;
}

/** Bars of one drawing; each is about four SVG nodes. */
export const maxBars = 700;
/** Bars at most this many times the smallest width are made by merging, so that changes show. */
const widest = 12;

/** The bars to draw of each lane; `pixels` tells how wide a time span is. */
export function mergeLanes(lanes: Lane[], pixels: (us: number) => number): Map<Lane, Merged[]> {
  for (let least = 1.2; ; least *= 2) {
    const merged = new Map(lanes.map((lane) => [lane, merge(lane.bars, pixels, least)]));
    const total = [...merged.values()].reduce((sum, bars) => sum + bars.length, 0);
    if (total <= maxBars || least > 2000) return merged;
  }
}

interface Group {
  bars: Bar[];
  from: number;
  to: number | null;
}

function merge(bars: Bar[], pixels: (us: number) => number, least: number): Merged[] {
  const groups: Group[] = [];
  const open = new Map<number, Group>();
  for (const bar of bars) {
    const group = open.get(bar.row);
    if (group !== undefined && belongs(group, bar, pixels, least)) {
      group.bars.push(bar);
      group.to = Math.max(group.to ?? 0, bar.to ?? 0);
      continue;
    }
    const next = {bars: [bar], from: bar.from, to: bar.to};
    open.set(bar.row, next);
    groups.push(next);
  }
  return groups.map(mergedOf);
}

function belongs(group: Group, bar: Bar, pixels: (us: number) => number, least: number): boolean {
  const last = group.bars.at(-1);
  if (group.to === null || bar.to === null || last?.state !== bar.state) return false;
  if (pixels(bar.to - bar.from) >= least || pixels(bar.from - group.to) >= least) return false;
  if (group.bars.length === 1 && pixels(group.to - group.from) >= least) return false;
  return pixels(group.to - group.from) < least * widest;
}

function mergedOf({bars, from, to}: Group): Merged {
  const [first] = bars as [Bar];
  if (bars.length === 1) return {bar: first, count: 1};
  const time = new Map<string, number>();
  for (const bar of bars)
    time.set(bar.fn, (time.get(bar.fn) ?? 0) + Math.max(1e-3, (bar.to ?? bar.from) - bar.from));
  const most = Math.max(...time.values());
  const {fn, colour} = bars.find((bar) => time.get(bar.fn) === most) ?? first;
  return {bar: {...first, fn, colour, to, segments: [{kind: "run", from, to}]}, count: bars.length};
}
