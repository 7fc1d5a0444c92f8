// Cases that are no single call, so that they stand in a file of their own: by number.

export interface OtherPlace {
  /** From test/. */
  file: string;
  /** A part of the test's name. */
  test: string;
}

export const otherPlaces: Record<number, OtherPlace> = {
  28: {
    file: "cluster/shipping/values-in-time.test",
    test: "are those of the moment of capture",
  },
  30: {
    file: "cluster/shipping/values-in-time.test",
    test: "that a task changes are not changed for the next one",
  },
  31: {file: "cluster/shipping/actors.test", test: "31 an actor's state persists"},
  50: {file: "cluster/shipping/imports.test", test: "50 what a module exports from another one"},
  52: {file: "cluster/shipping/imports.test", test: "52 a module that awaits at its top level"},
  53: {file: "cluster/shipping/imports.test", test: "53 a local TypeScript module"},
  69: {file: "cluster/shipping/values-in-time.test", test: "that are large give one parcel"},
  70: {file: "cluster/shipping/values-in-time.test", test: "however often it is submitted"},
};
