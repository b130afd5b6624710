"""Runs on more than one machine: the queue's jobs as Ray actors. See docs/cluster.md."""
