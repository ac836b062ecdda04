/**
 * Shortcuts. Physical keys (`code`) are compared, because Alt changes the letter on some layouts;
 * while an input method composes a word, every key belongs to it.
 */

/** Call the actions: `refresh`, `clear`, `copy`, `focus`, `choose(rank)`. */
export function listen(actions, text) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    const action = actionOf(event, actions, text);
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function actionOf(event, actions, text) {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.code.endsWith("Enter")) {
    return actions.refresh;
  }
  if (event.key === "Escape" && (event.target === text || event.target === document.body)) {
    return actions.clear;
  }
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null;
  if (event.code === "KeyC") return actions.copy;
  if (event.code === "KeyI") return actions.focus;
  const digit = /^(?:Digit|Numpad)([1-5])$/.exec(event.code);
  return digit ? () => actions.choose(Number(digit[1]) - 1) : null;
}
