/** What went well fades; what went wrong stays until it is read. @param {HTMLElement} element */
export default function toast(element) {
  if (element.getAttribute("role") === "alert") return;
  setTimeout(() => element.remove(), 8000);
}
