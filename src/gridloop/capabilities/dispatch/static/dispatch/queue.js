// The queue by keyboard: x ticks, a ticks all, 1–3 choose a proposal, Enter goes on to the preview. Nothing needs it.

/** @typedef {HTMLInputElement} Input */

/** @param {HTMLElement} element the queue with its form; it is swapped whole when the filters change */
export default function queue(element) {
  const form = /** @type {HTMLFormElement | null} */ (element.querySelector("#choose"));
  const all = /** @type {Input | null} */ (element.querySelector("[data-all]"));
  if (!form || !all) return;
  all.hidden = false;
  const ticks = () => /** @type {Input[]} */ ([...form.querySelectorAll(".dp-tick")]);
  const count = () => tell(element, all, ticks());
  all.addEventListener("change", () => { for (const tick of ticks()) tick.checked = all.checked; count(); });
  form.addEventListener("change", count);
  letGo(form);
  count();

  /** @type {Record<string, () => boolean>} */
  const acts = {
    x: () => toggle(row()?.querySelector(".dp-tick")),
    " ": () => toggle(row()?.querySelector(".dp-tick")),
    a: () => toggle(all),
    A: () => press("take-all"),
    m: () => press("map-summary"),
    "/": () => focus("id_q"),
    1: () => choose(row(), 1),
    2: () => choose(row(), 2),
    3: () => choose(row(), 3),
    Enter: () => go(form, ticks(), row()),
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (!element.isConnected) return document.removeEventListener("keydown", onKey, true);
    if (event.ctrlKey || event.metaKey || event.altKey || !isFree(event.target)) return;
    if (!acts[event.key]?.()) return;
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("keydown", onKey, true);
}

/** @returns {HTMLElement | null} the row on whose title the keyboard stands */
function row() {
  const here = document.activeElement;
  return here?.matches("[data-key-row]") ? here.closest("[data-row]") : null;
}

/**
 * Whether a key is ours: nobody is typing, no dialog is open, and no button or summary would take it itself.
 * @param {EventTarget | null} target
 */
function isFree(target) {
  if (document.querySelector("dialog[open]")) return false;
  return target === document.body || (target instanceof HTMLElement && target.matches("main, [data-key-row]"));
}

/** @param {Element | null | undefined} box */
function toggle(box) {
  /** @type {HTMLElement | null | undefined} */ (box)?.click();
  return Boolean(box);
}

/** @param {string} id */
function press(id) {
  const button = document.getElementById(id);
  button?.click();
  return button !== null;
}

/** @param {string} id */
function focus(id) {
  const field = document.getElementById(id);
  field?.focus();
  return field !== null;
}

/**
 * Choose the n-th proposal of a row, and take the row along; the same number again lets go of it.
 * @param {HTMLElement | null} row
 * @param {number} n
 */
function choose(row, n) {
  const radio = /** @type {Input | null | undefined} */ (row?.querySelector(`[type=radio][value="${n}"]`));
  const tick = /** @type {Input | null | undefined} */ (row?.querySelector(".dp-tick"));
  if (!radio || !tick) return false;
  radio.click();
  if (radio.checked) tick.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

/**
 * A radio that is pressed again lets go: without one the choice is left to the assignment of the whole batch.
 * @param {HTMLFormElement} form
 */
function letGo(form) {
  /** @type {Input | null} */
  let last = null;
  form.addEventListener("click", (event) => {
    const radio = /** @type {Input} */ (event.target);
    if (!(radio instanceof HTMLInputElement) || radio.type !== "radio") return;
    if (last === radio) radio.checked = false;
    last = radio.checked ? radio : null;
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {Input[]} ticks
 * @param {HTMLElement | null} row
 */
function go(form, ticks, row) {
  const own = /** @type {Input | null | undefined} */ (row?.querySelector(".dp-tick"));
  if (!ticks.some((tick) => tick.checked)) {
    if (!own) return false;
    own.checked = true;
  }
  form.requestSubmit(/** @type {HTMLElement | null} */ (form.querySelector("#take")));
  return true;
}

/**
 * @param {HTMLElement} element
 * @param {Input} all
 * @param {Input[]} ticks
 */
function tell(element, all, ticks) {
  const count = ticks.filter((tick) => tick.checked).length;
  const line = element.querySelector("[data-count]");
  const { sayChosen = "%s", sayNone = "" } = element.dataset;
  if (line) line.textContent = count ? sayChosen.replace("%s", String(count)) : sayNone;
  all.checked = count > 0 && count === ticks.length;
  all.indeterminate = count > 0 && count < ticks.length;
}
