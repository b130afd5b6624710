"""Where a teacher's name leads: to a folder on disk, or through the Hugging Face hub to one.

A name that leads nowhere gets a sentence that says what is there instead, and what to give.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import socket
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import huggingface_hub
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

from labcore.config.checks import SpecError
from labcore.teacher.base_model import BASE_ID, package_folder
from labcore.teacher.built_in import BUILT_IN, ready_teachers

CONFIG, ADAPTER, STRUCTURE = "config.json", "adapter_config.json", "structure.json"
WEIGHTS, SHARDS = "model.safetensors", "model.safetensors.index.json"
PATTERNS = [CONFIG, ADAPTER, STRUCTURE, "spec.json", "*.safetensors", SHARDS, "tokenizer*", "vocab.*", "special_tokens_map.json",
            "added_tokens.json"]  # fmt: skip
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.h5", "*.onnx", "*.msgpack")
REACHED_WITHIN = 3.0  # seconds; without a network the hub's own retries take half a minute
_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")


class TeacherError(SpecError):
    """A teacher that can't be loaded: says what was given, what is expected, and what to do."""


def folder_of(name: str, *, fetch: bool = True) -> Path:
    """The folder of the teacher called `name`: the folder itself, that of a file in it, or a download from the hub.

    fetch: whether it may be downloaded; if not, it must be on this machine.
    Raises TeacherError if there is none, at once if the name can't be one on the hub or the hub can't be reached.
    """
    name = os.fspath(name)
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
    except (OSError, ValueError, RuntimeError) as error:  # too long, a null character, a user that is not there
        raise TeacherError(f"the teacher {name[:80]!r} can't be looked for ({error}); {_give()}") from None
    if name.startswith(("/", "~", ".", "\\")) or not _HUB_ID.fullmatch(name):
        raise TeacherError(f"there is no folder {name}; {_give()}")
    if name == BASE_ID and (packaged := package_folder()) is not None:
        return packaged
    if "/" not in name and (meant := _meant(name)):
        raise TeacherError(f"no teacher is called {name!r}; did you mean {meant!r}? Otherwise {_give()}")
    return _downloaded(name, fetch)


def resolved(name: str) -> str:
    """One name for one teacher: of a folder, or a file in it, its whole path; any other name as it is."""
    if name in BUILT_IN:
        return name
    try:
        path = Path(name).expanduser()
        if not path.exists():
            return name
        return str(folder_of(name).resolve())
    except (TeacherError, OSError, ValueError, RuntimeError):  # whoever loads it says what is wrong
        return name


def adapted_from(folder: Path) -> str | None:
    """The name of the model that the adapter in a folder was trained on; None if the folder has no adapter.

    Raises TeacherError if the adapter's config does not say.
    """
    path = folder / ADAPTER
    if not path.is_file():
        return None
    try:
        name = json.loads(path.read_text(encoding="utf-8"))["base_model_name_or_path"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise TeacherError(f"{path} can't be read as an adapter's config ({error}); copy it again") from None
    if not isinstance(name, str) or not name:
        raise TeacherError(f"{path} does not name its base; give the merged model (merge_and_unload) instead")
    return name


def inside(folder: Path) -> str:
    """What a folder without a teacher's config.json holds, and what to give instead: the end of a sentence."""
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
        "(such as 'owner/model'), and be online for that"
    )


def _meant(name: str) -> str | None:
    """The built-in name that a name is the beginning of, or is nearly; None if there is none."""
    plain, given = {built_in.casefold(): built_in for built_in in BUILT_IN}, name.casefold()
    begun = [each for each in plain if each.startswith(given)]
    return next((plain[close] for close in (*begun, *difflib.get_close_matches(given, plain, 1, 0.7))), None)


def _downloaded(hub_id: str, fetch: bool) -> Path:
    """The folder of a model of the hub, from its cache on this machine if it is there, otherwise fetched."""
    try:
        cached = Path(huggingface_hub.snapshot_download(hub_id, allow_patterns=PATTERNS, local_files_only=True))
        if any(cached.glob("*.safetensors")):  # transformers may have left the config alone
            return cached
    except (LocalEntryNotFoundError, OSError, ValueError):
        pass
    if not fetch:
        raise TeacherError(
            f"the model {hub_id!r} of the Hugging Face hub is not on this machine; be online to fetch it"
        )
    if not _hub_is_there():
        raise TeacherError(
            f"{hub_id!r} is neither built in nor a folder here, and the Hugging Face hub can't be reached; {_give()}"
        )
    try:
        return Path(huggingface_hub.snapshot_download(hub_id, allow_patterns=PATTERNS))
    except (OSError, ValueError, HfHubHTTPError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise TeacherError(
            f"the model {hub_id!r} can't be had from the Hugging Face hub ({reason}); {_give()}"
        ) from None


def _hub_is_there() -> bool:
    """Whether the hub answers within a few seconds. Behind a proxy only a try can tell, so the answer is yes."""
    if huggingface_hub.constants.HF_HUB_OFFLINE or os.environ.get("HF_HUB_OFFLINE") == "1":
        return False
    if any(os.environ.get(name) for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")):
        return True
    address = urlsplit(huggingface_hub.constants.ENDPOINT)
    port = address.port or (80 if address.scheme == "http" else 443)
    try:
        socket.create_connection((address.hostname or "", port), timeout=REACHED_WITHIN).close()
    except OSError:
        return False
    return True
