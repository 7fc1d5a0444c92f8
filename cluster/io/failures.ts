// Errors that an agent makes, as `get` will throw them: instances of the library's own classes. What
// encodes them is loaded when the first is made: most processes never make one, and all start sooner.

import type {Frames} from "../backend.js";
import type {Place} from "../core/events.js";
import type {ClusterError} from "../errors.js";

export async function encodeFailure(error: ClusterError): Promise<Frames> {
  const {encodeError} = await (encoder ??= load());
  return encodeError(error);
}
export async function failedPlace(error: ClusterError): Promise<Place> {
  return {kind: "inline", ok: false, frames: await encodeFailure(error)};
}

type Encoder = Pick<typeof import("../codec.js"), "encodeError">;
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
