// What clients ask of the compiler: one question at a time, so that a cell, which asks on a port of
// its own, waits for one of them at most, however many a client has sent.

import {CompilerClient} from "../compiler/compiler-client.js";
import {maxQuestions} from "./limits.js";
import {RequestError} from "./request.js";

type Ask = CompilerClient["request"];

export class Questions extends CompilerClient {
  #unanswered = 0;
  #before: Promise<unknown> = Promise.resolve();

  /** Rejects at once when too many wait. */
  override request: Ask = (question) => {
    if (this.#unanswered >= maxQuestions)
      return Promise.reject(
        new RequestError(
          `${maxQuestions} questions wait for the compiler already; ask again later`,
        ),
      );
    this.#unanswered++;
    const answer = this.#before.then(() => super.request(question));
    this.#before = answer.catch(() => {}).finally(() => this.#unanswered--);
    return answer;
  };
}
