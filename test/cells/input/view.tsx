/** @jsx make */
const make = (tag: string, _props: unknown, ...rest: unknown[]): unknown => [tag, ...rest];
declare global {
  namespace JSX {
    interface IntrinsicElements {
      em: object;
    }
  }
}
export const view = <em>a local file</em>;
