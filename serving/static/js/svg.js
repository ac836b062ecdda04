/**
 * Charts as SVG, built element by element: no library, no style attribute, every value also in
 * words. What a chart is of is the caller's business; colours are classes of `watch.css`.
 */

const NAMESPACE = "http://www.w3.org/2000/svg";

/** Return an SVG element; children are elements or text, null and false are skipped. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== false));
  return element;
}

/** Return a drawing of so many units; `label` says in words what it shows. */
export function drawing({ width, height, label, kind = "" }, ...children) {
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, class: `drawing ${kind}`, role: "img", "aria-label": label }, ...children);
}

/** Return words at a place; `anchor` is start, middle or end. */
export function words(x, y, text, anchor = "start", kind = null) {
  return svg("text", { x: round(x), y: round(y), "text-anchor": anchor, class: kind }, text);
}

/** Return a line through points (x, y). */
export const path = (points, kind) =>
  svg("polyline", { points: points.map(([x, y]) => `${round(x)},${round(y)}`).join(" "), class: kind });

/** Return the area between two lines over the same xs. */
export function band(upper, lower, kind) {
  const around = [...upper, ...[...lower].reverse()];
  return svg("polygon", { points: around.map(([x, y]) => `${round(x)},${round(y)}`).join(" "), class: kind });
}

/** Return a few round numbers from 0 that reach `most`. */
export function ticks(most, count = 4) {
  const raw = Math.max(most, 1) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max([1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw), 1);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, n) => n * step);
}

/** Return the units of width that an element has room for: one a pixel, so that words stay small. */
export const roomOf = (element) => Math.min(Math.max(element.clientWidth || 920, 280), 1600);

/** Draw again where the width of the page has changed and rests. */
export function onResize(draw) {
  let width = innerWidth;
  let timer = 0;
  addEventListener("resize", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (innerWidth === width) return;
      width = innerWidth;
      draw();
    }, 150);
  });
}

/** Round to a tenth of a unit: shorter, and nobody sees the rest. */
export const round = (value) => Math.round(value * 10) / 10;
