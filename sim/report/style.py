"""One look for all figures.

Figures are made without pyplot, so that they share nothing, and the same data give the same bytes.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import matplotlib as mpl
import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

WIDTH_IN = 7.2
GRID, GROUND = "#e4e4e4", "#f4f4f4"

_STYLE = {
    "font.size": 11,
    "axes.labelsize": 11,
    "axes.titlesize": 11,
    "xtick.labelsize": 10.5,
    "ytick.labelsize": 11,
    "legend.fontsize": 10,
    "legend.handlelength": 1.5,
    "legend.columnspacing": 1.4,
    "svg.hashsalt": "fanout-sim",
}


@contextmanager
def styled() -> Iterator[None]:
    """Our style over matplotlib's own defaults, whatever a user's matplotlibrc says."""
    with mpl.style.context(["default", _STYLE]):
        yield


def new_figure() -> Figure:
    """An empty figure of our width whose parts find their own places; call it inside `styled`."""
    figure = Figure()
    FigureCanvasAgg(figure)
    figure.set_layout_engine("constrained", w_pad=0.1)
    return figure


def clean_axes(axes: Axes, grid: str) -> None:
    """A grid behind the data along "x", "y" or "both", and no frame but the axis below."""
    axes.grid(axis=grid, color=GRID, linewidth=0.8)  # type: ignore[arg-type]
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, axis="y")


def bands(axes: Axes, rows: int) -> None:
    """A ground behind every other of so many rows, which are numbered from 0 on the axis upwards."""
    for row in range(0, rows, 2):
        axes.axhspan(row - 0.5, row + 0.5, color=GROUND, zorder=-1)


def legend_below(figure: Figure, axes: Axes, *, most: int = 4, title: str = "", **look: Any) -> None:
    """A legend below all panels of what these axes show, at most so many names in a row."""
    handles, names = axes.get_legend_handles_labels()
    figure.legend(
        handles,
        names,
        loc="outside lower center",
        ncols=min(len(names), most),
        frameon=False,
        title=title or None,
        title_fontsize=10,
        **look,
    )


def save(figure: Figure, path: Path | IO[str]) -> None:
    """Write the figure, as SVG or PNG after the file's suffix; to a text stream SVG whose text stays text."""
    if isinstance(path, Path):
        kind, fonts = path.suffix[1:], "path"
    else:
        kind, fonts = "svg", "none"
    metadata = {"svg": {"Date": None}, "png": {"Software": None}}[kind]
    with styled(), mpl.rc_context({"svg.fonttype": fonts}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)  # it is drawn as a box
        figure.savefig(path, format=kind, dpi=150, metadata=metadata)
