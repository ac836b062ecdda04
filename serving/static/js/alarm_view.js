/**
 * An alarm in words and pictures: what was counted against what was expected, how sure that is, the
 * requests and terms behind it, and its life. The sentence is the service's own, in Chinese.
 */

import { countChart, numbersTable } from "./charts.js";
import { el, han } from "./dom.js";
import { has, listed, t } from "./i18n.js";
import { nameOf } from "./names.js";
import { moment } from "./times.js";

const SHOWN = ["day", "count", "expected", "times", "chance", "method", "threshold", "dispersion"];

/** Return the kind as a tag. */
export const kindTag = ({ kind }) => el("span", { class: `tag kind ${kind}` }, t(`alarms.${kind}`));

/** Return what the colours of a timeline mean, and how many there are of each. */
export function kindLegend(alarms) {
  const kinds = ["outbreak", "emerging", "silence", "load"].map((kind) => [kind, alarms.filter((one) => one.kind === kind).length]);
  return el("ul", { class: "chart-legend" }, ...kinds.filter(([, n]) => n).map(([kind, n]) => el("li", {}, el("i", { class: `mark ${kind}`, "aria-hidden": "true" }), `${t(`alarms.${kind}`)} ${n}`)));
}

/** Return the state as a tag, with its outcome. */
export function stateTag({ state, outcome }) {
  return el("span", { class: state === "OPEN" ? "tag warn" : "tag" }, t(`alarms.${state}`), outcome ? `：${t(`outcomes.${outcome}`)}` : "");
}

/** Return when it was opened. */
export const openedAt = ({ opened_at: at }) => el("time", { datetime: at, class: "num muted" }, moment(at));

/** Return where it is. */
export const placeOf = ({ area }) => (area ? nameOf("regions", area) : t("forecast.city"));

/** Return everything that is known of an alarm, below its heading. */
export function parts(alarm, width) {
  const { evidence } = alarm;
  return [
    han("p", evidence.summary ?? alarm.series, "alarm-summary"),
    ...proposals(evidence.proposes ?? []),
    ...curve(evidence, width),
    facts(alarm),
    ...chips(t("alarms.terms"), evidence.terms),
    ...series(evidence.parts),
    ...requests(evidence.requests),
    el("h3", {}, t("alarms.life")),
    el("ol", { class: "timeline" }, ...[...alarm.steps].reverse().map(step)),
  ];
}

function proposals(wanted) {
  const said = wanted.map((one) => (one.startsWith("merge:") ? t("alarms.propose.merge", { id: one.slice(6) }) : t("alarms.propose.mode")));
  return said.length ? [el("section", { class: "notice advice" }, el("h3", {}, t("alarms.proposes")), ...said.map((words) => el("p", {}, words)), el("p", {}, el("a", { href: "queue" }, t("alarms.propose.where"))))] : [];
}

function curve({ curve: points = [], summary = "", threshold: limit = null, window_days: days }, width) {
  const threshold = days === 1 ? limit : null; // that of several days is none of one day's
  if (points.length === 0) return [];
  const rows = points.map((one) => [one.at, String(one.count), one.expected === null ? "—" : String(one.expected)]);
  return [
    el("h3", {}, t("alarms.curve")),
    countChart({ points, label: summary, threshold: typeof threshold === "number" ? threshold : null, width }),
    el("ul", { class: "chart-legend" }, ...[["bar-of", "alarms.counted"], ["expected", "alarms.expected"], ...(typeof threshold === "number" ? [["threshold", "alarms.threshold"]] : [])].map(([kind, key]) => el("li", {}, el("i", { class: `mark ${kind}`, "aria-hidden": "true" }), t(key)))),
    numbersTable([t("forecast.when"), t("alarms.counted"), t("alarms.expected")], rows),
  ];
}

function facts({ evidence, area, series: code, seen_at: seen, recipients }) {
  const known = SHOWN.filter((name) => evidence[name] !== undefined && evidence[name] !== null).map((name) => [t(`evidence.${name}`), told(name, evidence[name])]);
  const more = [[t("alarms.where"), han("span", placeOf({ area }))], [t("alarms.seen"), moment(seen)], [t("alarms.recipients"), listed(recipients.map((role) => (has(`roles.${role}`) ? t(`roles.${role}`) : role)))], [t("alarms.series"), el("code", {}, code)]];
  const counted = Object.entries(evidence.statistics ?? {}).map(([name, value]) => [has(`statistics.${name}`) ? t(`statistics.${name}`) : name, String(value)]);
  return el("dl", { class: "facts" }, ...[...known, ...counted, ...more].map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function told(name, value) {
  if (name === "method") return has(`methods.${value}`) ? t(`methods.${value}`) : String(value);
  if (name === "times") return t("evidence.times.n", { n: value });
  if (name === "chance") return value < 1e-6 ? t("evidence.chance.least") : value < 0.001 ? Number(value).toExponential(1) : `${(100 * value).toPrecision(2)}%`;
  return typeof value === "number" ? String(Math.round(value * 100) / 100) : String(value);
}

function chips(title, words = []) {
  return words.length ? [el("h3", {}, title), el("p", {}, ...words.map((word) => han("span", word, "chip")))] : [];
}

function series(codes = []) {
  return codes.length ? [el("h3", {}, t("alarms.parts")), el("ul", { class: "plain" }, ...codes.map((code) => el("li", {}, el("code", {}, String(code)))))] : [];
}

function requests(ids = []) {
  return ids.length ? [el("h3", {}, t("alarms.requests", { n: ids.length })), el("p", { class: "codes" }, ...ids.flatMap((id) => [el("code", {}, id), " "]))] : [];
}

function step({ step: name, at, actor, note }) {
  return el("li", { "data-step": name }, el("time", { datetime: at, class: "num muted" }, moment(at)), el("div", {}, el("b", {}, t(`steps_of.${name}`)), " ", el("span", { class: "muted" }, actor), note ? han("p", note) : ""));
}
