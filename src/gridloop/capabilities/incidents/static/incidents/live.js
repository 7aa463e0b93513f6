// The live part of an incident's page: fetched again every few seconds by htmx, but never under the hands of who is
// using it. It also comes anew at once when something happened to a case (gl:news).

/** @param {HTMLElement} element */
export default function live(element) {
  /** @type {string[]} */
  let open = [];
  const details = () => /** @type {HTMLDetailsElement[]} */ ([...element.querySelectorAll("details[id]")]);
  const isInUse = () => element.contains(document.activeElement) && document.activeElement?.matches("input, textarea, select");
  element.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target === element && isInUse()) event.preventDefault();
  });
  element.addEventListener("htmx:beforeSwap", () => (open = details().filter((one) => one.open).map((one) => one.id)));
  element.addEventListener("htmx:afterSettle", () => {
    for (const one of details()) if (open.includes(one.id)) one.open = true;
  });
}
