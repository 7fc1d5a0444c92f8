import {deserialize, serialize} from "node:v8";
import {decode, encode} from "../../../cluster/codec.js";
import {capture} from "../../../cluster/shipping/capture.js";
import {revive} from "../../../cluster/shipping/revive.js";
import {runCell} from "../../cluster/shipping/cells.js";
import {median, type Bench, type Measurement} from "../measurement.js";

type AnyFunction = (...args: unknown[]) => unknown;

/** Functions and values on their way: what a call costs before and after the wire. */
export const shipping: Bench = {
  name: "shipping",
  async run() {
    return [...values(), ...(await functions()), await hotLoop()];
  },
};

function values(): Measurement[] {
  const small = [1];
  const matrix = Array.from({length: 300}, () => Array.from({length: 300}, () => Math.random()));
  const large = new Float64Array(8 << 20);
  const clone = (value: unknown) => deserialize(serialize(value)) as unknown;
  const packed = encode(matrix, "it").frames;
  const [header] = [serialize(matrix)];
  return [
    {
      name: "arguments [1], encoded",
      value: microseconds(20_000, () => encode(small, "it")),
      unit: "µs",
      bar: "≤ 2 µs",
      peers: [{name: "v8.serialize", value: microseconds(20_000, () => serialize(small))}],
    },
    {
      name: "300 × 300 list of lists, encoded",
      value: microseconds(60, () => encode(matrix, "it")) / 1000,
      unit: "ms",
      bar: "≤ 1 ms",
      peers: [{name: "v8.serialize", value: microseconds(60, () => serialize(matrix)) / 1000}],
    },
    {
      name: "300 × 300 list of lists, decoded",
      value: microseconds(60, () => decode(packed)) / 1000,
      unit: "ms",
      bar: "≤ 1 ms",
      peers: [{name: "v8.deserialize", value: microseconds(60, () => deserialize(header)) / 1000}],
    },
    {
      name: "64 MiB of floats, there and back without a copy",
      value: microseconds(50, () => decode(encode(large, "it", {own: false}).frames)) / 1000,
      unit: "ms",
      bar: "≤ 1 ms",
      peers: [{name: "v8", value: microseconds(3, () => clone(large)) / 1000}],
    },
  ];
}

async function functions(): Promise<Measurement[]> {
  const many = 200;
  const fresh: AnyFunction[] = [];
  for (let i = 0; i < many; i++)
    fresh.push(
      (await runCell(
        `const scale${i} = ${i}; const twice${i} = (x) => x * 2 + scale${i}; const subject = (x) => { const y = x + scale${i}; return twice${i}(y) }`,
      )) as AnyFunction,
    );
  const first = median(
    fresh.map((fn) => {
      const startedAt = performance.now();
      capture(fn);
      return (performance.now() - startedAt) * 1000;
    }),
  );
  const fn = fresh[0]!;
  const {code} = capture(fn);
  return [
    {name: "capture of a function, first", value: first, unit: "µs", bar: "≤ 400 µs", peers: []},
    {
      name: "capture of a function, again",
      value: microseconds(20_000, () => capture(fn)),
      unit: "µs",
      bar: "≤ 10 µs",
      peers: [],
    },
    {
      name: "revival of a known function",
      value: microseconds(20_000, () => revive(code)),
      unit: "µs",
      bar: "",
      peers: [],
    },
  ];
}

async function hotLoop(): Promise<Measurement> {
  const body = (a: string, b: string) =>
    `let s = 0; for (let i = 0; i < 2e7; i++) s += ${a} * i + ${b}; return s`;
  const captured = (await runCell(
    `let hotA = 3; let hotB = 4; const subject = () => { ${body("hotA", "hotB")} }`,
  )) as AnyFunction;
  const constant = (await runCell(`const subject = () => { ${body("3", "4")} }`)) as AnyFunction;
  const [shipped, plain] = [
    await revive(capture(captured).code),
    await revive(capture(constant).code),
  ];
  return {
    name: "loop over two captured numbers, in a task",
    value: microseconds(5, () => shipped()) / 1000,
    unit: "ms",
    bar: "≤ 1.1 × constants",
    peers: [{name: "constants", value: microseconds(5, () => plain()) / 1000}],
  };
}

/** Of one run, the median of `count`. */
function microseconds(count: number, run: () => unknown): number {
  for (let i = 0; i < count / 4; i++) run();
  const batch = Math.max(1, Math.floor(count / 20));
  const times: number[] = [];
  for (let done = 0; done < count; done += batch) {
    const startedAt = performance.now();
    for (let i = 0; i < batch; i++) run();
    times.push(((performance.now() - startedAt) * 1000) / batch);
  }
  return median(times);
}
