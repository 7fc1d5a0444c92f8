// `prompt`, `confirm` and `alert` as in browsers, answered in the notebook.

import {ambient} from "../../cluster/host.js";
import type {Host} from "./host.js";

export function installPrompts(host: Host): void {
  const ask = (question: string, password = false): string => {
    const answer = host.inputSync(ambient().cell, question, password);
    if (answer.ok) return answer.value;
    throw new Error(answer.error);
  };
  Object.assign(globalThis, {
    prompt: (question = "", otherwise = "") => ask(String(question)) || String(otherwise),
    confirm: (question = "") => /^y(es)?$/i.test(ask(`${question} [y/N] `).trim()),
    alert: (message = "") => console.log(String(message)),
  });
}
