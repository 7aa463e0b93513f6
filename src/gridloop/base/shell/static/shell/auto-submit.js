/**
 * Send the form when the choice changes.
 * @param {HTMLElement} element
 */
export default function autoSubmit(element) {
  element.addEventListener("change", () => element.closest("form")?.requestSubmit());
}
