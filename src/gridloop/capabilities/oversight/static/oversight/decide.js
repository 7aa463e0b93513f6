// The keyboard on the desk of requests: on the one in focus, a grants it and r goes to the words of a refusal.

/** @param {HTMLElement} element the line that tells of the keys; shown once they work */
export default function decide(element) {
  element.hidden = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.matches("input, textarea, select, button")) return;
    const request = target.closest("[data-request]");
    if (!request) return;
    if (event.key === "a") press(request);
    else if (event.key === "r") /** @type {HTMLElement | null} */ (request.querySelector("[name=note]"))?.focus();
    else return;
    event.preventDefault();
  });
}

/** @param {Element} request */
function press(request) {
  /** @type {HTMLButtonElement | null} */ (request.querySelector("button[value=grant]:not([disabled])"))?.click();
}
