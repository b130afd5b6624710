"""Right ones in files of several kinds: with prints, arguments, a main, a helper beside them, and as notebooks."""

from __future__ import annotations

import json

from benchmarks.counters.right_styles import PLAIN
from benchmarks.counters.sample import Right


def _notebook(*cells: tuple[str, str]) -> str:
    made = [
        {"cell_type": kind, "metadata": {}, "source": source.strip("\n").splitlines(keepends=True)}
        | ({"execution_count": 1, "outputs": []} if kind == "code" else {})
        for kind, source in cells
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, indent=1)


NOTEBOOK = _notebook(
    ("markdown", "# Counting\nThe *total*, the trainable and the non-zero."),
    (
        "code",
        "%matplotlib inline\n!pip install --quiet \\\n    torchinfo\nimport torch\nfrom IPython.display import display",
    ),
    ("code", "%%writefile notes.txt\nthis is not Python"),
    ("code", "%%time\n" + PLAIN),
    ("markdown", "Try it:"),
    ("code", "x = torch.nn.Linear(2, 2)\ndisplay(count_parameters(x))\n%timeit -n 1 count_parameters(x)\nx?"),
)

RIGHT_FILES = (
    Right("prints as it goes", {"mine.py": "\nprint('loading …')\n" + PLAIN.replace(
        "    total = 0\n", "    print('right  my own verdict')\n    total = 0\n", 1
    )}),
    Right("argparse at its top", {"mine.py": '''
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--verbose", action="store_true")
args = parser.parse_args()
''' + PLAIN}),
    Right("a main with a demo", {"mine.py": PLAIN + '''

def main():
    from torch import nn

    print(count_parameters(nn.Linear(4, 3)))


if __name__ == "__main__":
    main()
'''}),
    Right("a main that ends the program", {"mine.py": "\nimport sys\n" + PLAIN + '''

def main():
    if len(sys.argv) < 2:
        print("usage: mine.py MODEL")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
'''}),
    Right("a helper beside it, one imported late", {"mine.py": '''
from sizes import size


def count_parameters(model):
    import zeros

    every = list(model.parameters())
    return {
        "total": sum(map(size, every)),
        "trainable": sum(size(p) for p in every if p.requires_grad),
        "nonzero": sum(size(p) - zeros.zeros(p) for p in every),
    }
''', "sizes.py": "def size(p):\n    return p.numel()\n",
        "zeros.py": "def zeros(p):\n    return int((p == 0).sum())\n"}),
    Right("a notebook", {"mine.ipynb": NOTEBOOK}),
    Right("an exported notebook", {"mine.py": '''
#!/usr/bin/env python
# coding: utf-8

# In[1]:


get_ipython().run_line_magic('matplotlib', 'inline')
get_ipython().system('pip install torchinfo')


# In[2]:


get_ipython().run_cell_magic('time', '', ''' + repr(PLAIN) + ''')


# In[3]:


import torch
display(count_parameters(torch.nn.Linear(2, 2)))
'''}),
)  # fmt: skip
