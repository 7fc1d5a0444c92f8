// `name?`, `?name` and, with all details, `name??`: a cell that asks for help, as in IPython.

export interface HelpWanted {
  /** A dotted name of the session, or a magic with its sign. */
  name: string;
  detail: 0 | 1;
}

const name = String.raw`(?:%{0,2}[\p{ID_Start}$_][\p{ID_Continue}$]*(?:\.[\p{ID_Start}$_#][\p{ID_Continue}$]*)*|!)`;
const before = new RegExp(String.raw`^\s*(\?\??)\s*(${name})\s*;?\s*$`, "u");
const behind = new RegExp(String.raw`^\s*(${name})(\?\??)\s*$`, "u");

/**
 * The whole cell must be the question: in the midst of others `a?` begins a choice between two
 * values.
 */
export function helpWanted(cell: string): HelpWanted | null {
  if (!cell.includes("?")) return null;
  const [, marksBefore, nameBehind] = before.exec(cell) ?? [];
  const [, nameBefore, marksBehind] = behind.exec(cell) ?? [];
  const name = nameBehind ?? nameBefore;
  const marks = marksBefore ?? marksBehind;
  return name === undefined ? null : {name, detail: marks === "??" ? 1 : 0};
}
