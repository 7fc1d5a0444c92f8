// How many bytes frames hold. A file of its own, so that threads that decode nothing load nothing
// with it.

/** The size of all frames in bytes. */
export function sizeOf(frames: readonly Uint8Array[]): number {
  let sizeBytes = 0;
  for (const frame of frames) sizeBytes += frame.byteLength;
  return sizeBytes;
}
