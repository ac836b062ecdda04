/**
 * A question in a dialog: fields, one button that sends, Esc that leaves. What was typed is kept
 * until it was sent, so that neither a conflict nor a slip of the Esc key costs a text.
 */

import { Failure } from "./api.js";
import { button, el } from "./dom.js";
import { field } from "./fields.js";
import { t } from "./i18n.js";
import { detailOf, titleOf } from "./problem.js";

const drafts = new Map();

/** Forget what was typed and never sent. */
export const forgetDrafts = () => drafts.clear();

/**
 * Ask. `send(values)` does it; a `Failure` of it is shown in the dialog, unless `leaves(failure)`
 * says that it is answered elsewhere. `draft` names what was typed.
 */
export function askFor({ title, lines = [], fields, label, send, draft, leaves = () => false }) {
  const kept = drafts.get(draft) ?? {};
  const made = fields.map((spec) => field({ ...spec, value: kept[spec.name] ?? spec.value }));
  const trouble = el("div", { role: "alert" });
  const go = el("button", { type: "submit", class: "main" }, label);
  const dialog = el("dialog", { class: "ask-dialog", "aria-labelledby": "dialog-title" });
  const form = el(
    "form",
    { class: "fields-list" },
    el("h2", { id: "dialog-title" }, title),
    ...lines.map((line) => el("p", { class: "muted" }, line)),
    ...made,
    trouble,
    el("div", { class: "dialog-actions" }, go, button(t("form.cancel"), () => dialog.close(), { class: "quiet" })),
  );
  const read = () => Object.fromEntries(made.map((line, index) => [fields[index].name, line.read()]));
  form.addEventListener("input", () => drafts.set(draft, read()));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (go.disabled) return;
    go.disabled = true;
    try {
      await send(read());
      drafts.delete(draft);
      dialog.close();
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      if (leaves(failure)) dialog.close();
      else tell(failure, made, trouble);
    } finally {
      go.disabled = false;
    }
  });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  made[0]?.input.focus();
}

function tell(failure, made, trouble) {
  trouble.replaceChildren(
    el("section", { class: "notice problem", "data-code": failure.code }, el("h3", {}, titleOf(failure)), el("p", {}, detailOf(failure))),
  );
  for (const line of made) {
    const isWrong = failure.fields.includes(line.dataset.field);
    line.input.toggleAttribute("aria-invalid", isWrong);
    if (isWrong) line.input.focus();
  }
}
