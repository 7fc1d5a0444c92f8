// What is left of a cluster at the end of a run, and should not be.

import type {World} from "./world.js";

export function leftoversOf(world: World): string[] {
  const processes = [...world.drivers.values(), ...world.workers.values()];
  const left = processes.flatMap((one) => one.leftovers());
  if (world.head.isDead) {
    if (world.workers.size)
      left.push(`workers without a head: ${[...world.workers.keys()].join()}`);
    const nodes = [...world.nodes.values()].filter(({isDead}) => !isDead);
    if (nodes.length) left.push(`${nodes.length} nodes without a head`);
    return left;
  }
  const {leases, wants} = world.head.machines.scheduler.inspect();
  if (leases.size) left.push(`${leases.size} leases in the head: ${[...leases.keys()].join(" ")}`);
  for (const {client, count, shape} of wants) {
    if (count > 0) left.push(`${client} still wants ${count} leases of ${shape.key}`);
  }
  const {actors, directory} = world.head.machines;
  const {actors: living, unknown} = actors.inspect();
  if (living.size) left.push(`${living.size} actors: ${[...living.keys()].join(" ")}`);
  if (unknown.size) left.push(`${unknown.size} unknown actors that some wait for`);
  if (world.head.creations.size) left.push(`${world.head.creations.size} creations in the head`);
  if (directory.size) {
    const ids = [...directory.inspect().keys()].join(" ");
    left.push(`${directory.size} objects in the directory: ${ids}`);
  }
  // A worker may store a value after its client has let go of it, when their link broke.
  if (!world.ledger.hasBrokenLinks) left.push(...world.store.leftovers());
  return left;
}
