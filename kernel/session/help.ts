// The help page that `name?` shows. A magic describes itself; TypeScript describes all other names.

import type {HelpWanted} from "../magics/help.js";
import type {MagicTable} from "../magics/magic.js";
import type {CompilerClient} from "../compiler/compiler-client.js";
import type {HelpPage} from "./payload.js";

/** Null when nothing is known of the name. */
export async function helpPage(
  {name, detail}: HelpWanted,
  magics: MagicTable,
  compiler: CompilerClient,
): Promise<HelpPage | null> {
  const [, sign, magic] = /^(%+|!)(.*)$/.exec(name) ?? [];
  if (sign !== undefined) {
    const plain = magics.help(magic || sign);
    return {plain, markdown: `\`\`\`text\n${plain}\n\`\`\``};
  }
  // A value, or else a type.
  for (const code of [name, `0 as unknown as ${name}`]) {
    const {text} = await compiler.request({kind: "inspect", code, cursor: code.length, detail});
    if (text) return text;
  }
  return null;
}
