import assert from "node:assert/strict";
import {test} from "node:test";
import {
  contrast,
  palettes,
  textOn,
  type Role,
} from "../../extensions/execution/diagrams/palette.js";

const colours = Array.from({length: 9}, (_, index) => `c${index}` as Role);

for (const [theme, palette] of Object.entries(palettes)) {
  test(`${theme}: every function's colour stands out from paper and lanes, 3:1`, () => {
    for (const role of [...colours, "bad" as const])
      for (const ground of [palette.paper, palette.lane])
        assert.ok(
          contrast(palette[role], ground) >= 3,
          `${role} on ${ground}: ${contrast(palette[role], ground).toFixed(2)}`,
        );
  });

  test(`${theme}: what is written can be read, 4.5:1`, () => {
    for (const ground of [palette.paper, palette.lane])
      for (const ink of [palette.ink, palette.ink2])
        assert.ok(contrast(ink, ground) >= 4.5, `${ink} on ${ground}`);
    for (const role of colours)
      assert.ok(contrast(textOn(palette[role]), palette[role]) >= 4.5, `text on ${role}`);
  });
}

test("contrast is that of WCAG", () => {
  assert.equal(contrast("#000000", "#ffffff"), 21);
  assert.equal(contrast("#777777", "#777777"), 1);
});
