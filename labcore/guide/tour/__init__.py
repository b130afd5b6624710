"""The tour: the chapter's claims, each with a guess, an act and a result in your own numbers."""

from labcore.guide.tour.deciding import DECIDING
from labcore.guide.tour.designing import DESIGNING
from labcore.guide.tour.distilling import DISTILLING
from labcore.guide.tour.stop import Stop

STOPS: tuple[Stop, ...] = (*DESIGNING, *DISTILLING, *DECIDING)


def stop_named(name: str) -> Stop:
    """The stop of this name. Raises LookupError if there is none."""
    for stop in STOPS:
        if stop.name == name:
            return stop
    raise LookupError(f"the tour has no stop {name!r}")
