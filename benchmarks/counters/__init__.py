"""Ways in which people write `count_parameters`: wrong ones, each with the cases made for it, and right ones.

The test of the grader and `python -m benchmarks.counters` both take them from here, and run each as a file of its own.
"""
