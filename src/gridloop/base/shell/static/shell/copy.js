/** A button that copies data-copy. @param {HTMLElement} element */
export default function copy(element) {
  element.hidden = false;
  element.addEventListener("click", async () => {
    await navigator.clipboard.writeText(element.dataset.copy ?? "");
    element.textContent = element.dataset.done ?? "✓";
  });
}
