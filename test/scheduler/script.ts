// Scripts as tests: events in plain words, `----`, what the scheduler answers, an empty line.
//
//   node n1 joins: CPU 4, GPU 1; workers 2, at most 4        node n1 is lost: power
//   worker w1 joins      worker w1 crashes: boom             worker w1 ends: stopped
//   worker w1 is silent: no answer
//   a wants 3 of CPU 1   a wants 1 of CPU 0.5, GPU 1; depth 1; priority 2
//   x wants 1 of CPU 1; for itself   (an actor: a process of its own)
//   l1 returns           l1 suspends                         l1 resumes
//   l1 keeps CPU 0.5     (a dedicated one gives back the rest)
//   collected for a CPU 1/0/0   (what was dropped has been given back)
//   client a is lost     scale to 2, at most 4               after 100 ms
//   status               (prints what is free, held and waited for)
//
// Time stands still but for `after`, which ends in a tick. UPDATE=1 rewrites the answers.

import type {SchedulerCommand, SchedulerEvent, Shape} from "../../cluster/core/events.js";
import {checkScheduler} from "../../cluster/core/invariants.js";
import {Scheduler} from "../../cluster/core/head/scheduler.js";
import type {ClientId, LeaseId, NodeId, WorkerId} from "../../cluster/ids.js";
import type {TraceEvent} from "../../cluster/trace.js";

/** The script with the answers that the scheduler gives today. */
export function playScript(script: string): string {
  const stage = new Stage();
  const blocks = script.trimEnd().split(/\n\n+/);
  return blocks.map((block) => stage.play(block)).join("\n\n") + "\n";
}

class Stage {
  readonly #scheduler = new Scheduler({maxNesting: 4, maxActors: 3});
  #nowMs = 0;

  play(block: string): string {
    const lines = block.split("\n");
    const end = lines.indexOf("----");
    const asked = end === -1 ? lines : lines.slice(0, end);
    const said = asked.filter((line) => !line.startsWith("#"));
    if (said.length === 0) return block;
    const answers = said.flatMap((line) => this.#answer(line));
    return [...asked, "----", ...(answers.length > 0 ? answers : ["nothing"])].join("\n");
  }

  #answer(line: string): string[] {
    if (line === "status") return this.#status();
    const event = this.#parse(line);
    const commands = this.#scheduler.handle(event, this.#nowMs);
    checkScheduler(this.#scheduler);
    return commands.map(tellCommand);
  }

  #parse(line: string): SchedulerEvent {
    for (const [pattern, make] of grammar) {
      const match = pattern.exec(line);
      if (match) return make(...(match.slice(1) as string[]));
    }
    const after = /^after ([\d.]+) ms$/.exec(line);
    if (!after) throw new Error(`unknown line in script: ${line}`);
    this.#nowMs += Number(after[1]);
    return {kind: "ticked"};
  }

  #status(): string[] {
    const {nodes, waiting} = this.#scheduler.status();
    return [
      ...nodes.map(({node, free, workers}) => {
        const states = workers.map(({worker, state, tasks}) => `${worker} ${state} (${tasks})`);
        return `${node}: free ${tellResources(free)}; ${states.join(", ") || "no workers"}`;
      }),
      ...waiting.map(({shape, count}) => `waiting: ${count} of ${tellResources(shape)}`),
    ];
  }
}

