"""Host: for whoever runs the server for others: its queue, its people, this machine, and what people hand in."""

from ui.host.assignment_answers import assignment_answers
from ui.host.grading import grading
from ui.host.login import leave_button, login
from ui.host.machine import machine_panel
from ui.host.people import people_panel
from ui.host.queue_panel import queue_panel
from ui.shell.host import has_host
from ui.shell.owner import person
from ui.shell.page_frame import end_page, page

with page("host"):
    if not has_host() or not person().host:
        login()
        end_page()
    leave_button()
    queue_panel()
    people_panel()
    machine_panel()
    assignment_answers()
    grading()
