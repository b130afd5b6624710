"""The link of an assignment: short enough for a QR code, and it still holds every setting. Standard library only.

The query field `lesson` holds the assignment's JSON, compressed with a fixed dictionary, after the mark `1.`. Links of
earlier versions hold the JSON itself, and open too.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, quote, urlsplit

from labcore.config.assignment import MAX_LINK, Assignment
from labcore.config.checks import SpecError, shown
from labcore.config.packing import packed, unpacked

ASSIGNMENT = "lesson"  # the name of the query field
MARK = "1."
# What most assignments have in common. It must never change, because links that were given out are compressed with it:
# a new dictionary gets a new mark. Names that a later version adds cost a few more characters.
DICTIONARY = (
    b'"kind":"prune_heads","heads":"prune_neurons","neurons":"factorise_embeddings","trim_vocabulary","size":"manual",'
    b'"hidden":"layers":"intermediate":"init":"random""keep_layers","count":"even""prune","sparsity":"scope":"global"'
    b'"factorise","rank":"method":"svd""teacher":"news","task":"news","distil.length","distil.seed","steps.kinds",'
    b'"locked":["steps","distil","teacher"],"hidden":["page":"exercise""page":"distil","locked":[],"hidden":[],'
    b'"large":true}{"version":1,"spec":{"teacher":"reviews","task":"reviews","steps":[{"kind":"keep_layers","layers":'
    b'null,"count":3,"keep":"even"},{"kind":"factorise","rank":64}],"distil":{"hard":0.2,"soft":0.8,"logit":0.0,'
    b'"hidden":0.0,"cosine":0.0,"relation":0.0,"temperature":2.0,"layer_map":"even","epochs":3,"batch_size":32,'
    b'"learning_rate":null,"seed":0,"hidden_at":"cls","schedule":"constant","final":{},"transfer":0,"steps":null,'
    b'"seconds":null,"patience":null,"dropout":0.0,"weight_decay":0.01,"embeddings":true,"gradual":false,"start":'
    b'"derived"}},"title":"","text":"","page":"design","locked":[],"hidden":[],"large":false}'
)


def assignment_link(root: str, assignment: Assignment) -> str:
    """The link that opens the assignment on the lab at `root`, such as `http://lab.example:8501/`."""
    return f"{root}?{ASSIGNMENT}={quote(MARK + packed(assignment.to_json(), DICTIONARY))}"


def assignment_of(text: str) -> Assignment:
    """The assignment in a link's query field, packed or as JSON. Raises SpecError if there is none."""
    return Assignment.from_json(_json_in(text.removeprefix(MARK)) if text.startswith(MARK) else text)


def _json_in(code: str) -> str:
    """An assignment's JSON. Raises SpecError if the code is damaged, or longer than a link may be."""
    if len(code) > MAX_LINK:
        raise SpecError(f"the assignment has {len(code):,} characters; give at most {MAX_LINK:,}")
    try:
        return unpacked(code, MAX_LINK, DICTIONARY)
    except ValueError as error:
        raise SpecError(f"the assignment can't be read ({error}); copy its full link again") from None


# -- the lab's address ---------------------------------------------------------------------------------


def class_root(text: str) -> str:
    """The lab's address as a person types it, such as `192.168.1.20:8501`, as the root of links.

    Raises SpecError if it is no address of a web server.
    """
    given = text.strip()
    try:
        parts = urlsplit(given if "://" in given else f"http://{given}")
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        valid, parts = False, SplitResult("", "", "", "", "")
    if not valid or " " in given or parts.username is not None:
        raise SpecError(
            f"the lab's address is {shown(given)}; give that of its server, such as http://192.168.1.20:8501"
        )
    return parts._replace(path=f"{parts.path.rstrip('/')}/", query="", fragment="").geturl()


def only_this_machine(root: str) -> bool:
    """Whether an address such as `http://127.0.0.1:8501/` names the machine that opens it, and no other."""
    name = urlsplit(root).hostname or ""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
