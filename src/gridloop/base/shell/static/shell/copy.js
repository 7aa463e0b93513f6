/**
 * A button that copies `data-copy`, or the value of the field whose id is `data-from`, and says `data-done`.
 * @param {HTMLElement} element
 */
export default function copy(element) {
  const field = /** @type {HTMLInputElement | null} */ (document.getElementById(element.dataset.from ?? ""));
  const label = element.querySelector("span") ?? element;
  const before = label.textContent;
  element.hidden = false;
  element.addEventListener("click", async () => {
    if (!(await put(field?.value ?? element.dataset.copy ?? "", field))) return;
    label.textContent = element.dataset.done ?? "✓";
    setTimeout(() => (label.textContent = before), 3000);
  });
}

/**
 * The clipboard needs https; on a plain address within a town's own network the old way still works.
 * @param {string} text
 * @param {HTMLInputElement | null} field
 */
async function put(text, field) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return true;
  }
  field?.select();
  return field ? document.execCommand("copy") : false;
}
