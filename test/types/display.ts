import {
  createDocument,
  display,
  displaySymbol,
  html,
  image,
  latex,
  plotly,
  type Displayable,
  type MimeBundle,
  type Rich,
} from "tasklab";
import {same} from "./same.js";

// Text, or a template of anything.
const text = html("<b>");
same<Rich, typeof text>(true);
const template = html`<b>${1} ${text} ${[text, null]}</b>`;
same<Rich, typeof template>(true);
latex`\frac{1}{2}`;
// @ts-expect-error not any value
html(5);

// A class that shows itself, at once or later.
class Point implements Displayable {
  [displaySymbol]() {
    return {"text/plain": "(1, 1)"};
  }
}
class Later implements Displayable {
  async [displaySymbol](): Promise<MimeBundle> {
    return {};
  }
}
class Wrong implements Displayable {
  // @ts-expect-error a bundle
  [displaySymbol](): string {
    return "";
  }
}
const handle = display(new Point(), {displayId: "a"});
handle.update(new Later());
handle.update(new Wrong(), {raw: true, metadata: {}});
// @ts-expect-error it is the same display
handle.update(1, {displayId: "b"});

image(new Uint8Array(3), {width: 3, height: 4, alt: "a"});
image(new URL("file:///a.png"));
// @ts-expect-error
image(3);
plotly({data: [{y: [1]}]});
// @ts-expect-error without data
plotly({layout: {}});

// Without the DOM's types a document is anything.
const {body} = createDocument();
body.append("a");
