"""The Teacher–Student Lab without its screen: derive a student from a BERT, count it, distil it."""

import os

# torch's OpenMP threads wait for each other by spinning. Where another process wants a core too (a browser, a test),
# a spinning thread keeps the one that it waits for from running, and training crawls; sleeping threads cost nothing
# where the machine is quiet. benchmarks/processor.py measures both. It counts only if set before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
