/**
 * Two people, one order: what changed between what was on screen and what now stands.
 */

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { moment } from "./times.js";
import { eventName, valueName } from "./timeline.js";

const SHOWN = ["state", "lead", "support", "topic", "urgency", "request_type", "flags", "due_at", "reply", "merged_into"];

/** Return a notice of what changed and who did it. */
export function changed(before, now, events) {
  const fields = SHOWN.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]));
  const since = events.slice(-Math.min(Math.max(now.version - before.version, 0), 5));
  return el(
    "section",
    { class: "notice area conflict", role: "alert", tabindex: "-1" },
    el("h3", {}, t("conflict.title")),
    el("p", {}, t("conflict.note")),
    el("ul", {}, ...fields.map((name) => el("li", {}, el("b", {}, t(`order.${name === "due_at" ? "due" : name}`)), " ", shown(name, before), " → ", el("ins", {}, shown(name, now))))),
    el("p", { class: "muted" }, since.map((event) => `${moment(event.at)} ${event.actor} ${eventName(event.kind)}`).join(t("mark.sentence"))),
  );
}

function shown(name, order) {
  if (name === "due_at") return moment(order.due_at);
  return valueName(name, [order[name]].flat());
}
