// What a cell gives its client beside output: help to be shown as a page, text for a cell.

export interface HelpPage {
  plain: string;
  markdown: string;
}

export class Payload {
  readonly #pages: HelpPage[] = [];
  #input: string | null = null;

  show(page: HelpPage): void {
    this.#pages.push(page);
  }
  /** The text takes the cell's place; the last one holds. */
  replaceInput(text: string): void {
    this.#input = text;
  }

  /** As an execute_reply has it: one page for all, for clients show the first. */
  list(): Record<string, unknown>[] {
    const payload: Record<string, unknown>[] = [];
    if (this.#pages.length > 0) {
      const joined = (kind: keyof HelpPage) => this.#pages.map((page) => page[kind]).join("\n\n");
      const data = {"text/plain": joined("plain"), "text/markdown": joined("markdown")};
      payload.push({source: "page", data, start: 0});
    }
    if (this.#input !== null)
      payload.push({source: "set_next_input", text: this.#input, replace: true});
    return payload;
  }
}
