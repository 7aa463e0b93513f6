/**
 * How long something can still be done: <form data-until="2026-03-02T09:10:00+08:00" data-say-left="还可撤销 %s">; when the
 * time is over the form goes.
 * @param {HTMLElement} element
 */
export default function countdown(element) {
  const until = Date.parse(element.dataset.until ?? "");
  const line = element.querySelector("[data-left]");
  const show = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (!element.isConnected || left <= 0) {
      clearInterval(timer);
      element.remove();
      return;
    }
    const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (line) line.textContent = (element.dataset.sayLeft ?? "%s").replace("%s", clock);
  };
  const timer = setInterval(show, 1000);
  show();
}
