/**
 * Words of the page in Chinese (the default) or English. What the service says stays as it is.
 */

const CODES = { zh: "zh-CN", en: "en" };
const PARTS = ["", ".desk"]; // the agent's words, and those of the work order's pages
const REMEMBERED = "triage.language";

let words = {};
let current = "zh";

/** Return the language in use, "zh" or "en". */
export const language = () => current;

/** Return the language chosen on this machine before. */
export function rememberedLanguage() {
  try {
    return localStorage.getItem(REMEMBERED) === "en" ? "en" : "zh";
  } catch {
    return "zh"; // storage is switched off
  }
}

/** Load a language and put the fixed words of the page into it. */
export async function setLanguage(code) {
  const loaded = await Promise.all(PARTS.map((part) => load(`${code}${part}.json`)));
  words = Object.assign({}, ...loaded);
  current = code;
  try {
    localStorage.setItem(REMEMBERED, code);
  } catch {
    // the choice then lasts until the page closes
  }
  document.documentElement.lang = CODES[code];
  for (const element of document.querySelectorAll("[data-i18n]")) {
    element.textContent = t(element.dataset.i18n);
  }
  for (const element of document.querySelectorAll("[data-i18n-placeholder]")) {
    element.placeholder = t(element.dataset.i18nPlaceholder);
  }
  for (const element of document.querySelectorAll("[data-i18n-title]")) {
    element.setAttribute("aria-label", t(element.dataset.i18nTitle));
  }
}

async function load(name) {
  const response = await fetch(new URL(`../i18n/${name}`, import.meta.url));
  if (!response.ok) throw new Error(`i18n ${name}: ${response.status}`);
  return response.json();
}

/** Say whether the language has this key. */
export const has = (key) => Object.hasOwn(words, key);

/** Return the words of a key with its {values} filled in; a missing key shows itself. */
export function t(key, values = {}) {
  const text = has(key) ? words[key] : key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Return items as a list in words. */
export const listed = (items) => items.join(t("mark.list"));

/** Return a probability as a whole percentage; certainty is never claimed. */
export function percent(probability) {
  if (probability >= 0.995) return ">99%";
  if (probability > 0 && probability < 0.005) return "<1%";
  return `${Math.round(probability * 100)}%`;
}
