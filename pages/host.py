"""Host: for whoever runs the server for others: its queue, people, machine and submissions."""

from ui.host.assignment_panel import assignment_panel
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
    assignment_panel()
    grading()