const grammar: [RegExp, (...words: string[]) => SchedulerEvent][] = [
  [
    /^node (\S+) joins: (.*); workers (\d+), at most (\d+)$/,
    (node, resources, workers, maxWorkers) => ({
      kind: "node-joined",
      node: node as NodeId,
      host: "here",
      resources: parseResources(resources!),
      workers: Number(workers),
      maxWorkers: Number(maxWorkers),
    }),
  ],
  [
    /^node (\S+) is lost: (.*)$/,
    (node, reason) => ({kind: "node-lost", node: node as NodeId, reason: reason!}),
  ],
  [
    /^worker (\S+) joins$/,
    (worker) => ({
      kind: "worker-joined",
      worker: worker as WorkerId,
      node: "" as NodeId,
      pid: 1,
      address: "",
    }),
  ],
  [
    /^worker (\S+) (crashes|ends): (.*)$/,
    (worker, how, reason) => ({
      kind: "worker-lost",
      worker: worker as WorkerId,
      crashed: how === "crashes",
      reason: reason!,
    }),
  ],
  [
    /^worker (\S+) is silent: (.*)$/,
    (worker, reason) => ({
      kind: "worker-silent",
      worker: worker as WorkerId,
      reason: reason!,
    }),
  ],
  [/^client (\S+) is lost$/, (client) => ({kind: "client-lost", client: client as ClientId})],
  [
    /^(\S+) wants (\d+) of (.*?)(?:; depth (\d+))?(?:; priority (-?\d+))?(; for itself)?$/,
    (client, count, resources, depth, priority, dedicated) => ({
      kind: "leases-wanted",
      client: client as ClientId,
      shape: {
        ...makeShape(resources!, Number(depth ?? 0), Number(priority ?? 0)),
        ...(dedicated ? {dedicated: true} : {}),
      },
      count: Number(count),
    }),
  ],
  [/^(l\d+) returns$/, (lease) => ({kind: "lease-returned", lease: lease as LeaseId})],
  [
    /^(l\d+) keeps (.*)$/,
    (lease, resources) => ({
      kind: "lease-reduced",
      lease: lease as LeaseId,
      resources: parseResources(resources!),
    }),
  ],
  [/^collected for (.*)$/, (asker) => ({kind: "collect-ended", asker: asker!})],
  [/^(l\d+) suspends$/, (lease) => ({kind: "lease-suspended", lease: lease as LeaseId})],
  [/^(l\d+) resumes$/, (lease) => ({kind: "lease-resumed", lease: lease as LeaseId})],
  [
    /^scale to (\d+), at most (\d+)$/,
    (workers, maxWorkers) => ({
      kind: "scaled",
      node: null,
      workers: Number(workers),
      maxWorkers: Number(maxWorkers),
    }),
  ],
];

function parseResources(words: string): Record<string, number> {
  if (words === "nothing") return {};
  return Object.fromEntries(
    words.split(", ").map((part) => {
      const [name, amount] = part.split(" ");
      return [name!, Number(amount)];
    }),
  );
}

function makeShape(words: string, depth: number, priority: number): Shape {
  return {key: `${words}/${depth}/${priority}`, resources: parseResources(words), depth, priority};
}

function tellResources(resources: Record<string, number>): string {
  const parts = Object.entries(resources).map(([name, amount]) => `${name} ${amount}`);
  return parts.join(", ") || "nothing";
}

function tellCommand(command: SchedulerCommand): string {
  switch (command.kind) {
    case "grant": {
      const {lease, worker, client, shape} = command;
      return `grant ${lease} on ${worker} to ${client} for ${tellResources(shape.resources)}`;
    }
    case "revoke":
      return `revoke ${command.lease} of ${command.client}`;
    case "lose":
      return `lose ${command.lease} of ${command.client} on ${command.worker}: ${command.reason}`;
    case "start-worker":
      return `start ${command.worker} on ${command.node}`;
    case "stop-worker":
      return `stop ${command.worker} on ${command.node}: ${command.reason}`;
    case "kill-worker":
      return `kill ${command.worker} on ${command.node}`;
    case "warn-waiting":
      return `warn ${command.client}: ${command.reason}`;
    case "want-collect":
      return `collect for ${command.asker}`;
    case "wake":
      return `wake at ${command.atMs} ms`;
    case "trace":
      return `trace: ${tellTrace(command.event)}`;
  }
}

function tellTrace(event: TraceEvent): string {
  switch (event.kind) {
    case "scale-decided":
      return `${event.workers} → ${event.wanted} workers: ${event.reason}`;
    case "worker-left":
      return `${event.worker} left, ${event.reason}`;
    case "worker-starting":
    case "worker-joined":
      return `${event.worker} ${event.kind === "worker-joined" ? "joined" : "starting"}`;
    case "node-joined":
      return `${event.node} joined`;
    case "node-left":
      return `${event.node} left: ${event.reason}`;
    default:
      return event.kind;
  }
}
