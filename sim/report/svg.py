"""SVG text that can stand in an HTML page, says what it shows, and is the same wherever it is drawn."""

import io
import re
from html import escape
from itertools import count

from matplotlib.figure import Figure

from sim.report.page import Picture, Text
from sim.report.style import save

_FONTS = "'DejaVu Sans', Verdana, sans-serif"


def picture(name: str, figure: Figure, title: str, says: str, caption: Text = "") -> Picture:
    """The figure as a block of a page; without a caption of its own, its title is one."""
    return Picture(name, svg(figure, name, title, says), says, caption or f"{title}.")


def svg(figure: Figure, name: str, title: str, says: str) -> str:
    """The figure as SVG text, from `<svg` on.

    name: begins every id, so that several figures can share a page. title, says: what it shows, in a few words and in
    sentences, for who does not see it.

    Text stays text. Coordinates are rounded to a hundredth of a point and ids numbered, since the last digits of both
    may differ between machines.
    """
    stream = io.StringIO()
    save(figure, stream)
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*|<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", text, flags=re.DOTALL)  # it would style the page too
    text = re.sub(r'font-family: [^;"]*', f"font-family: {_FONTS}", text)
    text = re.sub(r' transform="rotate\(-0 [^"]*"', "", text)
    text = re.sub(r'(?<=\sd=")[^"]*', lambda path: " ".join(path[0].split()), text)
    text = re.sub(r"\n\s+", "\n", text)
    text = re.sub(r"<[^>]*>", lambda tag: re.sub(r"-?\d+\.\d+", lambda found: _rounded(found[0]), tag[0]), text)
    text = text.replace("xlink:href", "href").replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    text = _renamed(text, name)
    labelled = f'role="img" aria-labelledby="{name}-title {name}-says" style="stroke-linejoin: round"'
    told = f'<title id="{name}-title">{escape(title)}</title>\n<desc id="{name}-says">{escape(says)}</desc>'
    return re.sub(r"<svg ([^>]*)>", rf"<svg {labelled} \1>\n{told}", text, count=1)


def _rounded(number: str) -> str:
    rounded = f"{float(number):.2f}".rstrip("0").rstrip(".")
    return "0" if rounded == "-0" else rounded


def _renamed(text: str, name: str) -> str:
    """With the ids that something refers to numbered from 1 as they come, and no others."""
    used = set(re.findall(r"(?:href=\"|url\()#([^\")]+)", text))
    numbers = count(1)
    names = {old: f"{name}-{next(numbers)}" for old in re.findall(r' id="([^"]+)"', text) if old in used}
    text = re.sub(r' id="([^"]+)"', lambda found: f' id="{names[found[1]]}"' if found[1] in names else "", text)
    return re.sub(r"(href=\"|url\()#([^\")]+)", lambda found: f"{found[1]}#{names[found[2]]}", text)
