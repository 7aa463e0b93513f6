/**
 * What just happened, as events of the document, over one line for the whole browser:
 *
 * - `gl:news`, detail: the list of what happened, the oldest first; each is told once, by its `id`
 * - `gl:resync`: too much was missed, load everything anew
 * - `gl:live`, detail `{state}`: "live", "polling" (a little later than live) or "offline"
 *
 * On the element: `data-live-url`, `data-news-url`, and `data-reader`, which differs from person to person and
 * from post to post; its `data-state` follows the line.
 */
import { Line } from "./line.js";

/** @param {HTMLElement} element */
export default function stream(element) {
  const { liveUrl = "", newsUrl = "", reader = "" } = element.dataset;
  const addresses = { live: new URL(liveUrl, location.href).href, news: new URL(newsUrl, location.href).href };
  /** @param {import("./line.js").Said} said */
  const hear = (said) => {
    if (said.kind === "state") element.dataset.state = said.state;
    const detail = said.kind === "news" ? said.events : said.kind === "state" ? { state: said.state } : undefined;
    const name = { news: "gl:news", state: "gl:live", resync: "gl:resync" }[said.kind];
    document.dispatchEvent(new CustomEvent(name, { detail }));
  };
  if (!bySharedWorker(addresses, reader, hear)) byLeader(addresses, reader, hear);
}

/**
 * @param {import("./line.js").Addresses} addresses
 * @param {string} reader
 * @param {(said: import("./line.js").Said) => void} hear
 */
function bySharedWorker(addresses, reader, hear) {
  if (typeof SharedWorker === "undefined") return false;
  const worker = new SharedWorker(new URL("./stream-worker.js", import.meta.url), { type: "module", name: `gl-live-${reader}` });
  worker.port.onmessage = ({ data }) => hear(data);
  worker.port.postMessage(addresses);
  addEventListener("pagehide", () => worker.port.postMessage("leave"));
  // A page that the browser had put aside and shows again.
  addEventListener("pageshow", (event) => event.persisted && worker.port.postMessage(addresses));
  return true;
}

/**
 * Without shared workers one window holds the line and passes on what it hears; where that cannot be agreed
 * upon, each has a line of its own.
 *
 * @param {import("./line.js").Addresses} addresses
 * @param {string} reader
 * @param {(said: import("./line.js").Said) => void} hear
 */
function byLeader(addresses, reader, hear) {
  if (typeof BroadcastChannel === "undefined" || !navigator.locks) {
    new Line(addresses, hear).open();
    return;
  }
  const name = `gl-live-${reader}`;
  const channel = new BroadcastChannel(name);
  let cursor = "";
  channel.onmessage = ({ data }) => {
    cursor = data.cursor || cursor;
    hear(data);
  };
  void navigator.locks.request(name, () => {
    const line = new Line({ ...addresses, cursor }, (said) => {
      channel.postMessage(said);
      hear(said);
    });
    line.open();
    return new Promise(() => {}); // held until the window is gone
  });
}
