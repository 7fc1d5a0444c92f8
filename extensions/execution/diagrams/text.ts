// How wide text is, near enough to decide whether it fits: no layout engine is asked, so that a
// diagram is the same in a browser and under Node. The widest of the usual fonts (DejaVu Sans,
// which Linux browsers fall back to) sets the measure, so text never runs over.

export const fontFamily =
  'system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';

export function textWidth(text: string, size: number, {bold = false} = {}): number {
  let em = 0;
  for (const char of text) {
    if ("iljt.,:;'|!()[] \u00a0·".includes(char)) em += 0.36;
    else if ("frI-/".includes(char)) em += 0.4;
    else if ("mwMW%".includes(char)) em += 0.93;
    else if (/[A-Z×→]/.test(char)) em += 0.7;
    else em += 0.62;
  }
  return em * size * (bold ? 1.1 : 1);
}

/** The longest of the candidates that fits; "" if none does. */
export function fitting(candidates: string[], width: number, size: number): string {
  return candidates.find((text) => textWidth(text, size) <= width) ?? "";
}

/** Cuts with an ellipsis. */
export function shortened(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text;
  let kept = text;
  while (kept.length > 1 && textWidth(`${kept}…`, size) > width) kept = kept.slice(0, -1);
  return `${kept.trimEnd()}…`;
}

/** Breaks at spaces into lines, but never between a number and its unit. */
export function wrapped(text: string, width: number, size: number, {bold = false} = {}): string[] {
  const lines: string[] = [];
  let line = "";
  const whole = text.replace(/(\d) (?=(?:s|ms|µs|min|%|CPUs?|workers?|runs?)\b|%)/g, "$1\u00a0");
  for (const word of whole.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && textWidth(longer, size, {bold}) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
