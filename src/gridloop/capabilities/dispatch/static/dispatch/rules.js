// The list of rules by keyboard: Shift+J and Shift+K move a rule, n begins a new one, Enter opens one as any link does.

/** @param {HTMLElement} element holds the list, which is swapped at every move */
export default function rules(element) {
  /** @type {string} */
  let stood = "";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const here = document.activeElement;
    const row = here?.matches("[data-key-row]") ? here.closest("[data-row]") : null;
    if (here !== document.body && !here?.matches("main, [data-key-row]")) return;
    /** @type {Record<string, Element | null | undefined>} */
    const buttons = { J: row?.querySelector("[data-down]"), K: row?.querySelector("[data-up]"), n: document.getElementById("new-rule"), u: document.getElementById("queue-link") };
    const button = /** @type {HTMLElement | null | undefined} */ (buttons[event.key]);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
  element.addEventListener("htmx:beforeSwap", (event) => {
    const at = event.target instanceof Element ? document.activeElement?.closest("[data-row]") : null;
    stood = at?.querySelector("[data-key-row]")?.id ?? "";
  });
  element.addEventListener("htmx:afterSettle", () => stood && document.getElementById(stood)?.focus());
}
