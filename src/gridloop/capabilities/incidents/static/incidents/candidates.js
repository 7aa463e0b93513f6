// Picking with one key: 1 to 9 picks that row of the group in use, space the row in focus, j and k go through all rows,
// [ and ] go to the next group, Enter calls. Everything is also reachable without the keyboard, and without this script.

/** @param {HTMLElement} element the form with the groups of candidates */
export default function candidates(element) {
  const form = /** @type {HTMLFormElement} */ (element);
  const groups = () => /** @type {HTMLElement[]} */ ([...form.querySelectorAll("[data-group]")]);
  let current = Math.max(0, groups().findIndex((group) => boxes(group).length > 0));
  const use = (/** @type {number} */ index) => {
    const all = groups();
    if (!all.length) return false;
    current = (index + all.length) % all.length;
    all.forEach((group, n) => group.classList.toggle("is-current", n === current));
    return true;
  };
  form.addEventListener("focusin", (event) => {
    const found = groups().findIndex((group) => group.contains(/** @type {Node} */ (event.target)));
    if (found >= 0) use(found);
  });
  form.addEventListener("change", () => count(form));
  document.addEventListener("keydown", (event) => {
    if (!form.isConnected || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (act(event.key)) event.preventDefault();
  });
  /** @param {string} key */
  function act(key) {
    const group = groups()[current];
    if (/^[1-9]$/.test(key)) return toggle(group && boxes(group)[Number(key) - 1]);
    if (key === "]") return use(current + 1) && focus(boxes(groups()[current] ?? form)[0]);
    if (key === "[") return use(current - 1) && focus(boxes(groups()[current] ?? form)[0]);
    if (key === "j" || key === "k") return move(form, key === "j" ? 1 : -1);
    return false;
  }
  form.addEventListener("keydown", (event) => {
    const isBox = event.target instanceof HTMLInputElement && event.target.type === "checkbox";
    if (event.key === "Enter" && isBox) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  use(current);
  count(form);
  form.dataset.ready = "";
}

/**
 * @param {HTMLElement} root
 * @returns {HTMLInputElement[]}
 */
function boxes(root) {
  return /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll("input[name=pick]:not(:disabled)")]);
}

/** @param {HTMLInputElement | undefined} box */
function toggle(box) {
  if (!box) return false;
  show(box);
  box.click();
  box.focus();
  return true;
}

/**
 * @param {HTMLElement} form
 * @param {number} step
 */
function move(form, step) {
  const all = boxes(form);
  const here = all.indexOf(/** @type {HTMLInputElement} */ (document.activeElement));
  return focus(here < 0 ? all[step > 0 ? 0 : all.length - 1] : all[here + step]);
}

/** @param {HTMLElement | undefined} element */
function focus(element) {
  if (element) show(element);
  element?.focus();
  return Boolean(element);
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof HTMLElement && target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
}

/** @param {HTMLFormElement} form */
function count(form) {
  const line = form.querySelector("[data-count]");
  if (line) line.textContent = String(boxes(form).filter((box) => box.checked).length);
}

/**
 * What is picked must be seen.
 * @param {HTMLElement} element
 */
function show(element) {
  const more = element.closest("details");
  if (more) more.open = true;
}
