/**
 * Two quiet lines: the state of the page for the eye, and what came out for a screen reader, which
 * is told only once the typing rests.
 */

import { $ } from "./dom.js";
import { listed, percent, t } from "./i18n.js";
import { nameOf } from "./names.js";

const QUIET_MS = 900;

let timer = 0;
let last = ["idle", "state.idle", {}];

/** Show the state: `kind` is idle, busy, done or failed. */
export function say(kind, key, values = {}) {
  last = [kind, key, values];
  $("state").dataset.kind = kind;
  $("state").textContent = t(key, values);
}

/** Show the state in another language. */
export const sayAgain = () => say(...last);

/** Tell a screen reader now, in place of what was to be told. */
export function announce(words) {
  clearTimeout(timer);
  $("announce").textContent = words;
}

/** Tell a screen reader what came out, once no newer answer came for `QUIET_MS`. */
export function announceLater(answer) {
  clearTimeout(timer);
  timer = setTimeout(() => announce(inShort(answer)), QUIET_MS);
}

function inShort({ units, topics, urgency, abstain }) {
  const level = urgency.level === null ? t("strip.unknown") : nameOf("urgency_levels", urgency.level);
  const first = units.slice(0, 2).map((unit) => `${unit.name} ${percent(unit.confidence)}`);
  const words = t("announce.answer", {
    units: first.length ? listed(first) : t("units.empty"),
    topic: topics[0]?.name ?? t("topics.empty"),
    urgency: level,
  });
  return abstain ? `${t("announce.abstain")}${t("mark.sentence")}${words}` : words;
}
