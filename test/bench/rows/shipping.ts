import {deserialize, serialize} from "node:v8";
import {Packr} from "msgpackr";
import {decode, encode} from "../../../cluster/codec/codec.js";
import {capture} from "../../../cluster/shipping/capture.js";
import {revive} from "../../../cluster/shipping/revive.js";
import {runCell} from "../../cluster/shipping/cells.js";
import {measureCloudpickle} from "../peers/cloudpickle.js";
import {median, type Bench, type Measurement} from "../measurement.js";

type AnyFunction = (...args: unknown[]) => unknown;

/** Measures what functions and values cost before and after they travel. */
export const shipping: Bench = {
  name: "shipping",
  async run() {
    // Closures come first, so that other rows have not filled V8's caches before.
    const made = await creations();
    return [...values(), ...(await functions()), ...made, ...(await hotLoops())];
  },
};

function values(): Measurement[] {
  const small = [1];
  const matrix = Array.from({length: 300}, () => Array.from({length: 300}, () => Math.random()));
  const large = new Float64Array(8 << 20);
  const clone = (value: unknown) => deserialize(serialize(value)) as unknown;
  const packed = encode(matrix, "it").frames;
  const [header] = [serialize(matrix)];
  const msgpackr = new Packr({useRecords: false});
  const [byMsgpackr] = [msgpackr.pack(matrix)];
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
      peers: [
        {name: "v8.serialize", value: microseconds(60, () => serialize(matrix)) / 1000},
        {name: "msgpackr", value: microseconds(60, () => msgpackr.pack(matrix)) / 1000},
      ],
    },
    {
      name: "300 × 300 list of lists, decoded",
      value: microseconds(60, () => decode(packed)) / 1000,
      unit: "ms",
      bar: "≤ 1 ms",
      peers: [
        {name: "v8.deserialize", value: microseconds(60, () => deserialize(header)) / 1000},
        {name: "msgpackr", value: microseconds(60, () => msgpackr.unpack(byMsgpackr)) / 1000},
      ],
    },
    {
      name: "64 MiB of floats, there and back without a copy",
      value: microseconds(50, () => decode(encode(large, "it", {own: false}).frames)) / 1000,
      unit: "ms",
      bar: "≤ 1 ms",
      peers: [
        {name: "v8", value: microseconds(3, () => clone(large)) / 1000},
        {name: "structuredClone", value: microseconds(3, () => structuredClone(large)) / 1000},
      ],
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
  const pickled = measureCloudpickle(process.cwd());
  return [
    {
      name: "capture of a function, first",
      value: first,
      unit: "µs",
      bar: "≤ 400 µs",
      peers: pickled ? [{name: "cloudpickle", value: pickled.first}] : [],
    },
    {
      name: "capture of a function, again",
      value: microseconds(20_000, () => capture(fn)),
      unit: "µs",
      bar: "≤ 10 µs",
      peers: pickled ? [{name: "cloudpickle", value: pickled.again}] : [],
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

/**
 * Measures making closures, each of which pays for the emitter's additions. The loop is a cell's
 * too.
 */
async function creations(): Promise<Measurement[]> {
  const loop = (closure: string) =>
    `let sum = 0; for (let i = 0; i < 2e5; i++) { let n = i; sum += (${closure})() } return sum`;
  const rows: Measurement[] = [];
  for (const [name, closure] of [
    ["closure over a variable, made and called", "() => n + 1"],
    ["closure that assigns to its variable, made and called", "() => ++n"],
  ] as const) {
    const held = `keep(${closure})`;
    const cell = (await runCell(
      `const keep = (f) => f; const subject = () => { ${loop(held)} }`,
    )) as () => number;
    const plain = new Function(
      `const keep = (f) => f; return () => { ${loop(held)} }`,
    )() as typeof cell;
    rows.push({
      name,
      value: bestNanoseconds(cell, 2e5),
      unit: "ns",
      bar: "≤ 25 ns more than plain",
      peers: [{name: "plain", value: bestNanoseconds(plain, 2e5)}],
    });
  }
  return rows;
}

/**
 * The nanoseconds of one round of `run`: the best of 40 runs, because the others were disturbed.
 */
function bestNanoseconds(run: () => unknown, rounds: number): number {
  let best = Infinity;
  for (let i = 0; i < 40; i++) {
    const startedAt = performance.now();
    run();
    best = Math.min(best, ((performance.now() - startedAt) * 1e6) / rounds);
  }
  return best;
}

async function hotLoops(): Promise<Measurement[]> {
  const body = (a: string, b: string) =>
    `let s = 0; for (let i = 0; i < 2e7; i++) s += ${a} * i + ${b}; return s`;
  const captured = (await runCell(
    `let hotA = 3; let hotB = 4; const subject = () => { ${body("hotA", "hotB")} }`,
  )) as AnyFunction;
  // The captured numbers stay constants to V8 beside a variable that both functions share.
  const sharing = (await runCell(
    `let ran = 0; const count = () => ++ran; const subject = () => { count(); ran++; ${body("hotA", "hotB")} }`,
  )) as AnyFunction;
  // A captured number is no literal in a plain program either. V8 runs a loop over one about as
  // fast up to Node 20, and 1.5 times slower since.
  const declared = `const hotA = 3; const hotB = 4; return () => { ${body("hotA", "hotB")} }`;
  const plain = new Function(declared)() as AnyFunction;
  const literal = new Function(`return () => { ${body("3", "4")} }`)() as AnyFunction;
  const peers = [
    {name: "constants of a plain program", value: microseconds(5, plain) / 1000},
    {name: "literals", value: microseconds(5, literal) / 1000},
  ];
  const rows: Measurement[] = [];
  for (const [name, fn] of [
    ["loop over two captured numbers, in a task", captured],
    ["the same in a function that shares a variable", sharing],
  ] as const) {
    const shipped = await revive(capture(fn).code);
    const value = microseconds(5, () => shipped()) / 1000;
    rows.push({name, value, unit: "ms", bar: fn === captured ? "≤ 1.1 × constants" : "", peers});
  }
  return rows;
}

/** The microseconds of one run: the median of `count` runs. */
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
