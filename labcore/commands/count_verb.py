"""`count`: the parameters of a spec's teacher and student."""

from __future__ import annotations

import argparse
import json

from labcore.commands.arguments import Commands, add_spec, read_spec, whole_number
from labcore.commands.notes import print_ineffective_steps
from labcore.config.checks import check_integer
from labcore.config.spec import SpecError


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("count", help="count the parameters of a spec's teacher and student")
    add_spec(parser)
    parser.add_argument(
        "--tokens", type=whole_number, metavar="N", help="length of the example whose arithmetic is counted (128)"
    )
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Print the counts as JSON. Raises SpecError if the spec or the number of tokens is not valid."""
    spec = read_spec(options.spec)
    from labcore.count.cost import TOKENS
    from labcore.runs.cache import counted
    from labcore.runs.teacher_models import sizes_of

    if options.tokens is not None:
        check_integer("--tokens", options.tokens, 1)
        limit = sizes_of(spec.teacher).positions
        if options.tokens > limit:
            raise SpecError(
                f"--tokens is {options.tokens}, but {spec.teacher!r} reads at most {limit} tokens; give up to {limit}"
            )
    print(json.dumps(counted(spec, options.tokens or TOKENS).to_json()))
    print_ineffective_steps(spec)
    return 0
