"""
`python -m bench.points URL USER PASSWORD [COUNT]`: how fluid two hundred thousand points are in a browser.

The answer of `played.bin` is put in their place; everything else is the page as it is. Prints how long it
takes to read them, and the frames per second while the map moves and while the slider runs.
"""

import json
import shutil
import struct
import sys
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright

MINUTES = 1440
FLAGS = ["--no-sandbox", "--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
# The page's own clock of frames, for so many seconds.
FRAMES = """(ms) => new Promise((done) => {
  const began = performance.now(); let frames = 0, worst = 0, last = began;
  const step = (at) => {
    frames += 1; worst = Math.max(worst, at - last); last = at;
    if (at - began < ms) requestAnimationFrame(step);
    else done({ fps: Math.round(frames / (at - began) * 1000), worst_ms: Math.round(worst) });
  };
  requestAnimationFrame(step);
})"""


def main(url: str, user: str, password: str, count: int = 200_000) -> dict[str, Any]:
    """Open the screen, play the points and return what was measured."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
        page.goto(f"{url}/accounts/login/")
        page.fill("[name=login]", user)
        page.fill("[name=password]", password)
        page.locator("main button.btn-primary").click()
        page.wait_for_url("**/desk/**")
        page.route(
            "**/played.bin*",
            lambda route: route.fulfill(body=_columns(count), content_type="application/octet-stream"),
        )
        page.goto(f"{url}/centre/")
        page.wait_for_selector("#ground[data-ready]", timeout=120_000)
        page.wait_for_timeout(3000)  # the stream never lets the network rest
        found = {"resting": page.evaluate(FRAMES, 3000), "points": _read_ms(page)}
        page.get_by_role("radio", name="回放一天").check()
        page.wait_for_selector("#play[data-ready]")
        page.locator("#play [name=run]").click()
        found["playing"] = page.evaluate(FRAMES, 5000)
        box: Any = page.locator("#ground").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.wheel(0, -400)
        page.evaluate(
            f"void ({FRAMES})(5000).then((found) => (document.body.dataset.measured = JSON.stringify(found)))"
        )
        page.mouse.down()
        for n in range(60):
            page.mouse.move(x + 200 * (n % 2), y + n)
        page.mouse.up()
        page.wait_for_selector("body[data-measured]")
        found["moving and playing"] = json.loads(page.locator("body").get_attribute("data-measured") or "{}")
        browser.close()
    return found


def _read_ms(page: Any) -> dict[str, float]:
    """Return how long the script takes to make of the answer what the map draws."""
    script = """async () => {
      const { read } = await import("/static/centre/play-data.js");
      const buffer = await (await fetch("/centre/played.bin")).arrayBuffer();
      const began = performance.now(); const { count } = read(buffer);
      return [count, Math.round(performance.now() - began)];
    }"""
    count, took = page.evaluate(script)
    return {"count": count, "read_ms": took}


def _columns(count: int) -> bytes:
    rng = np.random.default_rng(7)
    began = rng.integers(0, MINUTES, count).astype("<u2")
    ended = np.minimum(began.astype(int) + rng.integers(30, 3000, count), 65535).astype("<u2")
    places = [(rng.normal(0, 0.02, count)).astype("<f4"), (rng.normal(0, 0.015, count)).astype("<f4")]
    head = struct.pack("<IIdd", count, MINUTES, 119.98, 31.79)
    return head + b"".join(column.tobytes() for column in (*places, began, ended))


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:4], *map(int, sys.argv[4:5])), indent=2))
