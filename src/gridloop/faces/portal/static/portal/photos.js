/**
 * Show the photos that were chosen before they are sent: one sees at once whether it is the right one. More than
 * `data-most` are left out here already, which `data-say-most` tells, before they take minutes to upload.
 * @param {HTMLElement} element the file input
 */
export default function photos(element) {
  const input = /** @type {HTMLInputElement} */ (element);
  const most = Number(input.dataset.most ?? Infinity);
  const list = document.createElement("ul");
  list.className = "portal-kept";
  const line = document.createElement("p");
  line.setAttribute("role", "status");
  input.after(list, line);
  input.addEventListener("change", () => {
    const chosen = Array.from(input.files ?? []);
    line.textContent = chosen.length > most ? (input.dataset.sayMost ?? "") : "";
    if (chosen.length > most) input.files = only(chosen.slice(0, most));
    for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    list.replaceChildren(...Array.from(input.files ?? []).filter((file) => file.type.startsWith("image/")).map(preview));
  });
}

/** @param {File[]} files */
function only(files) {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  return transfer.files;
}

/** @param {File} file */
function preview(file) {
  const item = document.createElement("li");
  const image = document.createElement("img");
  image.src = URL.createObjectURL(file);
  image.alt = file.name;
  item.append(image);
  return item;
}
