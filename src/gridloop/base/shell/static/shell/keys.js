// The keyboard on a list: j and k move, o opens, u goes back up, / searches, ? shows the keys. Nothing needs it.

const LIST = "gridloop-list";

/**
 * Rows are links marked with data-key-row; the way up is a link marked with data-key-up, and where that says "list"
 * it leads to the list that was last open in this window, however many pages ago.
 * @param {HTMLElement} element the part of the page in which rows lie
 */
export default function keys(element) {
  remember(element);
  /** @type {Record<string, () => boolean>} */
  const acts = {
    j: () => move(element, 1),
    k: () => move(element, -1),
    o: () => press(element.querySelector("[data-key-row]:focus")),
    u: () => press(element.querySelector("[data-key-up]")),
    "/": () => focus(document.querySelector("[role=search] input")),
    "?": () => show(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (acts[event.key]?.()) event.preventDefault();
  });
  element.dataset.ready = "";
}

/** @param {HTMLElement} element */
function remember(element) {
  if (element.querySelector("[data-key-row]")) sessionStorage.setItem(LIST, location.pathname + location.search);
  const up = /** @type {HTMLAnchorElement | null} */ (element.querySelector("[data-key-up=list]"));
  const list = sessionStorage.getItem(LIST);
  if (up && list?.startsWith("/") && !list.startsWith("//")) up.href = list;
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

/**
 * @param {HTMLElement} element
 * @param {number} step
 */
function move(element, step) {
  const rows = /** @type {HTMLElement[]} */ ([...element.querySelectorAll("[data-key-row]")]);
  const here = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const next = here < 0 ? rows[step > 0 ? 0 : rows.length - 1] : rows[here + step];
  return focus(next ?? null);
}

/** @param {Element | null} element */
function press(element) {
  /** @type {HTMLElement | null} */ (element)?.click();
  return element !== null;
}

/** @param {Element | null} element */
function focus(element) {
  /** @type {HTMLElement | null} */ (element)?.focus();
  return element !== null;
}

function show() {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("keys"));
  dialog?.showModal();
  return dialog !== null;
}
