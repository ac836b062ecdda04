/**
 * Failures said plainly, with what can be done: a wait that ends by itself, a retry, a key.
 */

import { $, button, el, han } from "./dom.js";
import { has, language, t } from "./i18n.js";
import { useKey } from "./api.js";

const NEEDS_KEY = [
  "key_missing",
  "key_invalid",
  "key_expired",
  "token_invalid",
  "token_expired",
  "forbidden",
];
const CAN_RETRY = ["unreachable", "unexpected", "internal_error"];
const LONGEST_WAIT = 30;

let timer = 0;
let failures = 0;

/** Take the last failure away. */
export function clearProblem() {
  clearInterval(timer);
  failures = 0;
  $("problem").replaceChildren();
  $("text")?.removeAttribute("aria-invalid");
}

/** Show a failure; `retry()` asks the same again. */
export function showProblem(failure, retry) {
  clearInterval(timer);
  failures += 1;
  const wait = failure.retrySeconds && Math.min(failure.retrySeconds * failures, LONGEST_WAIT);
  if (failure.fields.includes("text")) $("text")?.setAttribute("aria-invalid", "true");
  const countdown = wait ? el("span", { class: "muted num", "aria-hidden": "true" }) : null;
  $("problem").replaceChildren(
    el(
      "section",
      { class: "notice problem", role: "alert", "data-code": failure.code },
      el("h3", {}, titleOf(failure)),
      el("p", {}, detailOf(failure)),
    ),
    el(
      "div",
      { class: "problem-actions" },
      ...[
        NEEDS_KEY.includes(failure.code) ? keyForm(retry) : null,
        wait || CAN_RETRY.includes(failure.code) ? button(t("problem.retry"), retry) : null,
        countdown,
      ].filter(Boolean),
    ),
  );
  if (wait) countDown(countdown, wait, retry);
}

/** Return the heading of a failure. */
export function titleOf({ code, title }) {
  if (language() === "zh" && title) return title;
  return has(`problem.${code}`) ? t(`problem.${code}`) : (title ?? t("problem.unexpected"));
}

/** Return what a failure means and what to do, as a node or as text. */
export function detailOf({ code, detail }) {
  if (detail) return han("span", detail);
  return t(has(`problem.${code}.detail`) ? `problem.${code}.detail` : "problem.unexpected.detail");
}

function countDown(place, seconds, retry) {
  let left = Math.ceil(seconds);
  const show = () => place.replaceChildren(t("problem.countdown", { n: left }));
  show();
  timer = setInterval(() => {
    left -= 1;
    if (left > 0) {
      show();
      return;
    }
    clearInterval(timer);
    retry();
  }, 1000);
}

function keyForm(retry) {
  const input = el("input", { type: "password", id: "key", autocomplete: "off", required: true });
  const form = el(
    "form",
    { class: "key" },
    el("label", { for: "key" }, t("problem.key")),
    input,
    el("button", { type: "submit" }, t("problem.key.send")),
    el("span", { class: "muted" }, t("problem.key.hint")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    useKey(input.value.trim());
    retry();
  });
  return form;
}
