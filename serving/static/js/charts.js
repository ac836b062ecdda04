/**
 * The charts of the watching pages: a series with its forecast and intervals, counts beside what
 * was expected, and bars. Each has its numbers in a table too, for whoever cannot see or wants to
 * copy them.
 */

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { band, drawing, path, svg, ticks, words } from "./svg.js";

const EDGE = { left: 44, right: 12, top: 10, bottom: 24 };

/**
 * Return counts and a forecast. `known` are `{ date, requests }`, `steps` those of the service,
 * `levels` percents of the intervals, the widest drawn lightest. With `small` there are no axes.
 */
export function forecastChart({ known, steps, levels, label, small = false, width: room = 920 }) {
  const edge = small ? { left: 2, right: 2, top: 4, bottom: 4 } : EDGE;
  const [width, height] = small ? [220, 70] : [room, 260];
  const wide = levels.length ? Math.max(...levels) : null;
  const top = wide === null ? (step) => step.median : (step) => step[`hi-${wide}`];
  const marks = ticks(Math.max(1, ...known.map((day) => day.requests), ...steps.map(top)));
  const most = small ? Math.max(1, ...known.map((day) => day.requests), ...steps.map(top)) : marks.at(-1);
  const count = known.length + steps.length;
  const x = (index) => edge.left + ((width - edge.left - edge.right) * (index + 0.5)) / Math.max(count, 1);
  const y = (value) => edge.top + (height - edge.top - edge.bottom) * (1 - value / most);
  const ahead = (key) => steps.map((step, index) => [x(known.length + index), y(step[key])]);
  return drawing(
    { width, height, label, kind: small ? "small" : "" },
    ...(small ? [] : grid(marks, y, width)),
    ...[...levels].sort((a, b) => b - a).map((level, index) => band(ahead(`hi-${level}`), ahead(`lo-${level}`), `band band-${index}`)),
    path(known.map((day, index) => [x(index), y(day.requests)]), "counted"),
    path(ahead("median"), "expected"),
    ...(small ? [] : dates([...known, ...steps].map((one) => one.date), x, { width, height })),
    ...(small ? [] : known.map((day, index) => dot(x(index), y(day.requests), `${day.date} ${day.requests}`))),
    ...(small ? [] : steps.map((step, index) => dot(x(known.length + index), y(step.median), told(step, levels), "ahead"))),
  );
}

/** Return counts as bars and what was expected as a line; `points` are `{ at, count, expected }`. */
export function countChart({ points, label, threshold = null, width = 620 }) {
  const height = 180;
  const marks = ticks(Math.max(1, ...points.flatMap((one) => [one.count, one.expected ?? 0]), threshold ?? 0));
  const room = (width - EDGE.left - EDGE.right) / Math.max(points.length, 1);
  const x = (index) => EDGE.left + room * (index + 0.5);
  const thick = Math.min(room * 0.8, 40);
  const y = (value) => EDGE.top + (height - EDGE.top - EDGE.bottom) * (1 - value / marks.at(-1));
  const bars = points.map((one, index) =>
    svg(
      "rect",
      { x: x(index) - thick / 2, width: thick, y: y(one.count), height: y(0) - y(one.count), class: "bar-of" },
      svg("title", {}, one.expected === null || one.expected === undefined ? `${one.at} ${one.count}` : t("chart.point", { at: one.at, n: one.count, expected: one.expected })),
    ),
  );
  const expected = points.flatMap((one, index) => (one.expected === null || one.expected === undefined ? [] : [[x(index), y(one.expected)]]));
  return drawing(
    { width, height, label },
    ...grid(marks, y, width),
    ...bars,
    path(expected, "expected"),
    threshold !== null && svg("line", { x1: EDGE.left, x2: width - EDGE.right, y1: y(threshold), y2: y(threshold), class: "threshold" }),
    ...dates(points.map((one) => one.at), x, { width, height }),
  );
}

/** Return lying bars in HTML: `rows` are `{ name, value, text, mark }`, names as nodes or text. */
export function bars(rows, { most = Math.max(...rows.map((row) => Math.abs(row.value)), 1e-9), kind = "" } = {}) {
  const lines = rows.map((row) => {
    const fill = el("span", { class: "bar-fill" });
    fill.style.setProperty("--share", Math.min(Math.abs(row.value) / most, 1));
    return el(
      "li",
      { class: row.mark ? "marked" : null },
      el("span", { class: "part" }, row.name),
      el("span", { class: "bar-track", "aria-hidden": "true" }, fill),
      el("span", { class: "num points" }, row.text),
      row.note ?? el("span", {}),
    );
  });
  return el("ul", { class: `score-parts ${kind}` }, ...lines);
}

/** Return a table that can be opened: `heads` are words, `rows` arrays of text. */
export function numbersTable(heads, rows, summary = t("chart.numbers")) {
  return el(
    "details",
    { class: "numbers" },
    el("summary", {}, summary),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": summary }, table(heads, rows)),
  );
}

/** Return a table; the first column names the row. */
export function table(heads, rows) {
  return el(
    "table",
    {},
    el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((cell, index) => (index === 0 ? el("th", { scope: "row" }, cell) : el("td", { class: "num" }, cell)))))),
  );
}

/** Return what is said where there is nothing: why, and the command that changes it. */
export function emptyState(text, command = null) {
  return el("div", { class: "empty-state" }, el("p", {}, text), command && el("p", {}, t("chart.run"), " ", el("code", {}, command)));
}

function grid(marks, y, width) {
  return marks.flatMap((mark) => [
    svg("line", { x1: EDGE.left, x2: width - EDGE.right, y1: y(mark), y2: y(mark), class: "grid" }),
    words(EDGE.left - 6, y(mark) + 4, mark.toLocaleString("en-US"), "end"),
  ]);
}

/** Dates below the drawing, as many as there is room for; hours are named by day and time. */
function dates(labels, x, { width, height }) {
  const every = Math.max(1, Math.ceil(labels.length / Math.max(2, width / 90)));
  return labels.flatMap((label, index) => (index % every ? [] : [words(x(index), height - 7, short(label), "middle")]));
}

const short = (label) => String(label).slice(5, 16).replace("T", " ");

function told(step, levels) {
  const parts = [...levels].sort((a, b) => a - b).map((level) => t("chart.interval", { level, low: round(step[`lo-${level}`]), high: round(step[`hi-${level}`]) }));
  return [t("chart.step", { at: step.date, n: round(step.median) }), ...parts].join(" ");
}

const dot = (cx, cy, title, kind = "") => svg("circle", { cx, cy, r: 4, class: `dot ${kind}` }, svg("title", {}, title));

const round = (value) => Math.round(value * 10) / 10;
