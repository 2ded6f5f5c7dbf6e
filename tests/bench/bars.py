# SPDX-License-Identifier: GPL-2.0
"""Draws measurements of several sides as rows of bars, as SVG. Knows no measurement."""
from html import escape

COLOURS = {"in-tree": "#9aa5b1", "ours": "#1f6feb", "virtio": "#d29922"}
GROUP, BAR, HEIGHT, LEFT, TOP, GAP = 84, 22, 130, 60, 46, 46


def text(x, y, words, anchor="middle", size=11, turn=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-family="sans-serif"'
            f'{turn}>{escape(words)}</text>')


def drawing(rows, found):
    """SVG of rows [(title, what)], each with a bar for each side of each of found {name: {side: {what: value}}}."""
    width = LEFT + GROUP * len(found) + 20
    height = TOP + len(rows) * (HEIGHT + GAP) + 130
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
           f'viewBox="0 0 {width} {height}">', f'<rect width="{width}" height="{height}" fill="white"/>']
    at = LEFT
    for side, colour in COLOURS.items():
        out += [f'<rect x="{at}" y="10" width="12" height="12" fill="{colour}"/>', text(at + 18, 20, side, "start")]
        at += 90
    for row, (title, what) in enumerate(rows):
        base = TOP + row * (HEIGHT + GAP) + HEIGHT
        top = max(sides[side][what] for sides in found.values() for side in sides) or 1
        out += [text(LEFT, base - HEIGHT - 6, title, "start", 12),
                f'<line x1="{LEFT}" y1="{base}" x2="{width - 20}" y2="{base}" stroke="#444"/>']
        for i, (name, sides) in enumerate(found.items()):
            for j, side in enumerate(COLOURS):
                value = sides.get(side, {}).get(what)
                if value is None:
                    continue
                x, tall = LEFT + i * GROUP + 8 + j * (BAR + 2), value / top * (HEIGHT - 16)
                out += [f'<rect x="{x}" y="{base - tall:.1f}" width="{BAR}" height="{tall:.1f}" fill="{COLOURS[side]}"/>',
                        text(x + BAR / 2, base - tall - 3, f"{value:.0f}" if value >= 10 else f"{value:.2f}", size=9)]
            if row == len(rows) - 1:
                x, y = LEFT + i * GROUP + 8 + BAR, base + 14
                out.append(text(x, y, name, "end", 10, f' transform="rotate(-45 {x} {y})"'))
    out.append("</svg>")
    return "\n".join(out)
