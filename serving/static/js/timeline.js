/**
 * What happened to an order, newest first, each event in words; codes of people never as digests.
 */

import { el, han } from "./dom.js";
import { has, listed, t } from "./i18n.js";
import { nameOf } from "./names.js";
import { moment } from "./times.js";

const UNITS = ["unit", "lead"];
const WORDS = ["basis", "note", "reason", "purpose", "body", "into", "order", "working_days"];

/** Return the events as a list; `reasonName(code)` names the reason of a move. */
export function timeline(events, reasonName) {
  return el("ol", { class: "timeline" }, ...[...events].reverse().map((event) => line(event, reasonName)));
}

/** Return the last suggestion among the events, or null. */
export function lastSuggestion(events) {
  const found = events.filter((event) => event.kind === "prediction" && event.body.units);
  return found.length ? found.at(-1).body : null;
}

/** Return the name of what happened. */
export const eventName = (kind) => (has(`events.${kind}`) ? t(`events.${kind}`) : kind);

function line({ kind, at, actor, body }, reasonName) {
  const details = kind === "prediction" || kind === "intake" ? [] : told(kind, body, reasonName);
  return el(
    "li",
    { "data-kind": kind },
    el("time", { datetime: at, class: "num muted" }, moment(at)),
    el("div", {}, el("b", {}, eventName(kind)), " ", el("span", { class: "muted" }, actor === "system" ? t("events.system") : actor), ...details.map((part) => el("p", {}, ...part))),
  );
}

function told(kind, body, reasonName) {
  const parts = [];
  for (const name of UNITS) {
    if (body[name] && kind !== "suggest") parts.push([t(`order.${name}`), " ", han("span", nameOf("units", body[name]))]);
  }
  for (const name of WORDS) {
    if (body[name]) parts.push([t(`events.${name}`), " ", han("span", name === "reason" ? reasonName(body[name]) : String(body[name]))]);
  }
  if (body.before) parts.push([t("events.before"), " ", han("span", changes(body))]);
  if (body.flags?.length && kind === "reply") parts.push([t("order.held"), " ", listed(body.flags.map((code) => t(`reply_flags.${code}`)))]);
  if (body.due_at) parts.push([t("order.due"), " ", moment(body.due_at)]);
  return parts;
}

function changes(body) {
  const named = (name, value) => valueName(name, Array.isArray(value) ? value : [value]);
  return listed(Object.keys(body.before).map((name) => `${t(`order.${name}`)}：${named(name, body.before[name])} → ${named(name, body[name])}`));
}

/** Return the values of a field of an order by their names. */
export function valueName(name, values) {
  const list = { topic: "topics", lead: "units", support: "units", flags: "flags", request_type: "request_types", urgency: "urgency_levels", state: null }[name];
  const words = values.filter((value) => value !== null && value !== "").map((value) => {
    if (name === "state") return t(`states.${value}`);
    return list ? nameOf(list, value) : String(value);
  });
  return words.length ? listed(words) : "—";
}
