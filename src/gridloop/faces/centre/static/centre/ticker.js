// What just happened, the latest on top: a bounded list, read out only where somebody asked for it.

import { clock } from "./time.js";

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
  /** @type {Set<number>} */
  const shown = new Set();
  const hear = (/** @type {News[]} */ news) => take(list, news.filter(({ id }) => !shown.has(id)), words, shown);
  const begin = () => void latest(list.dataset.recentUrl ?? "").then(hear);
  document.addEventListener("gl:news", (event) => hear(/** @type {CustomEvent<News[]>} */ (event).detail));
  document.addEventListener("gl:resync", begin);
  begin();
  speaking(list);
  list.dataset.ready = "";
}

/**
 * What happened before the page was opened.
 * @param {string} url
 * @returns {Promise<News[]>}
 */
async function latest(url) {
  const answer = url ? await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null) : null;
  return answer?.ok ? answer.json() : [];
}

/**
 * @param {HTMLElement} list
 * @param {News[]} news
 * @param {Words} words
 * @param {Set<number>} shown the keys of the lines, as many as there are lines
 */
function take(list, news, words, shown) {
  if (!news.length) return;
  const lines = news.slice(-MOST).map((one) => line(one, words));
  list.prepend(...lines.reverse());
  // What is older than the first line, because two answers crossed, takes its own place.
  const rows = /** @type {HTMLElement[]} */ ([...list.children]).sort((a, b) => Number(b.dataset.id) - Number(a.dataset.id));
  if (rows.some((row, n) => row !== list.children[n])) list.replaceChildren(...rows);
  while (list.childElementCount > MOST) list.lastElementChild?.remove();
  shown.clear();
  for (const row of /** @type {HTMLElement[]} */ ([...list.children])) shown.add(Number(row.dataset.id));
  const none = document.getElementById("ticker-none");
  if (none) none.hidden = true;
}

/**
 * @param {News} news
 * @param {Words} words
 */
function line(news, { verbs, states, regions, hidden, url }) {
  const item = document.createElement("li");
  const time = Object.assign(document.createElement("time"), { dateTime: news.at, textContent: clock(new Date(news.at)) });
  const verb = Object.assign(document.createElement("strong"), { textContent: verbs[news.verb] ?? news.verb });
  const link = Object.assign(document.createElement("a"), { href: url.replace(NO_CASE, news.case), textContent: news.title || hidden });
  const rest = Object.assign(document.createElement("span"), { textContent: [regions[news.region], states[news.state]].filter(Boolean).join(" · ") });
  item.dataset.id = String(news.id);
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
