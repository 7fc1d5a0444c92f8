// The arguments of remote calls: values, or refs of values.

import type {ObjectRef} from "./object-ref.js";

/**
 * An argument of a remote function whose parameter has the type `T`: a value, or a ref of one. The
 * task begins when the value of such a ref is there, and gets the value. A ref inside of another
 * value, as in `{part: ref}`, arrives as a ref.
 *
 * @example
 * ```ts
 * import {get, put, remote, type Argument} from "tasklab";
 *
 * const double = remote((n: number) => 2 * n);
 * const both: Argument<number>[] = [20, put(21)];
 * console.log(await get(both.map((n) => double.remote(n)))); // → [ 40, 42 ]
 * ```
 */
export type Argument<T> = Exclude<T, ObjectRef> | ObjectRef<T>;
export type Arguments<Args extends readonly unknown[]> = {
  [Index in keyof Args]: Argument<Args[Index]>;
};
