/**
 * Alarms on a timeline, a row a district: from when each opened until it ended, the kind as colour
 * and letter. A mark is a link for mouse and screen reader; the list below is the way of the keys.
 */

import { t } from "./i18n.js";
import { nameOf } from "./names.js";
import { drawing, svg, words } from "./svg.js";

const LEFT = 76;
const RIGHT = 12;
const ROW = 20;
const DAY = 86_400_000;
const MOST_ROWS = 40;

/** Return the drawing; `since` is the first day, `onPick(id)` hears of a chosen mark. */
export function timelineChart(alarms, { since, chosen, onPick, width = 920 }) {
  const begins = Date.parse(`${since}T00:00:00+08:00`);
  const ends = Math.max(Date.now(), ...alarms.map((one) => Date.parse(one.opened_at)));
  const x = (at) => LEFT + ((width - LEFT - RIGHT) * (Math.min(Math.max(at, begins), ends) - begins)) / Math.max(ends - begins, 1);
  const lanes = lanesOf(alarms);
  const height = ROW * lanes.length + 26;
  return drawing(
    { width, height, label: t("alarms.label", { n: alarms.length, areas: new Set(alarms.map((one) => one.area)).size }), kind: "timeline-chart" },
    ...days(begins, ends, x, { width, height }),
    ...lanes.flatMap((lane, index) => [
      lane.name === null ? null : words(LEFT - 8, ROW * index + 14, lane.name, "end"),
      ...lane.alarms.map((one) => mark(one, index, x, ends, { isChosen: one.id === chosen, onPick })),
    ]),
  );
}

/** Rows by district, the most alarms first; those that overlap in time take rows of their own. */
function lanesOf(alarms) {
  const areas = Map.groupBy ? Map.groupBy(alarms, (one) => one.area) : grouped(alarms);
  const ordered = [...areas].sort(([, a], [, b]) => b.length - a.length);
  const lanes = ordered.flatMap(([area, found]) => {
    const rows = [];
    for (const one of [...found].sort((a, b) => a.opened_at.localeCompare(b.opened_at))) {
      const free = rows.find((row) => (row.at(-1).closed_at ?? "9999") <= one.opened_at);
      if (free) free.push(one);
      else rows.push([one]);
    }
    return rows.map((row, index) => ({ name: index ? null : area ? nameOf("regions", area) : t("forecast.city"), alarms: row }));
  });
  return lanes.slice(0, MOST_ROWS);
}

function grouped(alarms) {
  const areas = new Map();
  for (const one of alarms) areas.set(one.area, [...(areas.get(one.area) ?? []), one]);
  return areas;
}

function mark(one, index, x, ends, { isChosen, onPick }) {
  const from = x(Date.parse(one.opened_at));
  const to = x(one.closed_at ? Date.parse(one.closed_at) : ends);
  const made = svg(
    "g",
    { class: `alarm-mark ${one.kind}${one.outcome === "FALSE" ? " false" : ""}${isChosen ? " chosen" : ""}`, "data-alarm": one.id },
    svg("rect", { x: from, y: ROW * index + 3, width: Math.max(to - from, 6), height: ROW - 6, rx: 2 }),
    svg("title", {}, `${one.id} ${t(`alarms.${one.kind}`)} ${t(`alarms.${one.state}`)}：${one.evidence.summary ?? one.series}`),
  );
  made.addEventListener("click", () => onPick(one.id));
  return made;
}

function days(begins, ends, x, { width, height }) {
  const count = Math.ceil((ends - begins) / DAY);
  const every = Math.max(1, Math.ceil(count / Math.max(2, width / 90)));
  const found = [];
  for (let n = 0; n <= count; n += every) {
    const at = begins + n * DAY;
    if (at > ends) break;
    const label = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date(at)).slice(5);
    found.push(svg("line", { x1: x(at), x2: x(at), y1: 0, y2: height - 20, class: "grid" }), words(x(at), height - 6, label, n === 0 ? "start" : "middle"));
  }
  return found;
}
