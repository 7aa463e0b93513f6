"""Pictures for the cases, drawn: a street, a yard or a corridor with what is wrong in it, and without it."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi, sin
from random import Random
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFilter

from gridloop.base.common.files import Checked, inspect, store

SIZE = (960, 720)
EACH = 2  # pictures of each scene
_HORIZON = 330

Colour: TypeAlias = tuple[int, int, int]
Brush: TypeAlias = ImageDraw.ImageDraw


@dataclass(frozen=True, slots=True)
class Pair:
    """The same place before and after."""

    before: Checked
    after: Checked


class Album:
    """All pictures of a town, kept in the storage."""

    def __init__(self, rng: Random) -> None:
        self.pairs = {kind: [_pair(rng, kind) for _n in range(EACH)] for kind in _TROUBLES}
        for pairs in self.pairs.values():
            for pair in pairs:
                store(pair.before)
                store(pair.after)

    def pick(self, rng: Random, code: str) -> Pair:
        """Return a picture that suits a category of this code."""
        kind = next((kind for prefix, kind in _SUITS if code.startswith(prefix)), "litter")
        return rng.choice(self.pairs[kind])


_SUITS = (
    *(("XF03", "bikes"), ("XF04", "bikes"), ("1504", "bikes"), ("1503", "cars"), ("1505", "cars")),
    *(("XF05", "cars"), ("JT", "cars"), ("HB0", "smoke"), ("AQ", "smoke"), ("130", "smoke")),
    *(("1104", "water"), ("1110", "water"), ("SW", "water"), ("140", "water")),
    *(("01", "hole"), ("02", "hole"), ("XF", "boxes"), ("WY", "boxes"), ("1105", "boxes"), ("1502", "boxes")),
)


def _pair(rng: Random, kind: str) -> Pair:
    scene = _scene(rng)
    trouble = scene.copy()
    _TROUBLES[kind](ImageDraw.Draw(trouble), rng)
    return Pair(_developed(rng, trouble), _developed(rng, scene))


def _developed(rng: Random, drawn: Image.Image) -> Checked:
    """Return the drawing softened and grained like a telephone's picture, checked as any upload is."""
    grain = Image.frombytes("L", (SIZE[0] // 4, SIZE[1] // 4), rng.randbytes(SIZE[0] * SIZE[1] // 16))
    soft = drawn.filter(ImageFilter.GaussianBlur(1.6))
    picture = Image.blend(soft, grain.resize(SIZE).convert("RGB"), 0.07)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=82)
    return inspect(file)


def _scene(rng: Random) -> Image.Image:
    image = Image.new("RGB", SIZE)
    brush = ImageDraw.Draw(image)
    light = rng.randrange(150, 215)
    for y in range(_HORIZON):
        brush.line([(0, y), (SIZE[0], y)], fill=(light - 40 + y // 12, light - 10 + y // 14, light + 30))
    _houses(brush, rng)
    ground = rng.randrange(105, 140)
    for y in range(_HORIZON, SIZE[1]):
        shade = ground + (y - _HORIZON) // 14
        brush.line([(0, y), (SIZE[0], y)], fill=(shade, shade, shade - 4))
    _pavement(brush, rng)
    return image


def _houses(brush: Brush, rng: Random) -> None:
    x = -rng.randrange(80)
    while x < SIZE[0]:
        width, height = rng.randrange(130, 240), rng.randrange(120, 290)
        wall = _shade(rng, rng.choice(((214, 200, 178), (196, 186, 174), (222, 214, 204), (180, 170, 160))))
        brush.rectangle([x, _HORIZON - height, x + width, _HORIZON + 12], fill=wall)
        for wx in range(x + 16, x + width - 30, 44):
            for wy in range(_HORIZON - height + 18, _HORIZON - 50, 52):
                brush.rectangle([wx, wy, wx + 24, wy + 32], fill=_shade(rng, (92, 112, 128)))
        x += width + rng.randrange(6, 40)


def _pavement(brush: Brush, rng: Random) -> None:
    edge = rng.randrange(420, 520)
    brush.polygon(
        [(0, edge), (SIZE[0], edge - 70), (SIZE[0], edge - 48), (0, edge + 26)], fill=(188, 184, 176)
    )
    for x in range(0, SIZE[0], 48):
        top = edge - 70 * x // SIZE[0]
        brush.line([(x, top), (x + 8, top + 24)], fill=(150, 148, 142), width=2)
    for x in range(60, SIZE[0], 210):
        brush.polygon([(x, 640), (x + 110, 632), (x + 116, 646), (x + 6, 654)], fill=(222, 222, 214))


def _litter(brush: Brush, rng: Random) -> None:
    for _bag in range(rng.randrange(14, 24)):
        x, y, r = rng.gauss(480, 110), rng.gauss(520, 30), rng.randrange(18, 46)
        tone = _shade(
            rng, rng.choice(((40, 44, 52), (170, 60, 50), (60, 110, 70), (210, 206, 196), (70, 90, 150)))
        )
        brush.polygon(_blob(rng, x, y, r), fill=tone)
        brush.ellipse([x - r / 4, y - r * 1.1, x + r / 4, y - r * 0.7], fill=tone)
    for _scrap in range(60):
        x, y = rng.gauss(480, 190), rng.gauss(560, 36)
        brush.rectangle(
            [x, y, x + rng.randrange(4, 14), y + rng.randrange(3, 8)], fill=_shade(rng, (220, 214, 200))
        )


def _hole(brush: Brush, rng: Random) -> None:
    brush.polygon(_blob(rng, 490, 590, 120, flat=0.42), fill=(66, 62, 58))
    brush.polygon(_blob(rng, 495, 596, 92, flat=0.38), fill=(44, 40, 38))
    for angle in range(0, 360, 40):
        x, y = 490 + 130 * cos(angle), 590 + 56 * sin(angle)
        brush.line([(x, y), (x + rng.uniform(-70, 70), y + rng.uniform(-22, 22))], fill=(70, 68, 66), width=3)


def _water(brush: Brush, rng: Random) -> None:
    for shrink, tone in ((1.0, (104, 116, 122)), (0.82, (122, 138, 146)), (0.5, (150, 166, 174))):
        brush.polygon(_blob(rng, 480, 590, int(300 * shrink), flat=0.3), fill=tone)
    for _leaf in range(26):
        x, y = rng.gauss(480, 140), rng.gauss(590, 34)
        brush.ellipse([x, y, x + 16, y + 6], fill=_shade(rng, (120, 104, 60)))


def _bikes(brush: Brush, rng: Random) -> None:
    for n in range(rng.randrange(3, 6)):
        x, y, tone = (
            190 + n * 130,
            500 + rng.randrange(-10, 30),
            _shade(rng, rng.choice(((180, 50, 50), (50, 90, 160), (40, 40, 46)))),
        )
        for wheel in (x, x + 92):
            brush.ellipse([wheel, y, wheel + 52, y + 52], outline=(24, 24, 26), width=8)
        brush.polygon([(x + 18, y + 26), (x + 40, y - 26), (x + 100, y - 18), (x + 120, y + 26)], fill=tone)
        brush.line([(x + 108, y + 20), (x + 96, y - 66), (x + 124, y - 74)], fill=(36, 36, 38), width=7)
    brush.line([(250, 90), (262, 260), (240, 410), (300, 500)], fill=(236, 130, 40), width=5, joint="curve")
    brush.rectangle([288, 490, 340, 512], fill=(240, 240, 236))


def _cars(brush: Brush, rng: Random) -> None:
    for n in range(3):
        x, y = 60 + n * 290, 480 + rng.randrange(-8, 16)
        tone = _shade(rng, rng.choice(((210, 212, 216), (60, 64, 72), (150, 40, 44), (40, 70, 120))))
        brush.rounded_rectangle([x, y, x + 250, y + 70], 18, fill=tone)
        brush.polygon([(x + 46, y + 4), (x + 84, y - 48), (x + 176, y - 48), (x + 214, y + 4)], fill=tone)
        brush.polygon([(x + 62, y), (x + 92, y - 38), (x + 168, y - 38), (x + 196, y)], fill=(70, 86, 98))
        for wheel in (x + 34, x + 164):
            brush.ellipse([wheel, y + 40, wheel + 56, y + 96], fill=(26, 26, 28))


def _smoke(brush: Brush, rng: Random) -> None:
    brush.polygon([(640, 330), (652, 90), (692, 90), (704, 330)], fill=(150, 120, 108))
    for n in range(34):
        r = 22 + n * 3
        x, y = 672 - n * 15 + rng.uniform(-14, 14), 84 - n * 1.2 + rng.uniform(-16, 16)
        tone = 150 - n
        brush.ellipse([x - r, y - r, x + r, y + r], fill=(tone, tone - 4, tone - 10))


def _boxes(brush: Brush, rng: Random) -> None:
    for _box in range(rng.randrange(10, 16)):
        x, y, w, h = rng.gauss(470, 130), rng.gauss(500, 36), rng.randrange(50, 110), rng.randrange(40, 84)
        tone = _shade(rng, (178, 138, 92))
        brush.rectangle([x, y - h, x + w, y], fill=tone, outline=(110, 82, 52), width=2)
        brush.line([(x, y - h / 2), (x + w, y - h / 2)], fill=(206, 182, 140), width=6)


def _blob(rng: Random, x: float, y: float, r: int, *, flat: float = 0.85) -> list[tuple[float, float]]:
    steps = 18
    reach = [r * rng.uniform(0.8, 1.1) for _step in range(steps)]
    return [
        (x + reach[k] * cos(2 * pi * k / steps), y + reach[k] * flat * sin(2 * pi * k / steps))
        for k in range(steps)
    ]


def _shade(rng: Random, tone: Colour) -> Colour:
    by = rng.randrange(-16, 17)
    red, green, blue = (min(255, max(0, part + by)) for part in tone)
    return red, green, blue


_TROUBLES: dict[str, Callable[[Brush, Random], None]] = {
    "litter": _litter,
    "hole": _hole,
    "water": _water,
    "bikes": _bikes,
    "cars": _cars,
    "smoke": _smoke,
    "boxes": _boxes,
}
