"""From a teacher's name to its folder: on disk, or through the Hugging Face hub.

If a name leads to no folder, the error lists what is there instead, and what to give.
"""

from __future__ import annotations

import difflib
import os
import re
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import huggingface_hub
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from labcore.config.checks import SpecError, shown
from labcore.config.json_data import read_json
from labcore.teacher.base_model import BASE_ID, package_folder
from labcore.teacher.built_in import BUILT_IN, ready_teachers
from labcore.teacher.own_teachers import MODEL, folder_of_entry, is_own, ready_entry

CONFIG, ADAPTER, STRUCTURE = "config.json", "adapter_config.json", "structure.json"
WEIGHTS, SHARDS = "model.safetensors", "model.safetensors.index.json"
PATTERNS = [
    CONFIG, ADAPTER, STRUCTURE, "spec.json", "*.safetensors", SHARDS,
    "tokenizer*", "vocab.*", "merges.txt", "special_tokens_map.json", "added_tokens.json",
]  # fmt: skip
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.h5", "*.onnx", "*.msgpack")
CONNECTS_WITHIN_S = 3.0  # without a network the hub's own retries take half a minute
_GIVE_ID = "give the id of a public model as its page on the hub shows it, such as 'owner/model'"
# The more special kinds first.
_HUB_ERRORS: tuple[tuple[type[Exception], str], ...] = (
    (GatedRepoError, "its owner must allow the download first, so download it yourself and give its folder"),
    (RepositoryNotFoundError, "there is no public model of this name"),
    (RevisionNotFoundError, "the model has no such commit"),
    (LocalEntryNotFoundError, "the connection broke"),
)
_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?(@[0-9a-f]{40})?")


class TeacherError(SpecError):
    """A teacher that can't be loaded: what was given, what is expected, and what to do."""


def folder_of(name: str, *, fetch: bool = True) -> Path:
    """The folder of the teacher called `name`: the folder itself, that of a file in it, or a download from the hub.

    A teacher of your own (`own:<id>`) is in the lab's home, or at the folder or hub id that its entry names. A hub id
    may end in `@` and the 40 hexadecimal digits of a commit, which pins it.
    fetch: whether to download it if it is not on this machine.
    Raises TeacherError if there is none; at once if the hub can't be reached or can't have such a name.
    """
    name = os.fspath(name)
    if is_own(name):
        return _folder_of_own(name, fetch)
    try:
        path = Path(name).expanduser()
        if path.is_dir():
            return path
        if path.is_file():
            if path.suffix in (".json", ".safetensors", ".txt"):
                return path.parent
            raise TeacherError(f"{name} is a file; give the folder that save_pretrained wrote, unpacked")
    except TeacherError:
        raise
    except (OSError, ValueError, RuntimeError) as error:  # too long, a null character, an unknown user
        raise TeacherError(f"the teacher {name[:80]!r} can't be looked for ({error}); {_give()}") from None
    if name.startswith(("/", "~", ".", "\\")) or not _HUB_ID.fullmatch(name):
        raise TeacherError(f"there is no folder {name}; {_give()}")
    if name == BASE_ID and (packaged := package_folder()) is not None:
        return packaged
    if "/" not in name and (near := _nearest_built_in(name)):
        raise TeacherError(f"no teacher is called {name!r}; did you mean {near!r}? Otherwise {_give()}")
    return _downloaded(name, fetch)


def hub_folder(hub_id: str) -> Path:
    """The folder of a model of the hub, never another folder of this machine.

    Raises TeacherError if the name has not the form of a hub's id, or if there is no such model.
    """
    if "/" not in hub_id or not _HUB_ID.fullmatch(hub_id):
        raise TeacherError(
            f"{shown(hub_id)} is no model's id of the Hugging Face hub; {_GIVE_ID}, or owner/model@ and a commit of 40 "
            "hexadecimal digits"
        )
    return _downloaded(hub_id, fetch=True, give=_GIVE_ID)


def resolved(name: str) -> str:
    """One name for one teacher: the absolute path of a folder or of a file's folder; any other name as it is."""
    if name in BUILT_IN or is_own(name):
        return name
    try:
        path = Path(name).expanduser()
        if not path.exists():
            return name
        return str(folder_of(name).resolve())
    except (TeacherError, OSError, ValueError, RuntimeError):  # loading it raises the error
        return name


