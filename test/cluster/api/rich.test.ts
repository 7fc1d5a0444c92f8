import assert from "node:assert/strict";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {test} from "node:test";
import {pathToFileURL} from "node:url";
import {inspect} from "node:util";
import {
  createDocument,
  display,
  displaySymbol,
  html,
  image,
  json,
  latex,
  markdown,
  plotly,
  Rich,
  svg,
  vegalite,
  type MimeBundle,
} from "../../../cluster/index.js";
import {decode, encodeResult} from "../../../cluster/codec/codec.js";
import {setSink} from "../../../cluster/show/show.js";

const png = Buffer.from("\x89PNG\r\n\x1a\n…", "latin1");
const bytes = png.toString("base64");

const bundles: [name: string, value: Rich, data: MimeBundle, metadata?: object][] = [
  ["html", html("<b>"), {"text/html": "<b>", "text/plain": "<b>"}],
  [
    "a template of svg",
    svg`<svg>${1}</svg>`,
    {"image/svg+xml": "<svg>1</svg>", "text/plain": "<svg>1</svg>"},
  ],
  ["markdown", markdown`# ${"a < b"}`, {"text/markdown": "# a < b", "text/plain": "# a < b"}],
  [
    "a formula",
    latex`\frac{1}{2}`,
    {"text/latex": "$$\\frac{1}{2}$$", "text/plain": "\\frac{1}{2}"},
  ],
  ["a formula with its own signs", latex("$x$"), {"text/latex": "$x$", "text/plain": "$x$"}],
  [
    "JSON",
    json({a: new Date(0)}, {expanded: true}),
    {
      "application/json": {a: "1970-01-01T00:00:00.000Z"},
      "text/plain": '{\n  "a": "1970-01-01T00:00:00.000Z"\n}',
    },
    {"application/json": {expanded: true}},
  ],
  [
    "a chart of Vega-Lite",
    vegalite({mark: "bar", title: "Squares"}),
    {
      "application/vnd.vegalite.v5+json": {mark: "bar", title: "Squares"},
      "text/plain": "Vega-Lite chart: Squares",
    },
  ],
  [
    "a chart that makes its specification",
    vegalite({toSpec: () => ({mark: "bar"})}),
    {"application/vnd.vegalite.v5+json": {mark: "bar"}, "text/plain": "Vega-Lite chart"},
  ],
  [
    "a figure of Plotly",
    plotly({data: [{y: [1]}], layout: {title: {text: "One"}}}),
    {
      "application/vnd.plotly.v1+json": {
        ...{data: [{y: [1]}], layout: {title: {text: "One"}}, config: {}},
      },
      "text/plain": "Plotly figure: One",
    },
  ],
  [
    "a picture's bytes, with its size and its words",
    image(png, {width: 3, alt: "a dot"}),
    {"image/png": bytes, "text/plain": "a dot"},
    {"image/png": {width: 3, alt: "a dot"}},
  ],
  [
    "a picture of the web",
    image("https://example.org/a.png?b&c", {alt: `"a"`}),
    {
      "text/html": `<img src="https://example.org/a.png?b&amp;c" alt="&quot;a&quot;">`,
      "text/plain": `"a"`,
    },
  ],
  [
    "a data address",
    image(`data:image/png;base64,${bytes}`),
    {"image/png": bytes, "text/plain": "image/png, 9 bytes"},
  ],
  [
    "a data address of SVG",
    image("data:image/svg+xml,%3Csvg%3E%C3%A4%3C/svg%3E"),
    {"image/svg+xml": "<svg>ä</svg>", "text/plain": "image/svg+xml, 12 characters"},
  ],
];
for (const [name, value, data, metadata = {}] of bundles)
  test(`rich: ${name}`, () => {
    assert.deepEqual(value[displaySymbol](), data);
    assert.deepEqual(value.metadata, metadata);
  });

