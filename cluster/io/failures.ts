// Errors that an agent makes, as `get` will throw them: instances of the library's own classes. What
// encodes them is loaded when the first is made: most processes never make one, and all start sooner.

import type {Frames} from "../backend.js";
import type {Place} from "../core/events.js";
import type {ClusterError} from "../errors.js";

/** `cause`: an encoded error. */
export async function encodeFailure(error: ClusterError, cause?: Frames): Promise<Frames> {
  const {encodeError, encodeCaused} = await (encoder ??= load());
  return cause ? encodeCaused(error, cause) : encodeError(error);
}
export async function failedPlace(error: ClusterError, cause?: Frames): Promise<Place> {
  return {kind: "inline", ok: false, frames: await encodeFailure(error, cause)};
}

type Encoder = Pick<typeof import("../codec.js"), "encodeError" | "encodeCaused">;
let encoder: Promise<Encoder> | null = null;

async function load(): Promise<Encoder> {
  const [codec, errors, {maybeLibraryName, setLibrary}, {setShippingHost}] = await Promise.all([
    import("../codec.js"),
    import("../errors.js"),
    import("../library.js"),
    import("../shipping/host.js"),
  ]);
  setLibrary({...errors});
  setShippingHost({describe: maybeLibraryName});
  return codec;
}
