// The I/O thread's way into the main thread: an inspector session of its own. V8 takes its commands
// in the midst of a synchronous loop and while the main thread is paused. Connected only while it
// is used.

import {Session} from "node:inspector";

/** What the debugger asks of V8: everything else here is pure, and tested with another one. */
export interface Inspector {
  /** Rejects when V8 refuses, or when the main thread does not answer. */
  post<Answer = unknown>(method: string, parameters?: object): Promise<Answer>;
  on<Event>(method: string, listener: (event: Event) => void): void;
  disconnect(): void;
}

/**
 * Longer than anything takes that is asked; only native code keeps the main thread from answering.
 */
const patienceMs = 5000;

export function connectInspector(): Inspector {
  const session = new Session();
  session.connectToMainThread();
  let isConnected = true;
  return {
    post<Answer>(method: string, parameters: object = {}) {
      return new Promise<Answer>((resolve, reject) => {
        if (!isConnected) return reject(new Error("the debugger has been disconnected"));
        const timer = setTimeout(
          () => reject(new Error(`no answer from the cell's thread: it is in native code`)),
          patienceMs,
        );
        session.post(method, parameters, (error, answer) => {
          clearTimeout(timer);
          if (error) reject(new Error(`${method}: ${error.message}`));
          else resolve(answer as Answer);
        });
      });
    },
    on<Event>(method: string, listener: (event: Event) => void) {
      session.on(method, ({params}: {params: Event}) => listener(params));
    },
    disconnect() {
      if (isConnected) session.disconnect();
      isConnected = false;
    },
  };
}
