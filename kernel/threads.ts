// The kernel's threads and every message between them.
//
//   main      runs the user's cells and nothing else that can block. It may stop answering at any
//             moment (a synchronous loop) and may be cut off at any moment (an interrupt).
//   I/O       owns the five Jupyter sockets, the queue of cells, comms and the live trace feed. The
//             I/O thread decides every reply: if main was interrupted, it answers alone.
//   compiler  owns TypeScript: diagnostics, JavaScript, completion, inspection, saved SVG.
//
//        main ──execute / output──  I/O ──complete, inspect──  compiler
//          └───────────────compile, draw──────────────────────────┘
//
// main → I/O messages are sent at once and arrive in order even while main runs synchronous code.
//
// Cells are evaluated by an inspector session of the main thread's own (V8's REPL mode) and
// interrupted by one of the I/O thread's (`Runtime.terminateExecution`). Measured: a session of
// another thread can't be the one that evaluates, for Node takes no second inspector message while
// the first is at work; and what is evaluated inside a MessagePort's callback leaves Node's task
// queue stuck when it is terminated. So on the main thread a message is only queued by its callback
// and is worked on from `setImmediate`, and so is every reply of the compiler.

import type {TraceEvent} from "../cluster/trace.js";

/** A cell in execution: the id of its execute_request. Output is booked to it for ever. */
export type CellId = string & {readonly brand: "cell"};

export type MimeBundle = Record<string, unknown>;

// ---- I/O → main ----

export type ToMain =
  | {
      kind: "execute";
      cell: CellId;
      code: string;
      /** Names the cell's code: `Cell In[3]`. Below 0: of a cell that does not count. */
      executionCount: number;
      silent: boolean;
      storeHistory: boolean;
      userExpressions: Record<string, string>;
      /** Whether the client answers what the cell asks. */
      allowStdin: boolean;
      /** JupyterLab's id of the cell, when it told. */
      cellId?: string;
    }
  /**
   * The cells (none may have run) were interrupted and have been answered: abandon what ran for
   * them. May come more than once; answered by `interrupted`, which says that the event loop is
   * free again.
   */
  | {kind: "interrupted"; cells: CellId[]}
  | {
      kind: "comm";
      cell: CellId;
      type: "comm_open" | "comm_msg" | "comm_close";
      content: CommContent;
      buffers: Uint8Array[];
    }
  /** The answer to `trace-wanted`. */
  | {kind: "trace"; request: number; epoch: string; events: TraceEvent[]}
  /** The answer to `input-wanted`. */
  | {
      kind: "input";
      cell: CellId;
      question: number;
      answer: {ok: true; value: string} | {ok: false; error: string};
    }
  | {kind: "shutdown"; restart: boolean};

export interface CommContent {
  comm_id: string;
  target_name?: string;
  data: Record<string, unknown>;
}

// ---- main → I/O ----

export type ToIo =
  /** `passedOn`: where the I/O thread counts what it has passed on (credit.ts). */
  | {kind: "ready"; passedOn: Int32Array}
  | {kind: "stream"; cell: CellId; name: "stdout" | "stderr"; text: string}
  /** A child process of the cell has the other end of this pipe as its stdout or stderr. */
  | {kind: "child-pipe"; cell: CellId; name: "stdout" | "stderr"; fd: number}
  /** What lies in these pipes of children was printed before what follows. */
  | {kind: "catch-up"; fds: readonly number[]}
  | {
      kind: "display";
      cell: CellId;
      type: "display_data" | "update_display_data" | "execute_result";
      data: MimeBundle;
      metadata: Record<string, unknown>;
      displayId?: string;
    }
  | {kind: "clear-output"; cell: CellId; wait: boolean}
  | {kind: "interrupted"}
  /** The cell has loops that are to be told before they are cut off; `saved` is their answer. */
  | {kind: "stops"; cell: CellId}
  | {kind: "saved"}
  /** The end of an `execute`, or of a `comm` (its cell is the comm message's id). */
  | {kind: "outcome"; cell: CellId; outcome: Outcome}
  | {
      kind: "comm";
      cell: CellId | null;
      type: "comm_open" | "comm_msg" | "comm_close";
      content: CommContent;
      buffers: Uint8Array[];
    }
  | {kind: "comm-target"; target: string}
  /** Events made by the main thread: runs and plain calls. */
  | {kind: "trace"; events: TraceEvent[]}
  /** The session's trace so far: of the named runs, or (without) of all. Answered by `trace`. */
  | {kind: "trace-wanted"; request: number}
  /** A port on which the cluster's agent thread posts `TraceEvent[]`, never through main. */
  | {kind: "trace-port"; port: import("node:worker_threads").MessagePort}
  /**
   * A port on which the I/O thread posts `{kind: "cancel-cell", cell}` when a cell is interrupted.
   */
  | {kind: "cancel-port"; port: import("node:worker_threads").MessagePort}
  /** Main may sleep on `wake` (`prompt()` is synchronous): store 1 and notify after answering. */
  | {
      kind: "input-wanted";
      cell: CellId;
      question: number;
      prompt: string;
      password: boolean;
      wake: Int32Array;
    }
  /**
   * The process exits: close the sockets, then set `closed[0]` to 1 and notify. `exit`: the user's
   * code has called process.exit, in these words, and all cells are to be answered before.
   */
  | {kind: "exit"; exit: {cell: CellId; code: number; words: string} | null; closed: Int32Array};

