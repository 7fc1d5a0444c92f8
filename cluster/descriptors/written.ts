import {StringDecoder} from "node:string_decoder";

/**
 * Returns a function that gives the text of each chunk written to a stream. Chunks may be cut in
 * the midst of a character.
 */
export function writtenText(): (chunk: string | Uint8Array, encoding?: unknown) => string {
  const decoder = new StringDecoder("utf8");
  return (chunk, encoding) => {
    if (typeof chunk !== "string") return decoder.write(chunk as Buffer);
    const isText = typeof encoding !== "string" || /^utf-?8$/i.test(encoding);
    if (!isText && Buffer.isEncoding(encoding)) return decoder.write(Buffer.from(chunk, encoding));
    return decoder.end() + chunk;
  };
}
