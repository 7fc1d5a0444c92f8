// Random small programs: functions in all kinds of scopes read and assign variables of these scopes
// and of the session. Shipped to another process, or to a realm of this one, the program gives what
// it gives here.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import fc from "fast-check";
import {Arrivals} from "../../../cluster/shipping/names/arrivals.js";
import {capture} from "../../../cluster/shipping/capture.js";
import {Realm} from "../../../cluster/shipping/names/realm.js";
import {revive} from "../../../cluster/shipping/revive.js";
import {runCell} from "./cells.js";
import {Elsewhere} from "./elsewhere.js";

type AnyFunction = () => unknown;

/** How a function comes to be in the list `all`; `body` is what it does. */
const forms: ((body: string, variable: string) => string)[] = [
  (body) => `all.push(() => { ${body} });`,
  (body) => `all.push(function named() { ${body} });`,
  (body) => `{ all.push(declared); function declared() { ${body} } }`,
  (body) => `all.push({method() { ${body} }}.method);`,
  (body) => `{ const box = {get value() { ${body} }}; all.push(() => box.value); }`,
  (body) => `all.push(() => (() => { ${body} })());`,
  (body, variable) => `all.push(((${variable}) => () => { ${body} })(7));`,
  (body) => `all.push(((hidden) => () => { hidden = (() => { ${body} })(); return hidden })(0));`,
  (body) => `{ class Made { go() { ${body} } } all.push(() => new Made().go()); }`,
  (body) =>
    `{ class Keeps { #count = 0; static made = 0; go() { this.#count++; Keeps.made++; const is = (() => { ${body} })(); return [is, this.#count, Keeps.made] } } const kept = new Keeps(); kept.go(); all.push(() => kept.go()); }`,
];

interface Written {
  form: number;
  target: number;
  source: number;
  isRead: boolean;
}
const written = fc.record({
  form: fc.nat(forms.length - 1),
  target: fc.nat(9),
  source: fc.nat(9),
  isRead: fc.boolean(),
});

function functions(list: readonly Written[], ...visible: string[]): string {
  const names = [...visible, "first", "second"];
  return list
    .map(({form, target, source, isRead}) => {
      const [to, from] = [names[target % names.length]!, names[source % names.length]!];
      const change = isRead ? "" : `${to} = (${to} * 3 + ${from} + 1) % 1009; `;
      return forms[form]!(`${change}return [${to}, ${from}];`, to);
    })
    .join("\n    ");
}

/** Each list of functions stands in one kind of scope. */
const program = fc.array(fc.array(written, {maxLength: 2}), {minLength: 8, maxLength: 8}).map(
  ([top, ofMake, ofBlock, ofLoop, ofCatch, ofSwitch, ofArrow, ofEach]) => `
  let first = 1, second = 2; const all = [];
  const make = (given) => {
    let own = given + 10;
    ${functions(ofMake!, "given", "own")}
    { let inner = own + 1; ${functions(ofBlock!, "given", "own", "inner")} }
    for (let i = 0; i < 2; i++) { ${functions(ofLoop!, "i", "own")} }
    for (let each of [4, 5]) { ${functions(ofEach!, "each", "given")} }
    try { throw 3 } catch (thrown) { ${functions(ofCatch!, "thrown", "own")} }
    switch (given) { default: let chosen = 8; ${functions(ofSwitch!, "chosen", "given")} }
    const arrow = (x) => [x, (() => { ${functions(ofArrow!, "x")} })()]; arrow(1); arrow(2);
  };
  make(1); make(2);
  ${functions(top!)}
`,
);
const calls = fc.array(fc.nat(99), {maxLength: 12});

let elsewhere: Elsewhere;
before(() => (elsewhere = new Elsewhere()));
after(() => elsewhere.end());

test("a shipped program gives what it gives here", {timeout: 120_000}, async () => {
  await fc.assert(
    fc.asyncProperty(program, calls, async (text, order) => {
      const subject = `const subject = () => all.length === 0 ? [] : [${order.join(", ")}].map((n) => all[n % all.length]()).concat(first, second);`;
      const shipped = (await runCell(text + subject)) as AnyFunction;
      const {code} = capture(shipped as never);
      const there = await elsewhere.runShipped(code);
      const again = await elsewhere.runShipped(code);
      const realm = new Realm();
      const copied = (await revive(code, new Arrivals(realm)))();
      const copiedAgain = (await revive(code, new Arrivals(realm)))();
      const here = shipped();
      assert.deepEqual([there, again, copied, copiedAgain], [here, here, here, here]);
    }),
    {numRuns: 60, endOnFailure: true},
  );
});
