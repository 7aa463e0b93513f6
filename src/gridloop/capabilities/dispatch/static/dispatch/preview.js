// A preview by keyboard: 1–3 send a case to another proposal, x takes it out, Enter confirms. Nothing needs it.

/** @param {HTMLElement} element holds the batch, whose part is swapped at every change */
export default function preview(element) {
  /** @type {string} */
  let stood = "";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !isFree(event.target)) return;
    if (!act(element, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  element.addEventListener("htmx:beforeSwap", (event) => {
    stood = here()?.id ?? (event.target instanceof Element ? standing(event.target) : "");
  });
  // The case may have moved to another unit's part of the page; the keyboard moves along with it.
  element.addEventListener("htmx:afterSettle", () => stood && document.getElementById(stood)?.focus());
}

/**
 * @param {HTMLElement} element
 * @param {string} key
 */
function act(element, key) {
  const row = here()?.closest("[data-row]");
  if (key === "Enter") return send(element);
  if (key === "x" || key === " ") return press(row?.querySelector("[data-toggle]"));
  return /^[1-3]$/.test(key) && press(row?.querySelector(`[data-rank="${key}"]`));
}

/**
 * Confirm, or leave a batch that is done. Enter opens no case here, not even where there is nothing to confirm.
 * @param {HTMLElement} element
 */
function send(element) {
  press(element.querySelector("#confirm-batch button") ?? document.getElementById("back"));
  return true;
}

/** @returns {HTMLElement | null} */
function here() {
  const found = document.activeElement;
  return found instanceof HTMLElement && found.matches("[data-key-row]") ? found : null;
}

/** @param {Element} inside */
function standing(inside) {
  return document.activeElement?.closest("[data-row]")?.querySelector("[data-key-row]")?.id ?? inside.querySelector("[data-key-row]")?.id ?? "";
}

/** @param {EventTarget | null} target */
function isFree(target) {
  if (document.querySelector("dialog[open]")) return false;
  return target === document.body || (target instanceof HTMLElement && target.matches("main, [data-key-row]"));
}

/** @param {Element | null | undefined} button */
function press(button) {
  /** @type {HTMLElement | null | undefined} */ (button)?.click();
  return Boolean(button);
}
