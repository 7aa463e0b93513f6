/** Warn before a form that was filled in is left. @param {HTMLElement} element */
export default function unsaved(element) {
  let touched = false;
  element.addEventListener("input", () => { touched = true; });
  element.addEventListener("submit", () => { touched = false; });
  window.addEventListener("beforeunload", (event) => {
    if (touched) event.preventDefault();
  });
}
