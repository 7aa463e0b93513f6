/**
 * Warn before a form that was filled in is left: <form data-module="unsaved">.
 * @param {HTMLElement} element
 */
export default function unsaved(element) {
  let isTouched = false;
  element.addEventListener("input", () => (isTouched = true));
  element.addEventListener("submit", () => (isTouched = false));
  element.addEventListener("htmx:beforeRequest", () => (isTouched = false));
  element.addEventListener("htmx:responseError", () => (isTouched = true));
  window.addEventListener("beforeunload", (event) => {
    if (isTouched && element.isConnected) event.preventDefault();
  });
}
