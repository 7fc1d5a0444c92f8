// Sends values that a task displays to the cell that submitted the task, in the order of the
// printed lines. A value with a display method is shown there as the method says; another is
// printed.

import {inspect} from "node:util";
import {maybeShown, textOf, type MimeBundle, type Shown} from "./displayable.js";
import type {UserThread} from "../io/worker/user-thread.js";
import {rawShown, sendable} from "./sendable.js";
import type {Sink} from "./show.js";

export function createTaskSink(user: UserThread): Sink {
  return {
    display(value, {displayId, raw = false, metadata, update}) {
      const send = ({data, metadata}: Shown) => {
        const whole = {"text/plain": inspect(value), ...data};
        const shown = sendable({data: whole, metadata});
        const text = `${textOf(whole)}\n`;
        if (!user.output("stdout", text, {...shown, displayId, update})) process.stdout.write(text);
      };
      if (raw) return send(rawShown(value as MimeBundle, metadata));
      const shown = maybeShown(value);
      if (shown instanceof Promise)
        shown.then(send).catch((error: unknown) => console.error(error));
      else if (shown) send(shown);
      else console.log(value);
    },
    clear() {},
  };
}
