/**
 * Building the page without ever parsing HTML: every word goes in as a text node.
 */

/** Return the element of the page with this id. */
export const $ = (id) => document.getElementById(id);

/**
 * Return a new element.
 *
 * `attributes` are set as they are, `class` included; null and false leave one out. Children are
 * elements or text; null and false are skipped.
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false || value === undefined) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== false));
  return element;
}

/** Return an element whose words come from the code lists or the service: always Chinese. */
export function han(tag, text, className = null) {
  return el(tag, { lang: "zh-CN", class: className }, text);
}

/** Return a button that calls `action`. */
export function button(label, action, attributes = {}) {
  const element = el("button", { type: "button", ...attributes }, label);
  element.addEventListener("click", action);
  return element;
}

/** Replace what is inside only where `key` says that it differs: alerts are then read once. */
export function replaceIfChanged(element, key, make) {
  if (element.dataset.key === key) return;
  element.dataset.key = key;
  element.replaceChildren(...make());
}
