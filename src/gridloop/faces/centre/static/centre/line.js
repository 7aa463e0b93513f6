/**
 * The line to the server: server-sent events, and asking again and again where they do not get through.
 *
 * @typedef {"live" | "polling" | "offline"} LineState
 * @typedef {{id: number, verb: string, case: string, number: string, title: string, state: string,
 *   region: number, lon: number | null, lat: number | null, at: string}} Happening
 * @typedef {{kind: "news", events: Happening[], cursor: string} | {kind: "resync", cursor: string}
 *   | {kind: "state", state: LineState, cursor: string}} Said
 * @typedef {{live: string, news: string, cursor?: string}} Addresses
 */

// Two beats of the server and some more: a line that is silent for so long is dead, whatever the browser thinks.
const SILENT_MS = 40_000;
// A proxy that gathers an answer before it passes it on never lets the first message through.
const FIRST_MS = 8_000;
const MOST_FAILURES = 3;
const POLL_MS = 5_000;
const SIGNED_OUT_MS = 30_000;
const TRY_AGAIN_MS = 60_000;
const REMEMBERED = 2_000;

export class Line {
  /**
   * @param {Addresses} addresses
   * @param {(said: Said) => void} say
   */
  constructor(addresses, say) {
    this.addresses = addresses;
    this.say = say;
    this.cursor = addresses.cursor ?? "";
    /** @type {LineState} */
    this.state = "offline";
    /** @type {EventSource | undefined} */
    this.source = undefined;
    this.failures = 0;
    this.timer = 0;
    /** @type {Set<number>} */
    this.seen = new Set();
  }

  open() {
    this.stop();
    const address = this.cursor ? `${this.addresses.live}?after=${this.cursor}` : this.addresses.live;
    const source = (this.source = new EventSource(address));
    for (const name of ["hello", "news", "resync", "beat"]) {
      source.addEventListener(name, (event) => this.heard(name, /** @type {MessageEvent} */ (event)));
    }
    source.addEventListener("error", () => this.failed(source));
    this.waitFor(FIRST_MS);
  }

  stop() {
    this.source?.close();
    this.source = undefined;
    clearTimeout(this.timer);
  }

  /**
   * @param {string} name
   * @param {MessageEvent} event
   */
  heard(name, event) {
    this.failures = 0;
    this.cursor = event.lastEventId || this.cursor;
    this.enter("live");
    if (name === "news") this.tell(JSON.parse(event.data));
    if (name === "resync") this.say({ kind: "resync", cursor: this.cursor });
    this.waitFor(SILENT_MS);
  }

  /** @param {EventSource} source */
  failed(source) {
    if (source !== this.source) return;
    this.failures += 1;
    this.enter("offline");
    // Closed: the server refused, and says why when it is asked. Otherwise the browser calls again by itself.
    if (source.readyState === EventSource.CLOSED || this.failures >= MOST_FAILURES) this.poll(Date.now());
  }

  /** @param {number} ms */
  waitFor(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (ms === FIRST_MS ? this.poll(Date.now()) : this.open()), ms);
  }

  /** @param {number} since */
  async poll(since) {
    this.stop();
    const wait = await this.ask();
    if (this.source) return;
    if (wait === POLL_MS && Date.now() - since > TRY_AGAIN_MS) this.open();
    else this.timer = setTimeout(() => this.poll(since), wait);
  }

  /** Ask once; returns when to ask again. */
  async ask() {
    try {
      const answer = await fetch(`${this.addresses.news}?after=${this.cursor}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) {
        this.enter("offline");
        return answer.status < 500 ? SIGNED_OUT_MS : POLL_MS;
      }
      const { cursor, resync, events } = await answer.json();
      this.cursor = cursor;
      this.enter("polling");
      if (resync) this.say({ kind: "resync", cursor });
      else this.tell(events);
    } catch {
      this.enter("offline");
    }
    return POLL_MS;
  }

  /** @param {Happening[]} events */
  tell(events) {
    const fresh = events.filter((event) => !this.seen.has(event.id));
    fresh.forEach((event) => this.seen.add(event.id));
    for (const id of this.seen) {
      if (this.seen.size <= REMEMBERED) break;
      this.seen.delete(id);
    }
    if (fresh.length) this.say({ kind: "news", events: fresh, cursor: this.cursor });
  }

  /** @param {LineState} state */
  enter(state) {
    if (state === this.state) return;
    this.state = state;
    this.say({ kind: "state", state, cursor: this.cursor });
  }
}
