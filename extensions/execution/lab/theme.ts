// JupyterLab's theme, as the page says it: works for the panel and for outputs alike.

import type {Theme} from "../diagrams/palette.js";

export function currentTheme(): Theme {
  return document.body.dataset["jpThemeLight"] === "false" ? "dark" : "light";
}

/** Calls `changed` when the theme does. Returns an undo. */
export function watchTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, {attributes: true, attributeFilter: ["data-jp-theme-light"]});
  return () => observer.disconnect();
}
