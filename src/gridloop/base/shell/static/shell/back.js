/**
 * Go back as the browser does, so that a form that was filled in is still filled in.
 * @param {HTMLElement} element a link to the page that one came from
 */
export default function back(element) {
  element.addEventListener("click", (event) => {
    if (window.history.length < 2) return;
    event.preventDefault();
    window.history.back();
  });
}
