// How much frames hold. A room of its own, so that threads that decode nothing load nothing with it.

/** In bytes. */
export function sizeOf(frames: readonly Uint8Array[]): number {
  let sizeBytes = 0;
  for (const frame of frames) sizeBytes += frame.byteLength;
  return sizeBytes;
}
