// What just happened, the latest on top: a bounded list, read out only where somebody asked for it.
const MOST = 40;
const NO_CASE = "00000000-0000-0000-0000-000000000000";
const SPEAKS = "centre-ticker-speaks";

/**
 * @typedef {{ id: number, verb: string, case: string, number: string, title: string, state: string, region: number, at: string }} News
 * @typedef {{ verbs: Record<string, string>, states: Record<string, string>, regions: Record<string, string>, hidden: string, url: string }} Words
 * @param {HTMLElement} list
 */
export default function ticker(list) {
  const words = /** @type {Words} */ (JSON.parse(list.dataset.words ?? "{}"));
  document.addEventListener("gl:news", (event) => take(list, /** @type {CustomEvent<News[]>} */ (event).detail, words));
  speaking(list);
  list.dataset.ready = "";
}

/**
 * @param {HTMLElement} list
 * @param {News[]} news
 * @param {Words} words
 */
function take(list, news, words) {
  const lines = news.slice(-MOST).reverse().map((one) => line(one, words));
  list.prepend(...lines);
  while (list.childElementCount > MOST) list.lastElementChild?.remove();
  const none = document.getElementById("ticker-none");
  if (none) none.hidden = true;
}

/**
 * @param {News} news
 * @param {Words} words
 */
function line(news, { verbs, states, regions, hidden, url }) {
  const item = document.createElement("li");
  const time = Object.assign(document.createElement("time"), { dateTime: news.at, textContent: new Date(news.at).toLocaleTimeString("sv") });
  const verb = Object.assign(document.createElement("strong"), { textContent: verbs[news.verb] ?? news.verb });
  const link = Object.assign(document.createElement("a"), { href: url.replace(NO_CASE, news.case), textContent: news.title || hidden });
  const rest = Object.assign(document.createElement("span"), { textContent: [regions[news.region], states[news.state]].filter(Boolean).join(" · ") });
  item.append(time, " ", verb, " ", link, " ", rest);
  return item;
}

/** @param {HTMLElement} list */
function speaking(list) {
  const box = /** @type {HTMLInputElement | null} */ (document.getElementById("ticker-speaks"));
  if (!box) return;
  const set = () => list.setAttribute("aria-live", box.checked ? "polite" : "off");
  box.checked = localStorage.getItem(SPEAKS) === "1";
  box.addEventListener("change", () => {
    localStorage.setItem(SPEAKS, box.checked ? "1" : "0");
    set();
  });
  set();
}
