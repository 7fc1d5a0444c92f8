// What stands in a packed tree for a value that MessagePack can't hold: the codec's tokens (codec/kinds).

export class Token {
  /** The number of the value's kind. */
  readonly tag: number;
  readonly body: unknown;
  constructor(tag: number, body: unknown) {
    this.tag = tag;
    this.body = body;
  }
}
