"""What a diagnosis returns: a number for each layer, which plots itself. How it is drawn is said in nn/pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, overload

from autograd.basics.extras import needed

from ..pictures.by_depth import by_depth
from ..pictures.figure import PROJECTOR, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class ByLayer(dict[str, float]):
    """A number for each layer by its name, in order of depth: a dict that plots itself.

    Args:
        numbers: those numbers.
        title: what the plot is called.
        quantity: what the numbers are, for the axis.
        share: whether they are parts of a whole, from 0 to 1; others are drawn on a scale of powers of ten where they
            range that far.

    >>> shares = ByLayer({"layers.0": 0.5, "layers.1": 0.25}, "A title", "a quantity")
    >>> shares
    {'layers.0': 0.5, 'layers.1': 0.25}
    >>> figure = shares.plot()
    """

    def __init__(self, numbers: Mapping[str, float], title: str, quantity: str, share: bool = False) -> None:
        super().__init__(numbers)
        self.title, self.quantity, self.share = title, quantity, share

    @overload
    def plot(self, axes: None = None, label: str = "") -> Figure: ...
    @overload
    def plot(self, axes: Axes, label: str = "") -> None: ...
    def plot(self, axes: Any = None, label: str = "") -> Any:
        """Draw the numbers from the first layer to the last.

        Args:
            axes: of Matplotlib, to draw on them, also over what another call has drawn there; None for a new figure.
            label: a name in the legend, to tell several curves on the same axes apart; "" for no legend.

        Returns:
            The new Figure, which shows itself where it is the last line of a notebook's cell; nothing for axes that
            were given, whose figure the notebook shows anyway.

        Raises:
            ImportError: if Matplotlib is not installed.
        """
        matplotlib = needed("matplotlib", "this plot")
        settings: Any = PROJECTOR
        with matplotlib.rc_context(settings):
            figure = new_figure(10, 5) if axes is None else None
            axes = figure.subplots() if figure else axes
            by_depth(axes, self, share=self.share, label=label)
            axes.set_title(self.title)
            axes.set_ylabel(self.quantity)
        return figure