export type Outcome =
  | {status: "ok"; userExpressions: Record<string, unknown>; payload: Record<string, unknown>[]}
  | {status: "error"; ename: string; evalue: string; traceback: string[]};

// ---- to the compiler: requests by any thread, answered on the same port by id ----

/** `workerData` of the compiler thread: one port for each thread that asks it. */
export interface CompilerStart {
  ports: import("node:worker_threads").MessagePort[];
}

export type CompilerRequest =
  | {kind: "compile"; id: number; code: string; executionCount: number; options: CompileOptions}
  /** The compiled cell begins to run: its declarations are part of the session from here on. */
  | {kind: "commit"; id: number; executionCount: number}
  | {kind: "complete"; id: number; code: string; cursor: number}
  | {kind: "inspect"; id: number; code: string; cursor: number; detail: 0 | 1}
  | {kind: "is-complete"; id: number; code: string}
  /** `%tsconfig`: the words behind it; none changes nothing. */
  | {kind: "configure"; id: number; words: string[]}
  | {kind: "complete-setting"; id: number; word: string}
  /** Packages may have come, gone or changed. */
  | {kind: "forget-packages"; id: number}
  /** Draw a saved diagram of a trace: SVG and the sentence that sums it up. */
  | {kind: "draw"; id: number; bundle: import("../cluster/trace.js").TraceBundle};

/** As TypeScript source: `{"numCpus":2}`; "" for none. */
export interface RemoteOptionsOfCell {
  functions: string;
  classes: string;
}

/** `name`: a later setup of that name takes its place. */
export interface SetupOfCell {
  name?: string;
}

export interface CompileOptions {
  /** `%%setup`: the cell is a function that sets up workers. */
  setup?: SetupOfCell;
  /** `%%remote`: every declaration of a function or class becomes remote. */
  remoteOptions?: RemoteOptionsOfCell;
  /**
   * A debugger is attached: the code is stepped through as it was written, not measured nor sped
   * up.
   */
  isDebugged?: boolean;
}

export type CompilerReply =
  | {kind: "compiled"; id: number; result: Compiled}
  | {kind: "committed"; id: number}
  | {kind: "completed"; id: number; matches: Completion[]; start: number; end: number}
  /** `text`: plain text and Markdown of what is at the cursor, or null when nothing is known. */
  | {kind: "inspected"; id: number; text: {plain: string; markdown: string} | null}
  | {
      kind: "is-completed";
      id: number;
      status: "complete" | "incomplete" | "invalid" | "unknown";
      indent: string;
    }
  | {kind: "configured"; id: number; answer: SettingsReport | {refused: string}}
  | {kind: "settings-completed"; id: number; words: string[]}
  | {kind: "packages-forgotten"; id: number}
  | {kind: "drawn"; id: number; svg: string; text: string}
  /** The request could not be answered: a defect of ours, with its stack. */
  | {kind: "failed"; id: number; message: string};

export interface Completion {
  text: string;
  /** TypeScript's kind: "function", "property", "keyword", "magic" … */
  type: string;
  signature?: string;
}

export type Compiled =
  | {
      ok: true;
      /** JavaScript for REPL mode, ending in its sourceURL `Cell In[n]`. */
      code: string;
      /** Source map (v3, JSON) from `code` to the cell as the user wrote it. */
      map: string;
      /** Top-level names that the cell declares. */
      names: string[];
      /**
       * Has it loops that keep variables to themselves and save them when told (session/stops.ts)?
       */
      hasStops: boolean;
      /** What is no error and surely not meant: told before the cell runs. */
      warnings: CellDiagnostic[];
      notices: string[];
    }
  /** `notices` (of both): what is to be told once, and has no place in the cell. */
  | {ok: false; diagnostics: CellDiagnostic[]; notices: string[]};

/** TypeScript's options as they hold for cells. */
export interface SettingsReport {
  /** The tsconfig.json that was found. */
  file: string | null;
  rows: {name: string; value: string; from: "default" | "file" | "session"}[];
  /** What stands in the file and is not heeded. */
  ignored: {name: string; why: string}[];
  problems: string[];
}

/** `line` and `column` count from 1, in the cell as the user wrote it. */
export interface CellDiagnostic {
  line: number;
  column: number;
  length: number;
  code: number;
  message: string;
}
