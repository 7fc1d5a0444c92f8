// Walks the bars of a drawing with the arrow keys: left and right in time, up and down to the
// nearest bar of the next row. One bar at a time can be reached with Tab.

interface Place {
  bar: SVGGElement;
  left: number;
  right: number;
  middle: number;
}

/** Makes the bars of `host` walkable; `choose` is told of clicks and Enter. Returns an undo. */
export function makeWalkable(host: HTMLElement, choose: (bar: SVGGElement) => void): () => void {
  const onKey = (event: KeyboardEvent): void => {
    const bar = barAt(event.target);
    if (bar === null) return;
    if (event.key === "Enter" || event.key === " ") choose(bar);
    else {
      const next = neighbour(host, bar, event.key);
      if (next === undefined) return;
      focusBar(host, next);
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const onClick = (event: MouseEvent): void => {
    const bar = barAt(event.target);
    if (bar === null) return;
    focusBar(host, bar);
    choose(bar);
  };
  host.addEventListener("keydown", onKey);
  host.addEventListener("click", onClick);
  return () => {
    host.removeEventListener("keydown", onKey);
    host.removeEventListener("click", onClick);
  };
}

/** Keeps exactly one bar reachable with Tab; call it after each update. */
export function keepOneReachable(host: HTMLElement): void {
  const bars = barsOf(host);
  if (bars.length === 0 || bars.some((bar) => bar.getAttribute("tabindex") === "0")) return;
  bars[0]?.setAttribute("tabindex", "0");
}

function focusBar(host: HTMLElement, bar: SVGGElement): void {
  for (const other of barsOf(host))
    if (other !== bar && other.getAttribute("tabindex") === "0")
      other.setAttribute("tabindex", "-1");
  bar.setAttribute("tabindex", "0");
  bar.focus();
}

function neighbour(host: HTMLElement, bar: SVGGElement, key: string): SVGGElement | undefined {
  const here = placeOf(bar);
  const others = barsOf(host)
    .filter((other) => other !== bar)
    .map(placeOf);
  const isSameRow = (place: Place) => Math.abs(place.middle - here.middle) < 2;
  const nearest = (places: Place[], distance: (place: Place) => number) =>
    places.toSorted((a, b) => distance(a) - distance(b))[0]?.bar;
  const far = (place: Place) => Math.abs(place.left - here.left);
  switch (key) {
    case "ArrowRight":
      return nearest(
        others.filter((each) => isSameRow(each) && each.left > here.left),
        far,
      );
    case "ArrowLeft":
      return nearest(
        others.filter((each) => isSameRow(each) && each.left < here.left),
        far,
      );
    case "ArrowDown":
    case "ArrowUp": {
      const sign = key === "ArrowDown" ? 1 : -1;
      const beyond = others.filter((each) => sign * (each.middle - here.middle) >= 2);
      const row = Math.min(...beyond.map((each) => sign * each.middle));
      return nearest(
        beyond.filter((each) => sign * each.middle - row < 2),
        far,
      );
    }
    case "Home":
      return nearest(others.filter(isSameRow), (place) => place.left);
    case "End":
      return nearest(others.filter(isSameRow), (place) => -place.left);
    default:
      return undefined;
  }
}

function placeOf(bar: SVGGElement): Place {
  const {left, right, top, bottom} = bar.getBoundingClientRect();
  return {bar, left, right, middle: (top + bottom) / 2};
}

function barsOf(host: HTMLElement): SVGGElement[] {
  return [...host.querySelectorAll<SVGGElement>("g.bar[tabindex]")];
}

function barAt(target: EventTarget | null): SVGGElement | null {
  return target instanceof Element ? target.closest<SVGGElement>("g.bar[tabindex]") : null;
}
