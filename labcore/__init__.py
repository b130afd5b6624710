"""The Teacher–Student Lab without its screen: derive a student from a BERT, count it, distil it."""

import os

# torch's OpenMP threads wait for each other by spinning. Where another process wants a core too (a browser, a test),
# a spinning thread keeps the one that it waits for from running: a distillation beside one busy process fell from
# 133 sentences/s to 12 on two cores, and stays at 133 with threads that sleep; alone both run at the same speed.
# It counts only where it is set before torch is first imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
