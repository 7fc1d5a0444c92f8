// How long silence lasts until somebody acts on it, in the simulation.

/** As in cluster/limits.ts, on the simulation's scale. */
export const limits = {
  /** A worker or node whose link to the head is silent for this long has lost the head. */
  headSilenceMs: 50,
  /** The head gives up a member that is silent for this long, well after `headSilenceMs`. */
  memberSilenceMs: 90,
  /** A link that is watched notices its silence by so much later: the time between two pings. */
  pingMs: 15,
  /** A client whose link to a worker broke takes its tasks back after this time. */
  linkLossMs: 150,
};
