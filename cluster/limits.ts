// Every limit that a user may meet, with its reason. Times are in milliseconds, sizes in bytes.
// docs/guarantees.md tells the same to users; a test holds the two together.
//
// Fencing by time: a process that has lost the head ends itself well before the head gives it up,
// so what the head starts in its place never runs beside it.

/**
 * A worker or node whose link to the head is silent for this long has lost the head, and ends
 * itself.
 */
export const headSilenceMs = 8_000;

/**
 * The head gives up a worker, node or driver whose link is silent for this long. The limit is more
 * than `headSilenceMs` and a ping, so that the process has ended by itself unless it stands still,
 * and long enough for a machine that swaps.
 */
export const memberSilenceMs = 15_000;

/**
 * A task may go on for this long after it was cancelled, to clean up; then its process is ended,
 * and others get its resources. The time is long enough for a `finally` that closes files and
 * connections, and short for tasks that wait for the resources. A task's own `cancelGraceMs` takes
 * precedence.
 */
export const cancelGraceMs = 1_000;

/**
 * So many times within `headRestartWindowMs` a cluster whose head has died is replaced by the next
 * `.remote()`. A head that dies more often than this would die again, and the loop would hide why:
 * then `.remote()` throws the reason, and `cluster.start()` is the user's to call.
 */
export const maxHeadRestarts = 5;
/** See `maxHeadRestarts`: ten minutes. */
export const headRestartWindowMs = 600_000;

/**
 * The part of a machine's memory that its object store may fill when `storeMemory` is not given.
 * The same share as Ray's: the rest is for the processes that make and use the values.
 */
export const storeMemoryShare = 0.3;

/**
 * How long a value that does not fit into the store waits for room before it fails with
 * ObjectStoreFullError. The limit is more than the five seconds for which the head keeps objects
 * that nobody holds, so that objects let go of in the meantime make room.
 */
export const storeRoomWaitMs = 8_000;

/**
 * How often a process connects again to a store whose link broke, while the head says that the
 * store's node lives. The pauses grow threefold from `storeReconnectMs`, so they end after about 12
 * seconds.
 */
export const storeReconnects = 5;
/** The first pause before a process connects again to a store. */
export const storeReconnectMs = 100;

/**
 * So many bytes of messages may lie between a thread that runs user code and its agent thread,
 * which sends them. A loop that submits faster than that waits in `.remote()` until the agent has
 * read. The number of pending tasks has no limit of its own: a task of a known function with small
 * arguments takes about 450 bytes of the heaps of the process that submits it, while a ref of its
 * result is held.
 */
export const maxAheadBytes = 1024 * 1024;

/**
 * A thread that so many bytes of large values have passed through collects its garbage when idle.
 */
export const garbageBytes = 32 * 1024 * 1024;
/** A thread is idle when no large value has passed through it for so long. */
export const garbageQuietMs = 200;

/** A file that `%load` puts into a cell: 1 MiB. A longer text is no cell to work with. */
export const maxLoadBytes = 1024 * 1024;

/**
 * A picture that `image` shows: 64 MiB. The picture travels to the page and stays in the notebook's
 * file.
 */
export const maxImageBytes = 64 * 1024 * 1024;

/**
 * A local module, or another text of code or settings: 32 MiB. The largest bundles have about 10
 * MiB, and the compiler takes several seconds for one of those.
 */
export const maxCodeBytes = 32 * 1024 * 1024;

/**
 * The longest frame that a socket of the cluster accepts, from members and strangers alike: a
 * stranger who claims more is cut off. Longer values travel in pieces. Short frames are encrypted
 * from the processor's cache, and malloc reuses their memory.
 */
export const maxFrameBytes = 120 * 1024;

/** A hello with more bytes than this is refused. */
export const maxHelloBytes = 4 * 1024;

/** A connection that has not shown the cluster's key after this time is ended. */
export const strangerLimitMs = 5_000;

/**
 * A socket remembers of so many peers without a welcome that it has answered them; more are
 * forgotten, the oldest first, and answered once more should they speak again.
 */
export const maxRefusedPeers = 1_000;

/**
 * A process that exits waits so long for its agent thread to close the sockets. Node would end the
 * thread inside of zmq, and abort the process. The thread needs time only to finish what it is
 * about to copy: about a second for a GiB.
 */
export const exitLimitMs = 30_000;

/** Refusals of one kind are written to the log once in this time, with their number. */
export const refusalsLogMs = 10_000;

/**
 * A client whose link to a living worker broke sends the tasks there again, elsewhere, after this
 * time, in which it was awake. By then the worker has noticed the break (`memberSilenceMs` and a
 * ping) and has ended the tasks that came by this link.
 */
export const linkLossMs = 25_000;

/**
 * How long a worker that was given up may take to end before the head counts it as ended. Its node
 * ends it by SIGKILL, which takes milliseconds unless the machine's kernel holds the process.
 */
export const fenceLimitMs = 10_000;

/**
 * A worker that has not reported by then is ended, and another one started. Modules load within
 * seconds.
 */
export const workerStartLimitMs = 60_000;

/** The pause after a worker that crashed at start. It doubles with each further crash. */
export const firstCrashPauseMs = 200;

/**
 * The longest pause after a worker that crashed at start. A machine that recovers has workers again
 * within seconds.
 */
export const longestCrashPauseMs = 3_000;

/** Crashes at start that are longer ago no longer lengthen the pause. */
export const crashWindowMs = 30_000;

// Dropped refs and handles. V8 collects them when memory is short, and the resources that they hold
// may be short long before: so processes are made to collect. A collection stops the program for
// some milliseconds (about 5 for a small program, 20 for a heap of 200 MB).

/**
 * How long a process has to collect before the head goes on without it: a thread in a loop is late.
 */
export const collectLimitMs = 1_000;
/** After a collection that the head has asked for, a process is left alone for at least so long. */
export const collectPauseMs = 500;
/**
 * After a collection a process is left alone for so many times the collection's length: collections
 * cost a tenth at most.
 */
export const collectPauseFactor = 10;
/**
 * Dropped handles are collected again after this pause, for a task or actor that waits for what
 * actors hold; the pause doubles each time.
 */
export const firstCollectPauseMs = 1_000;
/** The longest pause between collections for one who waits: the actors may be used for long. */
export const lastCollectPauseMs = 10_000;
/**
 * How often a process that holds refs looks whether its program has been busy and now rests; then
 * it collects. Dropped refs go after twice this time, at most: within ten seconds.
 */
export const idleCollectMs = 4_000;
/** A client that has come to hold so many more bytes of stored values collects, even while busy. */
export const collectStoredBytes = 128 * 1024 * 1024;
/** V8 tells of what it has collected a moment later: so long a collection waits for that. */
export const finalizeLimitMs = 250;
