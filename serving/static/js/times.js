/**
 * Times as people at the desk read them: Shanghai's clock, and how long is left.
 */

import { language, t } from "./i18n.js";

const ZONE = "Asia/Shanghai";
const HOUR = 3_600_000;

/** Return a moment in words, as a `<time>` reads best: 11月26日 06:16. */
export function moment(iso) {
  if (!iso) return "—";
  const year = new Date(iso).getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  const shape = { timeZone: ZONE, year, month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false };
  return new Intl.DateTimeFormat(language() === "en" ? "en-GB" : "zh-CN", shape).format(new Date(iso));
}

/** Return how long is left until a moment, or how long ago it passed. */
export function left(iso) {
  const hours = (new Date(iso) - Date.now()) / HOUR;
  return t(hours < 0 ? "time.late" : "time.left", { span: span(Math.abs(hours)) });
}

/** Say how pressing a moment is: late, soon (a day) or calm. */
export function pressure(iso) {
  const hours = (new Date(iso) - Date.now()) / HOUR;
  if (hours < 0) return "late";
  return hours < 24 ? "soon" : "calm";
}

function span(hours) {
  if (hours >= 48) return t("time.days", { n: Math.round(hours / 24) });
  return hours >= 1 ? t("time.hours", { n: Math.round(hours) }) : t("time.minutes", { n: Math.round(hours * 60) });
}