def adapted_from(folder: Path) -> str | None:
    """The name of the model that the adapter in a folder was trained on; None if the folder has no adapter.

    Raises TeacherError if the adapter's config does not name it.
    """
    path = folder / ADAPTER
    if not path.is_file():
        return None
    config = read_json(path, error=TeacherError)
    name = config.get("base_model_name_or_path") if isinstance(config, dict) else None
    if not isinstance(name, str) or not name:
        raise TeacherError(f"{path} does not name its base; give the merged model (merge_and_unload) instead")
    return name


def inside(folder: Path) -> str:
    """The content of a folder without config.json, and what to give instead: the end of a sentence."""
    models = sorted(path.parent for path in folder.glob(f"*/{CONFIG}"))
    if checkpoints := [path for path in models if re.fullmatch(r"checkpoint-\d+", path.name)]:
        last = max(checkpoints, key=lambda path: int(path.name.split("-")[1]))
        return f"holds {few([path.name for path in checkpoints])}; give one of these, such as {last}"
    if models:
        return f"holds a model in its folder {models[0].name}; give {models[0]}"
    if pickled := sorted(path.name for pattern in PICKLED for path in folder.glob(pattern)):
        return f"holds {few(pickled)}, but no {CONFIG}; load it in transformers and call model.save_pretrained"
    if (folder / WEIGHTS).is_file():
        return f"holds {WEIGHTS}, but no {CONFIG}; copy the model's {CONFIG} beside it"
    names = sorted(path.name for path in folder.iterdir())
    return f"holds {few(names) if names else 'nothing'}, but no {CONFIG}; {_give()}"


def few(names: Iterable[str]) -> str:
    """The first three names, and how many more there are."""
    names = list(names)
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _give() -> str:
    return (
        f"give {ready_teachers()}, a folder that save_pretrained wrote, or the id of a model on the Hugging Face hub "
        "such as 'owner/model' (while you are online)"
    )


def _folder_of_own(name: str, fetch: bool) -> Path:
    try:
        entry = ready_entry(name)
    except SpecError as error:
        raise TeacherError(str(error)) from None
    return folder_of_entry(name) / MODEL if entry.source is None else folder_of(entry.source, fetch=fetch)


def _nearest_built_in(name: str) -> str | None:
    """The built-in name that starts with `name` or is close to it; None if there is none."""
    by_plain_name, given = {built_in.casefold(): built_in for built_in in BUILT_IN}, name.casefold()
    starting = [plain for plain in by_plain_name if plain.startswith(given)]
    near = [*starting, *difflib.get_close_matches(given, by_plain_name, 1, 0.7)]
    return by_plain_name[near[0]] if near else None


def _downloaded(hub_id: str, fetch: bool, give: str = "") -> Path:
    """The folder of a model of the hub: from its cache on this machine, otherwise downloaded if `fetch`.

    give: the end of an error; by default all that can name a teacher. Raises TeacherError.
    """
    repository, _, revision = hub_id.partition("@")
    options: dict[str, Any] = {"allow_patterns": PATTERNS, "revision": revision or None}
    try:
        cached = Path(huggingface_hub.snapshot_download(repository, local_files_only=True, **options))
        if any(cached.glob("*.safetensors")):  # transformers may have cached the config alone
            return cached
    except (LocalEntryNotFoundError, OSError, ValueError):
        pass
    if not fetch:
        raise TeacherError(
            f"the model {hub_id!r} of the Hugging Face hub is not on this machine; be online to fetch it"
        )
    if not _hub_responds():
        here = "is not on this machine" if give else "is neither built in nor a folder here"
        raise TeacherError(f"{hub_id!r} {here}, and the Hugging Face hub can't be reached; {give or _give()}")
    try:
        return Path(huggingface_hub.snapshot_download(repository, **options))
    except (OSError, ValueError, HfHubHTTPError) as error:
        raise TeacherError(
            f"the model {hub_id!r} can't be downloaded from the Hugging Face hub: {_why(error)}; {give or _give()}"
        ) from None


def _why(error: Exception) -> str:
    """Why the hub gave no model, in words for people; of an unforeseen error its first line."""
    for kind, words in _HUB_ERRORS:
        if isinstance(error, kind):
            return words
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _hub_responds() -> bool:
    """Whether the hub accepts a connection within seconds. Behind a proxy only a download shows it, so True."""
    if huggingface_hub.constants.HF_HUB_OFFLINE or os.environ.get("HF_HUB_OFFLINE") == "1":
        return False
    if any(os.environ.get(name) for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")):
        return True
    address = urlsplit(huggingface_hub.constants.ENDPOINT)
    port = address.port or (80 if address.scheme == "http" else 443)
    try:
        socket.create_connection((address.hostname or "", port), timeout=CONNECTS_WITHIN_S).close()
    except OSError:
        return False
    return True
