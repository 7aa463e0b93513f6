/** Ask once more before what cannot be undone. @param {HTMLElement} element */
export default function confirmFirst(element) {
  const form = /** @type {HTMLFormElement} */ (element);
  form.addEventListener("submit", (event) => {
    if (!window.confirm(form.dataset.confirm ?? "")) event.preventDefault();
  });
}
