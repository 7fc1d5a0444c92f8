/** @jsx h */
type Props = Record<string, unknown> | null;
declare global { namespace JSX { interface IntrinsicElements { [name: string]: object } } }
function h(tag: string | ((props: Props) => unknown), props: Props, ...rest: unknown[]): unknown {
  return typeof tag === "string" ? [tag, props ?? {}, ...rest] : tag(props);
}
const title = <h1 id="a">Sum: {1 + 1}</h1>;
title
// ---
// Without a word about JSX, a cell is TypeScript: this is a cast.
const cast = <number>(1 as unknown);
cast
// ---
/** @jsx h */
const Row = ({name}: {name: string}) => <li>{name}</li>;
<ul>
  {["a", "b"].map((name) => <Row name={name} />)}
</ul>
// ---
/** @jsx h */
<p>
  {title}
  {missing}
</p>
// ---
/** @jsx h */
<p>
  {(() => {
    throw new Error("in the midst of JSX");
  })()}
</p>
// ---
import {view} from "./view.tsx";
view
