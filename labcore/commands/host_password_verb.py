"""`host-password`: the hash of a password, for LAB_HOST_PASSWORD, so that the password itself is in no file."""

from __future__ import annotations

import argparse
import getpass
import sys

from labcore.commands.arguments import Commands
from labcore.config.checks import SpecError
from labcore.owners.host_password import VARIABLE, hashed


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    help_line = "print the hash of a password, for the page Host"
    parser = commands.add_parser(
        "host-password", help=help_line, description=f"{help_line.capitalize()}. It is read from the terminal, twice."
    )
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Ask for the password and print the line to set. Raises SpecError if it is not allowed or not the same twice."""
    if sys.stdin.isatty():
        password, again = getpass.getpass("Password: "), getpass.getpass("Again: ")
    else:
        password = again = sys.stdin.readline().rstrip("\n")
    if password != again:
        raise SpecError("the two passwords differ; type the same one twice")
    print(f"{VARIABLE}='{hashed(password)}'")
    return 0
