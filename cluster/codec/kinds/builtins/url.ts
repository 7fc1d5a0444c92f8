// URLs and their parameters.

import type {Kind} from "../../kind.js";
import {dress, extrasOf, type Shape} from "../../shapes.js";
import {isA} from "./own.js";

/**
 * [href, shape | null, shape of its `searchParams` | null]. A URL and its `searchParams` are one
 * value, since changes of one are seen in the other.
 */
export const url: Kind = {
  tag: 19,
  dismantle(object, to) {
    if (!isA(URL, "href", object)) return undefined;
    const {searchParams} = object;
    if (to.objects.has(searchParams))
      to.refuse("a URL whose `searchParams` come before it", "take them from the URL in the task");
    const shape = extrasOf(to, object, URL.prototype);
    to.objects.set(searchParams, to.objects.size);
    to.path.push("searchParams");
    const ofParams = extrasOf(to, searchParams, URLSearchParams.prototype);
    to.path.pop();
    return to.token(url.tag, [object.href, shape, ofParams]);
  },
  assemble([href, shape, ofParams]: [unknown, Shape | null, Shape | null], from, pending) {
    const made = pending.fill(new URL(from.value(href) as string));
    dress(from, made, shape);
    from.count(made.searchParams);
    dress(from, made.searchParams, ofParams);
    return made;
  },
};

/** [text, shape | null] */
export const urlSearchParams: Kind = {
  tag: 20,
  dismantle(object, to) {
    if (!isA(URLSearchParams, "size", object)) return undefined;
    const text = URLSearchParams.prototype.toString.call(object);
    const shape = extrasOf(to, object, URLSearchParams.prototype);
    return to.token(urlSearchParams.tag, [text, shape]);
  },
  assemble: ([text, shape]: [unknown, Shape | null], from, pending) =>
    dress(from, pending.fill(new URLSearchParams(from.value(text) as string)), shape),
};
