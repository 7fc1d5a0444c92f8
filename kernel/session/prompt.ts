// `prompt`, `confirm` and `alert` as in browsers, answered in the notebook; and `prompt.password`,
// whose answer nobody sees.

import {ambient} from "../../cluster/host.js";
import type {Host} from "./host.js";

export function installPrompts(host: Host): void {
  const ask = (question: string, password = false): string => {
    const answer = host.input(ambient().cell, question, password);
    if (answer.ok) return answer.value;
    throw new Error(answer.error);
  };
  Object.assign(globalThis, {
    prompt: Object.assign(
      (question = "", otherwise = "") => ask(String(question)) || String(otherwise),
      {password: (question = "") => ask(String(question), true)},
    ),
    confirm: (question = "") => /^y(es)?$/i.test(ask(`${question} [y/N] `).trim()),
    alert: (message = "") => console.log(String(message)),
  });
}
