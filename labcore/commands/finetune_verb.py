"""`finetune`: the weights of a built-in teacher."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from labcore.commands.arguments import Commands, add_device, use_device, whole_number
from labcore.config.checks import check_integer
from labcore.system.writable import check_folder
from labcore.teacher.built_in import TEACHERS


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("finetune", help="make a built-in teacher's weights again")
    parser.add_argument("teacher", choices=list(TEACHERS))
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the weights (default: in place)")
    parser.add_argument("--seed", type=whole_number, default=0)
    add_device(parser)
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Fine-tune the teacher, and print one JSON object a line. Raises SpecError or OSError if that is not possible."""
    check_integer("--seed", options.seed, 0, 2**63 - 1)
    use_device(options)
    from labcore.finetune.lora import finetune
    from labcore.teacher.load import WEIGHTS

    folder = options.out or WEIGHTS / options.teacher
    check_folder(folder.parent)
    for event in finetune(options.teacher, folder, seed=options.seed):
        print(json.dumps(event), flush=True)
    return 0
