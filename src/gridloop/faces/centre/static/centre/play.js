// The slider under the map: a day or a month of cases, played or moved by hand.
import { caseLines } from "./cells.js";
import { PointLayer } from "./points.js";
import { read, until } from "./play-data.js";
import { json, scale, showCard, withQuery } from "./words.js";

/**
 * @typedef {import("./words.js").Told} Told
 * @typedef {import("./words.js").Library} Library
 * @typedef {import("./words.js").MapLibre} MapLibre
 */

const LENGTH_MS = { day: 30_000, month: 60_000 };
const MOST = 200_000;
const REACH_PX = 8;

/**
 * @param {Library} library
 * @param {MapLibre} map
 * @param {Told} told
 * @param {(when: string) => void} onSpan told of the day or month that is played, of nothing when the map is live again
 */
export function playback(library, map, told, onSpan) {
  const form = /** @type {HTMLFormElement | null} */ (document.getElementById("play"));
  if (!form || !told.played) return;
  new Playback(form, library, map, told, onSpan);
}

class Playback {
  /**
   * @param {HTMLFormElement} form
   * @param {Library} library
   * @param {MapLibre} map
   * @param {Told} told
   * @param {(when: string) => void} onSpan
   */
  constructor(form, library, map, told, onSpan) {
    this.form = form;
    this.library = library;
    this.map = map;
    this.told = told;
    this.onSpan = onSpan;
    this.tools = /** @type {HTMLElement} */ (form.querySelector(".centre-play-tools"));
    this.day = input(form, "day");
    this.month = input(form, "month");
    this.slider = input(form, "at");
    this.run = /** @type {HTMLButtonElement} */ (form.elements.namedItem("run"));
    this.output = /** @type {HTMLOutputElement} */ (form.elements.namedItem("told"));
    this.layer = new PointLayer();
    /** @type {import("./play-data.js").Played | null} */
    this.played = null;
    this.frame = 0;
    this.asked = 0;
    this.listen();
  }

  listen() {
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("change", (event) => event.target !== this.slider && void this.choose());
    this.slider.addEventListener("input", () => this.show(Number(this.slider.value)));
    this.run.addEventListener("click", () => this.toggle());
    document.addEventListener("gl:play", () => this.kind !== "live" && this.toggle());
    this.map.on("click", (event) => this.kind !== "live" && void this.open(event));
  }

  get kind() {
    return /** @type {"live" | "day" | "month"} */ (new FormData(this.form).get("kind"));
  }

  get when() {
    return this.kind === "live" ? "" : this[this.kind].value;
  }

  async choose() {
    const { kind } = this;
    this.pause();
    this.tools.hidden = kind === "live";
    this.day.hidden = kind !== "day";
    this.month.hidden = kind !== "month";
    this.onSpan(this.when);
    if (kind === "live") return this.clear();
    if (this.when) await this.fetch(this.when);
  }

  clear() {
    this.played = null;
    if (this.map.getLayer(this.layer.id)) this.map.removeLayer(this.layer.id);
  }

  /** @param {string} when */
  async fetch(when) {
    const asked = ++this.asked;
    try {
      const response = await fetch(withQuery(this.told.played ?? "", { when }));
      if (!response.ok) throw new Error(String(response.status));
      const played = read(await response.arrayBuffer());
      if (asked === this.asked && this.when === when) this.take(played);
    } catch (error) {
      console.warn("played", error);
      this.output.value = this.form.dataset.sayFailed ?? "";
    }
  }

  /** @param {import("./play-data.js").Played} played */
  take(played) {
    this.played = played;
    this.layer.fresh = Math.max(2, played.span / 60);
    this.layer.size = sizeOf(played.count) * scale() * this.map.getPixelRatio();
    this.layer.setData(played);
    if (!this.map.getLayer(this.layer.id)) this.map.addLayer(/** @type {any} */ (this.layer));
    this.slider.max = String(played.span);
    this.slider.step = this.kind === "day" ? "5" : "60";
    this.slider.value = String(played.span);
    this.show(played.span);
    if (!played.count) this.output.value = this.form.dataset.sayNone ?? "";
    if (played.count >= MOST) this.output.value += ` ${this.form.dataset.sayFull ?? ""}`;
    this.form.dataset.ready = this.when;
  }

  /** @param {number} minute */
  show(minute) {
    const { played } = this;
    if (!played) return;
    this.layer.setNow(minute);
    this.slider.value = String(minute);
    const reported = until(played.begun, minute);
    const open = reported - until(played.ended, minute);
    const { sayNew = "", sayAt = "" } = this.form.dataset;
    const at = moment(this.when, minute);
    this.output.value = `${at} · ${sayNew} ${reported} · ${sayAt} ${open}`;
    this.slider.setAttribute("aria-valuetext", this.output.value);
  }

  toggle() {
    if (this.frame) return this.pause();
    if (!this.played) return;
    const { span } = this.played;
    const length = LENGTH_MS[this.kind === "month" ? "month" : "day"];
    const from = Number(this.slider.value) >= span ? 0 : Number(this.slider.value);
    const began = performance.now() - (from / span) * length;
    const step = (/** @type {number} */ at) => {
      const minute = Math.min(span, Math.round(((at - began) / length) * span));
      this.show(minute);
      if (minute >= span) return this.pause();
      this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
    this.dress("pause", this.form.dataset.sayPause);
  }

  pause() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.dress("play", this.form.dataset.sayPlay);
  }

  /**
   * @param {string} icon
   * @param {string} [say]
   */
  dress(icon, say = "") {
    const use = this.run.querySelector("use"), words = this.run.querySelector("span");
    use?.setAttribute("href", (use.getAttribute("href") ?? "").replace(/player-\w+/, `player-${icon}`));
    if (words) words.textContent = say;
  }

  /** @param {import("maplibre-gl").MapMouseEvent} event */
  async open({ point, lngLat }) {
    const reach = REACH_PX * scale();
    const a = this.map.unproject([point.x - reach, point.y + reach]), b = this.map.unproject([point.x + reach, point.y - reach]);
    const box = [a.lng, a.lat, b.lng, b.lat].map((side) => side.toFixed(6)).join(",");
    const found = await json(withQuery(this.told.cases ?? "", { bbox: box, when: this.when }));
    if (found.features.length) showCard(this.library, this.map, lngLat, caseLines(found.features, this.told));
  }
}

/**
 * The more points, the smaller: where there are a hundred thousand, a crowd is seen and not each of its heads.
 * @param {number} count
 */
const sizeOf = (count) => Math.min(7, Math.max(2, 7 - 2.5 * Math.log10(Math.max(1, count / 1000))));

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
const input = (form, name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

/**
 * The minute of a day as a time, of a month as a day and an hour.
 * @param {string} span
 * @param {number} minute
 */
function moment(span, minute) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const [days, hours, minutes] = [Math.floor(minute / 1440), Math.floor((minute % 1440) / 60), minute % 60];
  if (span.length > 7) return minute >= 1440 ? "24:00" : `${two(hours)}:${two(minutes)}`;
  return `${span}-${two(days + 1)} ${two(hours)}:00`;
}
