"""Inputs that nobody should send, by Hypothesis: each gives a valid thing or a clear error, never a traceback.

    python -m benchmarks.inputs                  # 10,000 of them, a table by kind; ends with 1 if one gave neither
    python -m benchmarks.inputs --n 500 --seed 3 --only links

Kinds: specs; links, that is, the query of an address; assignments; ids in links; cookies; uploads of data and of
teachers; submissions and notebooks. Then attempts and tours, forms of people and of the host, the server's settings.
`tests/system/test_strange_inputs.py` tries few of each.
"""
