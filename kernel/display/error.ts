// An error as a value: a cell that ends in one has not failed, it shows the error's traceback.

import {escapeMarkup} from "../../cluster/show/markup.js";
import {codeFrame, colored, quietly} from "./look.js";

/** `traceback`: in words, with its frames in lines of cells. */
export function errorHtml(traceback: string): string {
  const lines = traceback.split("\n").map((line, index) => {
    if (index === 0) return colored("error", line);
    return /^ +at /.test(line) ? quietly(line) : escapeMarkup(line);
  });
  return codeFrame(lines.join("\n"), {wraps: false});
}
