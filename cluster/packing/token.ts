// A token stands in a packed tree for a value that MessagePack can't hold (codec/kinds).

export class Token {
  /** The number of the value's kind, or a mark of the codec (codec/marks.ts). */
  readonly tag: number;
  readonly body: unknown;
  constructor(tag: number, body: unknown) {
    this.tag = tag;
    this.body = body;
  }
}
