/**
 * Buttons with data-value inside that put it into the field which `data-target` names.
 * @param {HTMLElement} element
 */
export default function setValue(element) {
  element.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-value]") : null;
    const field = /** @type {HTMLSelectElement | null} */ (document.querySelector(element.dataset.target ?? ""));
    if (!(button instanceof HTMLElement) || !field) return;
    field.value = button.dataset.value ?? "";
    field.dispatchEvent(new Event("change", { bubbles: true }));
    for (const other of element.querySelectorAll("[data-value]")) other.setAttribute("aria-pressed", String(other === button));
  });
}
