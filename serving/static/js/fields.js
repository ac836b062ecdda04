/**
 * Fields of a form, described by data. Knows nothing of what is asked or sent.
 *
 * A field is `{ name, kind, label, options, hint, value, required, min, max }`; `kind` is text,
 * area, number, date, select, several or check. Options are `{ code, name }`, or groups of them:
 * `{ label, options }`.
 */

import { el, han } from "./dom.js";
import { t } from "./i18n.js";

let count = 0;

/** Return the field as an element; `read()` on it gives its value, null for an empty one. */
export function field(spec) {
  count += 1;
  const id = `field-${count}`;
  const hint = spec.hint ? el("span", { class: "muted", id: `${id}-hint` }, spec.hint) : null;
  const input = inputOf(spec, id, hint);
  const label = el("label", { for: id }, spec.label, spec.required ? el("span", { class: "must" }, ` ${t("form.must")}`) : null);
  const parts = spec.kind === "check" ? [input, label] : [label, input];
  const line = el("div", { class: "field", "data-kind": spec.kind, "data-field": spec.name }, ...parts, hint);
  line.read = () => valueOf(spec, input);
  line.input = input;
  return line;
}

/** Return the options of a list as `{ code, name }` grouped: those that are likely first. */
export function grouped(likely, all) {
  const first = new Set(likely.map((one) => one.code));
  return [
    ...(likely.length ? [{ label: t("form.likely"), options: likely }] : []),
    { label: t("form.all"), options: all.filter((one) => !first.has(one.code)) },
  ];
}

function inputOf(spec, id, hint) {
  const attributes = {
    id,
    name: spec.name,
    required: Boolean(spec.required),
    autocomplete: "off",
    "aria-describedby": hint?.id ?? null,
  };
  if (spec.kind === "select" || spec.kind === "several") return select(spec, attributes);
  const tag = spec.kind === "area" ? "textarea" : "input";
  const type = { check: "checkbox", number: "number", date: "date" }[spec.kind] ?? "text";
  const more = spec.kind === "area" ? { rows: spec.rows ?? 4 } : { type, min: spec.min, max: spec.max };
  const input = el(tag, { ...attributes, ...more, maxlength: spec.length ?? null, lang: spec.lang ?? null });
  if (spec.kind === "check") input.checked = Boolean(spec.value);
  else input.value = spec.value ?? "";
  return input;
}

function select(spec, attributes) {
  const isSeveral = spec.kind === "several";
  const option = ({ code, name }) => {
    const made = han("option", name);
    made.value = code;
    made.selected = [spec.value ?? ""].flat().includes(code);
    return made;
  };
  const items = spec.options.map((one) => (one.options ? el("optgroup", { label: one.label }, ...one.options.map(option)) : option(one)));
  const none = isSeveral ? [] : [el("option", { value: "" }, "—")];
  return el("select", { ...attributes, multiple: isSeveral, size: isSeveral ? 4 : null }, ...none, ...items);
}

function valueOf(spec, input) {
  if (spec.kind === "check") return input.checked;
  if (spec.kind === "several") return [...input.selectedOptions].map((one) => one.value);
  const value = input.value.trim();
  if (value === "") return null;
  return spec.kind === "number" ? Number(value) : value;
}
