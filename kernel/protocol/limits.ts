// What a client may send at most. Beyond it there is an answer that says so, or (where nobody could
// be answered) a line in the log: memory and time stay bounded, whoever sends.

/** One frame; ZeroMQ cuts off a peer that sends a larger one. A file uploaded by a widget fits. */
export const maxFrameBytes = 512 * 1024 * 1024;
/** Topics of subscriptions and heartbeats are a few bytes. */
export const maxSmallFrameBytes = 64 * 1024;
/** A header comes back with all that its request causes. Usual ones have 250 bytes. */
export const maxHeaderBytes = 16 * 1024;
/** The other parts in JSON. */
export const maxJsonBytes = 128 * 1024 * 1024;
/** Nesting of lists and objects. Python, the language of most clients, reads no deeper either. */
export const maxJsonDepth = 1000;
/** Values in a JSON message, keys among them: 300 MB of memory. Larger data goes into buffers. */
export const maxJsonValues = 5_000_000;
/** Pasted data of 10 MB takes the compiler 2 s; what is larger belongs into a file. */
export const maxCodeChars = 16 * 1024 * 1024;
/** Cells that wait for their turn, of all shells. */
export const maxWaitingCells = 10_000;
/** …and the code in them. */
export const maxWaitingChars = 64 * 1024 * 1024;
/** Completions, inspections and the like that wait for the compiler. */
export const maxQuestions = 1000;
/** Signatures that are remembered, to know a message that is played back. */
export const rememberedSignatures = 65_536;
