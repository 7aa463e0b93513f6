// One line for all windows of a browser that one person has open; it ends with the last of them.
import { Line } from "./line.js";

/** @type {Set<MessagePort>} */
const ports = new Set();
/** @type {Line | undefined} */
let line;

/** @param {import("./line.js").Said} said */
function say(said) {
  for (const port of ports) port.postMessage(said);
}

/**
 * @param {MessagePort} port
 * @param {import("./line.js").Addresses | "leave"} message
 */
function take(port, message) {
  if (message === "leave") {
    ports.delete(port);
    if (ports.size) return;
    line?.stop();
    line = undefined;
    return;
  }
  ports.add(port);
  if (line) {
    port.postMessage({ kind: "state", state: line.state, cursor: line.cursor });
    return;
  }
  line = new Line(message, say);
  line.open();
}

self.addEventListener("connect", (event) => {
  const [port] = /** @type {MessageEvent} */ (event).ports;
  if (port) port.onmessage = ({ data }) => take(port, data);
});
