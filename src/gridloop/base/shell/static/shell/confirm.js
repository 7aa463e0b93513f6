/**
 * Ask once more before what cannot be undone: <form data-module="confirm" data-confirm="撤销后不能恢复，确定吗？">.
 * @param {HTMLElement} element
 */
export default function confirmFirst(element) {
  const form = /** @type {HTMLFormElement} */ (element);
  let isSure = false;
  // Capturing: the question comes before htmx, or anything else, sends the form.
  form.addEventListener(
    "submit",
    (event) => {
      if (isSure) {
        isSure = false;
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(form.dataset.confirm ?? "", () => {
        isSure = true;
        form.requestSubmit(/** @type {HTMLElement | null} */ (event.submitter));
      });
    },
    true,
  );
}

/**
 * @param {string} question
 * @param {() => void} go
 */
function ask(question, go) {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("confirm"));
  if (!dialog?.showModal) {
    if (window.confirm(question)) go();
    return;
  }
  const text = dialog.querySelector("[data-text]");
  if (text) text.textContent = question;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && go(), { once: true });
  dialog.showModal();
}
