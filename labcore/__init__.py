"""The Teacher–Student Lab without its screen: derive a student from a teacher, count it, distil it."""

import os

# torch's OpenMP threads wait for each other by spinning. If another process wants a core too (a browser, a test), a
# spinning thread blocks the one that it waits for, and training crawls. Sleeping threads cost nothing on a quiet
# machine. benchmarks/processor.py measures both. The setting works only before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# What torch has not written for Apple's GPUs is computed on the processor. It too works only before torch is imported.
os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")

# oneDNN keeps a compiled product for each shape that it has met, by default 1,024. Batches have many lengths, so a
# training would hold 0.3 GB more for them, and is not faster for it. python -m benchmarks.memory measures both.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
