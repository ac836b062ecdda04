/**
 * Shortcuts. Physical keys (`code`) are compared, because Alt changes the letter on some layouts;
 * while an input method composes a word, every key belongs to it.
 */

const OWN_ESCAPE = "select, input:not([type=radio])"; // there Esc belongs to the field

/** Call the actions: `refresh`, `clear`, `copy`, `focus`, `choose(rank)`. */
export function listen(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    const action = actionOf(event, actions);
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function actionOf(event, actions) {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.code.endsWith("Enter")) {
    return actions.refresh;
  }
  if (event.key === "Escape" && !event.target.matches(OWN_ESCAPE)) return actions.clear;
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null;
  if (event.code === "KeyC") return actions.copy;
  if (event.code === "KeyI") return actions.focus;
  const digit = /^(?:Digit|Numpad)([1-5])$/.exec(event.code);
  return digit ? () => actions.choose(Number(digit[1]) - 1) : null;
}
