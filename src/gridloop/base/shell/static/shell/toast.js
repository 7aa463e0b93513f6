const SHOWN_MS = 8000;

/**
 * What went well fades by itself unless one is reading it or it holds a link, such as the way back; what went wrong
 * stays until it is closed.
 * @param {HTMLElement} element
 */
export default function toast(element) {
  const close = /** @type {HTMLElement | null} */ (element.querySelector("[data-close]"));
  if (close) {
    close.hidden = false;
    close.addEventListener("click", () => element.remove());
  }
  if (element.getAttribute("role") === "alert") {
    element.scrollIntoView({ block: "nearest" });
    return;
  }
  if (!element.classList.contains("alert-success") || element.querySelector("a")) return;
  const leave = () => (element.matches(":hover, :focus-within") ? setTimeout(leave, SHOWN_MS) : element.remove());
  setTimeout(leave, SHOWN_MS);
}