test("values in a template are escaped, markup goes in as it is, arrays piece by piece", () => {
  const items = ["<a>", "b"].map((item) => html`<li>${item}</li>`);
  const drawing = svg`<svg/>`;
  const list = html`<ul title="${`"x"`}">
    ${[items, drawing, null, false, 0]}
  </ul>`;
  assert.equal(
    String(list).replace(/\s*\n\s*/g, ""),
    '<ul title="&quot;x&quot;"><li>&lt;a&gt;</li><li>b</li><svg/>0</ul>',
  );
});

const pictures: [type: string, start: string][] = [
  ["image/png", "\x89PNG\r\n\x1a\n"],
  ["image/jpeg", "\xff\xd8\xff\xe0"],
  ["image/gif", "GIF89a"],
  ["image/webp", "RIFF\x01\x02\x03\x04WEBP"],
];
for (const [type, start] of pictures)
  test(`a picture is known by how it begins: ${type}`, () => {
    const given = Buffer.from(start, "latin1");
    assert(type in image(given).data);
    assert(type in image(new Uint8Array(given).buffer).data);
  });

test("a picture's file is read; an SVG is text", () => {
  const folder = mkdtempSync(join(tmpdir(), "tasklab-image-"));
  try {
    const [dot, drawing] = [join(folder, "dot.png"), join(folder, "drawing.svg")];
    writeFileSync(dot, png);
    writeFileSync(drawing, `<?xml version="1.0"?>\n<!-- a > b -->\n<svg width="1"></svg>`);
    assert.equal(image(dot).data["image/png"], bytes);
    assert.equal(image(pathToFileURL(dot)).data["image/png"], bytes);
    assert.match(String(image(drawing).data["image/svg+xml"]), /<svg/);
    assert.throws(() => image(join(folder, "none.png")), /ENOENT.*none\.png/);
  } finally {
    rmSync(folder, {recursive: true});
  }
});

const refused: [name: string, make: () => unknown, message: RegExp][] = [
  [
    "bytes of nothing known",
    () => image(Buffer.from("hello")),
    /image: 5 bytes that begin as no PNG/,
  ],
  [
    "a chart that is none",
    () => vegalite([] as object),
    /vegalite: the specification must be an object/,
  ],
  ["a figure without data", () => plotly({} as never), /plotly: the figure has no array `data`/],
  ["what JSON can't hold", () => json(() => {}), /json: JSON can't hold a function/],
];
for (const [name, make, message] of refused)
  test(`refused at once: ${name}`, () => assert.throws(make, {name: "UsageError", message}));

test("a rich value is a task's result like any other", () => {
  const given = image(png, {width: 3});
  const {frames} = encodeResult(given, "draw");
  const arrived = decode(frames, {copy: true}) as Rich;
  assert(arrived instanceof Rich);
  assert.deepEqual({...arrived}, {...given});
});

test("in a plain program a rich value is its text", () => {
  assert.equal(String(markdown("# a")), "# a");
  assert.equal(inspect([html("<b>")]), "[ Rich(text/html, text/plain) ]");
});

test("display hands its value to the sink, and its handle the next one", () => {
  const shown: unknown[] = [];
  const before = setSink({
    display: (value, {displayId, update}) => shown.push([value, displayId, update]),
    clear: () => {},
  });
  try {
    const handle = display(1, {displayId: "d"});
    handle.update(2);
    assert.deepEqual(shown, [
      [1, "d", false],
      [2, "d", true],
    ]);
    assert.notEqual(display(3).displayId, display(4).displayId);
  } finally {
    setSink(before);
  }
});

test("a document is made when asked for, and none is global", () => {
  const document = createDocument();
  const element = document.createElement("p");
  element.textContent = "a < b";
  assert.equal(element.outerHTML, "<p>a &lt; b</p>");
  assert.notEqual(createDocument(), document);
  assert.equal("document" in globalThis, false);
});
