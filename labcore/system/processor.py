"""The processor that computes: the one module that names a device, and that knows what each can do.

Standard library only: torch is imported when a question first needs it. Weights are derived, counted, cached and saved
on the host. What runs a model moves it, and its batches, to `device()`: see labcore.models.placement.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from labcore.config.checks import shown
from labcore.config.spec import SpecError
from labcore.system.host import processor_name

if TYPE_CHECKING:
    import torch
    from torch import Tensor

CHOICES = ("auto", "cpu", "cuda", "mps")
VARIABLE = "LAB_DEVICE"
HOST: Final = "cpu"  # its memory is that of Python, of files and of pages


def choose(name: str) -> None:
    """Compute on the device of this name from now on, in this process and those that it starts.

    Raises SpecError if it is unknown, or not in this machine.
    """
    _device(_known(name))
    os.environ[VARIABLE] = name


def chosen() -> str:
    """The name that LAB_DEVICE has, by default `auto`. Raises SpecError for a name that is not in CHOICES."""
    return _known(os.environ.get(VARIABLE) or CHOICES[0])


def present() -> tuple[str, ...]:
    """The devices that torch can use here, the fastest first."""
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return (*(name for name, available in there.items() if available), HOST)


def device() -> torch.device:
    """The device that runs models. Raises SpecError if the chosen one is unknown, or not in this machine."""
    return _device(chosen())


def may_use_accelerator() -> bool:
    """Whether the choice leaves a worker of a cluster free to compute on its GPU. Raises SpecError as `chosen` does."""
    return chosen() in ("auto", "cuda")


def _known(given: str) -> str:
    name = given.strip().lower()
    if name not in CHOICES:
        raise SpecError(
            f"the device is {shown(given)}; give {', '.join(CHOICES[:-1])} or {CHOICES[-1]} ({VARIABLE} or --device)"
            + ("; CUDA_VISIBLE_DEVICES selects one of several GPUs" if ":" in name else "")
        )
    return name


def _device(name: str) -> torch.device:
    import torch

    here = present()
    if name == "auto":
        return torch.device(here[0])
    if name not in here:
        raise SpecError(
            f"the device is '{name}', but torch {torch.__version__} finds none here; give auto or "
            f"{' or '.join(here)} ({VARIABLE} or --device), or install a torch that supports it"
        )
    return torch.device(name)


def device_error(*, torch_loaded: bool) -> SpecError | None:
    """What is wrong with the chosen device; None if nothing is known to be. Unless `torch_loaded`, torch stays out."""
    try:
        if torch_loaded:
            device()
        else:
            chosen()
    except SpecError as error:
        return error
    return None


# -- what a device can do ------------------------------------------------------------------------------


def multiplies_bf16(on: torch.device) -> bool:
    """Whether it multiplies bfloat16 in hardware; in software that is far slower than fp32."""
    import torch

    match on.type:
        case "cpu":  # private functions of torch, which another build or architecture may lack
            names = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
            return any(getattr(torch.cpu, name, bool)() for name in names)
        case "cuda":
            return torch.cuda.is_bf16_supported(including_emulation=False)
        case _:
            return False


def has_float64(on: torch.device) -> bool:
    """Whether it computes in double precision."""
    return on.type != "mps"


def wait_for(on: torch.device) -> None:
    """Return once the device has done all that it was given: a GPU works while Python goes on."""
    import torch

    match on.type:
        case "cuda":
            torch.cuda.synchronize()
        case "mps":
            torch.mps.synchronize()
        case _:
            return


def generator_states(on: torch.device) -> dict[str, Tensor]:
    """By device, the states of torch's global generators that a training on this device draws from."""
    import torch

    states = {HOST: torch.get_rng_state()}
    match on.type:
        case "cuda":
            states["cuda"] = torch.cuda.get_rng_state()
        case "mps":
            states["mps"] = torch.mps.get_rng_state()
    return states


def set_generator_states(states: Mapping[str, Tensor]) -> None:
    """Let torch's global generators go on from these states."""
    import torch

    setters = {HOST: torch.set_rng_state, "cuda": torch.cuda.set_rng_state, "mps": torch.mps.set_rng_state}
    for name, state in states.items():
        setters[name](state.clone())


def free_bytes(on: torch.device) -> int | None:
    """The free memory of a GPU with memory of its own; None for a device that computes in the host's."""
    import torch

    return torch.cuda.mem_get_info()[0] if on.type == "cuda" else None


def kind_of(on: torch.device) -> str:
    """What decides how it rounds: its architecture, or its name. Part of the keys of what is cached on disk."""
    import torch

    if on.type == HOST:
        return f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"
    return f"{on.type} {name_of(on)}"


def name_of(on: torch.device) -> str:
    """The device's name as its maker gives it."""
    import torch

    match on.type:
        case "cuda":
            return torch.cuda.get_device_name()
        case "mps":
            return torch.backends.mps.get_name()
        case _:
            return processor_name()


def machine() -> str:
    """The machine in a few words: device, its name, precision of training, torch. Raises SpecError as `device` does."""
    import torch

    on = device()
    units = f"{torch.get_num_threads()} cores" if on.type == HOST else on.type
    precision = "bf16" if multiplies_bf16(on) else "fp32"
    return f"{units} ({name_of(on)}), {precision}, torch {torch.__version__}"
