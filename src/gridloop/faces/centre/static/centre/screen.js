// The screen as a whole: its keys, its clock, how long is left, and whether what it shows is still true.

import { clock, day } from "./time.js";

const STALE_MS = 90_000;
const MODE = /^[1-9]$/;

/** @param {HTMLElement} wall */
export default function screen(wall) {
  const fresh = new Freshness();
  keys(wall);
  leaveWithCare();
  const tick = () => {
    showNow();
    const { sayDays = "d", sayHours = "h", sayOver = "+" } = wall.dataset;
    wall.querySelectorAll("time[data-until]").forEach((time) => countDown(/** @type {HTMLTimeElement} */ (time), { days: sayDays, hours: sayHours, over: sayOver }));
    fresh.look();
  };
  tick();
  setInterval(() => document.visibilityState === "visible" && tick(), 1000);
  const board = document.getElementById("board");
  board?.addEventListener("htmx:beforeSwap", () => remember(board));
  board?.addEventListener("htmx:afterSwap", () => {
    restore(board);
    fresh.take();
    tick();
    document.dispatchEvent(new CustomEvent("gl:board"));
  });
  if (board) refreshOnNews(board);
  wall.dataset.ready = "";
}

/**
 * Whatever comes in, the numbers are asked for at most every few seconds, and again until they are as young as what
 * came: the server makes them anew only now and then, however many screens ask.
 * @param {HTMLElement} board
 */
function refreshOnNews(board) {
  const SOON_MS = 300, WAIT_MS = 4000;
  let asked = 0, newest = 0, timer = 0;
  const ask = () => {
    timer = 0;
    asked = performance.now();
    board.dispatchEvent(new CustomEvent("gl:refresh"));
  };
  const soon = () => {
    if (timer || document.visibilityState !== "visible") return;
    timer = window.setTimeout(ask, Math.max(SOON_MS, asked + WAIT_MS - performance.now()));
  };
  document.addEventListener("gl:news", (event) => {
    const news = /** @type {CustomEvent<{ at: string }[]>} */ (event).detail;
    newest = Math.max(newest, ...news.map(({ at }) => Date.parse(at)));
    soon();
  });
  document.addEventListener("gl:resync", soon);
  document.addEventListener("gl:board", () => boardAt() < newest && soon());
  document.addEventListener("visibilitychange", soon);
}

const boardAt = () => Date.parse(document.getElementById("board-at")?.dataset.at ?? "");

/** How old the numbers are, told in words and by a mark as soon as they can no longer be trusted. */
class Freshness {
  constructor() {
    this.line = document.getElementById("fresh");
    this.isOffline = false;
    document.addEventListener("gl:live", (event) => this.hear(/** @type {CustomEvent<{ state: string }>} */ (event).detail.state));
    this.take();
  }

  take() {
    const at = document.getElementById("board-at")?.dataset.at;
    this.taken = performance.now();
    const time = this.line?.querySelector("time");
    if (!at || !time) return;
    time.dateTime = at;
    time.textContent = clock(new Date(at));
  }

  /** @param {string} state */
  hear(state) {
    this.isOffline = state === "offline";
    this.line?.classList.toggle("is-polling", state === "polling");
    this.look();
  }

  look() {
    if (!this.line) return;
    const isStale = this.isOffline || performance.now() - (this.taken ?? 0) > STALE_MS || !navigator.onLine;
    if (this.line.classList.contains("is-stale") === isStale) return;
    this.line.classList.toggle("is-stale", isStale);
    const words = this.line.querySelector("[data-words]");
    if (words) words.textContent = (isStale ? this.line.dataset.sayStale : this.line.dataset.sayFresh) ?? "";
  }
}

/** @type {Map<string, number>} */
const scrolled = new Map();
let focused = "", opened = /** @type {string[]} */ ([]);

/**
 * Where somebody is, what they scrolled to and what they opened stays when the numbers come anew.
 * @param {HTMLElement} board
 */
function remember(board) {
  scrolled.clear();
  board.querySelectorAll("[id^=scroll-]").forEach((one) => one.scrollTop && scrolled.set(one.id, one.scrollTop));
  focused = board.contains(document.activeElement) ? (document.activeElement?.id ?? "") : "";
  opened = [...board.querySelectorAll("details[open]")].map((one) => one.id);
}

/** @param {HTMLElement} board */
function restore(board) {
  for (const [id, top] of scrolled) document.getElementById(id)?.scrollTo(0, top);
  board.querySelectorAll("details").forEach((one) => (one.open = opened.includes(one.id)));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

/** @param {HTMLElement} wall */
function keys(wall) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (MODE.test(event.key)) /** @type {HTMLElement | null} */ (wall.querySelector(`[data-mode-key="${event.key}"]`))?.click();
    else if (event.key === "f") /** @type {HTMLElement | null} */ (wall.querySelector("[data-of=wall]"))?.click();
    else if (event.key === "p") document.dispatchEvent(new CustomEvent("gl:play"));
  });
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof HTMLElement && target.matches("input:not([type=range], [type=radio], [type=checkbox]), textarea, select");
}

/** Before strangers nobody leaves the masked screen by mistake. */
function leaveWithCare() {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest("[data-leave]")) : null;
    if (link && !confirm(link.dataset.leave)) event.preventDefault();
  });
}

function showNow() {
  const now = document.getElementById("now");
  if (now) write(now, `${day(new Date())} ${clock(new Date())}`);
}

/**
 * @typedef {{ days: string, hours: string, over: string }} Spelling
 * @param {HTMLTimeElement} time
 * @param {Spelling} words
 */
function countDown(time, words) {
  const left = Math.floor((Date.parse(time.dataset.until ?? "") - Date.now()) / 1000);
  time.classList.toggle("is-late", left < 0);
  time.classList.toggle("is-soon", left >= 0 && left < 3600);
  write(time, `${left < 0 ? words.over : ""}${spell(Math.abs(left), words)}`);
}

/**
 * @param {number} seconds
 * @param {Spelling} words
 */
function spell(seconds, { days, hours }) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const full = { days: Math.floor(seconds / 86400), hours: Math.floor((seconds % 86400) / 3600), minutes: Math.floor((seconds % 3600) / 60) };
  if (full.days) return `${full.days}${days}${full.hours}${hours}`;
  return `${full.hours}:${two(full.minutes)}:${two(seconds % 60)}`;
}

/** @param {Date} at */

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
