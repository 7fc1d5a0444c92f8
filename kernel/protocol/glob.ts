// Patterns of file names, as SQLite's GLOB has them: `*`, `?`, `[a-z]`, `[^a-z]`. Not by way of a
// regular expression: some patterns would take it for ever, and the I/O thread must not stand
// still.

type Part = "*" | ((character: string) => boolean);

/** Does the pattern match the whole text? Takes at most the product of their lengths. */
export function glob(pattern: string): (text: string) => boolean {
  const parts = partsOf([...pattern]);
  return (text) => {
    const characters = [...text];
    let part = 0;
    let at = 0;
    // Where the last star stands, and up to where it has eaten.
    let star = -1;
    let eaten = 0;
    while (at < characters.length) {
      const wanted = parts[part];
      if (wanted === "*") {
        star = part++;
        eaten = at;
      } else if (wanted?.(characters[at]!)) {
        part++;
        at++;
      } else if (star >= 0) {
        part = star + 1;
        at = ++eaten;
      } else return false;
    }
    return parts.slice(part).every((left) => left === "*");
  };
}

function partsOf(pattern: readonly string[]): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === "*") parts.push("*");
    else if (character === "?") parts.push(() => true);
    else if (character === "[") {
      const isNot = pattern[at + 1] === "^";
      const from = at + (isNot ? 2 : 1);
      // A bracket right at the beginning belongs to the set.
      const end = pattern.indexOf("]", from + 1);
      if (end < 0) return [() => false];
      const isIn = setOf(pattern.slice(from, end));
      parts.push((one) => isIn(one) !== isNot);
      at = end;
    } else parts.push((one) => one === character);
  }
  return parts;
}

function setOf(set: readonly string[]): (character: string) => boolean {
  const ranges: [from: string, to: string][] = [];
  for (let at = 0; at < set.length; at++) {
    const isRange = set[at + 1] === "-" && at + 2 < set.length;
    ranges.push([set[at]!, set[isRange ? at + 2 : at]!]);
    if (isRange) at += 2;
  }
  return (character) => ranges.some(([from, to]) => from <= character && character <= to);
}
