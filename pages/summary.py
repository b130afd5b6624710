"""What you found on the tour: your guesses, your numbers beside the recorded ones, and three questions."""

from ui.shell.page_frame import end_page, page
from ui.shell.reference_notes import no_reference_results
from ui.tour.session import figures_of_tour, reference_of_tour
from ui.tour.summary_view import summary

with page("summary"):
    reference, shown = reference_of_tour(), figures_of_tour()
    if reference is None or shown is None:
        no_reference_results("tour")
        end_page()
    summary(shown, reference.origin)
