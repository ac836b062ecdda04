/**
 * What the agent writes: the text, the optional fields, the examples; clearing can be undone.
 */

import { $, button, el, han } from "./dom.js";
import { t } from "./i18n.js";
import { channels, districts } from "./names.js";

const FIELDS = ["text", "subject", "district", "channel"];

let kept = null;

/** Call `onChange()` after each change, but not while an input method composes a word. */
export function watch(onChange) {
  const text = $("text");
  text.addEventListener("input", (event) => {
    if (!event.isComposing) onChange();
  });
  text.addEventListener("compositionend", onChange);
  $("subject").addEventListener("input", onChange);
  $("district").addEventListener("change", onChange);
  $("channel").addEventListener("change", onChange);
}

/** Return the request as the service takes it. */
export function request() {
  const body = { id: "console", text: $("text").value };
  if ($("subject").value.trim()) body.title = $("subject").value;
  if ($("district").value) body.district = $("district").value;
  if ($("channel").value) body.channel = $("channel").value;
  return body;
}

/** Say whether there is nothing to triage. */
export const isBlank = () => $("text").value.trim() === "";

/** Show how long the text is; once something is typed, what was cleared is forgotten. */
export function showCount() {
  const length = [...$("text").value].length;
  $("count").textContent = length ? t("compose.count", { n: length }) : "";
  $("clear").disabled = isBlank();
  if (!isBlank()) kept = null;
  $("restore").hidden = kept === null;
}

/** Empty all fields; says whether there was anything. */
export function clear() {
  if (isBlank()) return false;
  const values = FIELDS.map((id) => $(id).value);
  write(["", "", "", ""]);
  kept = values;
  return true;
}

/** Put back what was cleared. */
export function restore() {
  if (kept) write(kept);
  kept = null;
}

/** Load the examples as buttons; `onPick()` is called once one is in place. */
export async function loadExamples(onPick) {
  const response = await fetch(new URL("../examples.json", import.meta.url));
  const examples = await response.json();
  const pick = (text) => () => {
    write([text, "", "", ""]);
    onPick();
  };
  $("examples").replaceChildren(
    ...examples.map(({ label, text }) => {
      const example = button(label, pick(text), { class: "example" });
      example.append(el("span", { class: "muted" }, text));
      return el("li", {}, example);
    }),
  );
}

/** Offer the districts and channels of the code lists, keeping what is chosen. */
export function offerPlaces() {
  offer($("district"), districts().map(({ name }) => [name, name]));
  offer($("channel"), channels().map(({ code, name }) => [code, name]));
}

function offer(select, options) {
  const chosen = select.value;
  select.replaceChildren(
    el("option", { value: "" }, "—"),
    ...options.map(([value, name]) => {
      const option = han("option", name);
      option.value = value;
      return option;
    }),
  );
  select.value = chosen;
}

function write(values) {
  FIELDS.forEach((id, index) => {
    $(id).value = values[index];
  });
}
