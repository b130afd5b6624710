"""A student in training as a state: its weights, zeros and grids, and how far a gradual pruning is."""

from __future__ import annotations

from dataclasses import dataclass

from labcore.compress.student import Student
from labcore.distil.checkpoint import State
from labcore.models.placement import device_of

WEIGHT, MASK, LATENT = "weight ", "mask ", "latent "  # prefixes of the tensors' names


@dataclass(frozen=True)
class StudentState:
    """What a training changes in a student. All else of it follows from its steps."""

    student: Student

    def state(self) -> State:
        """Weights, scales, masks, and the weights before rounding.

        As values the number of zeros, the energy kept, and when a gradual pruning is due next.
        """
        masks, pruning = self.student.masks, self.student.pruning
        latent = {name: each.latent for name, each in self.student.rounded.items() if each.latent is not None}
        return State(
            {f"{WEIGHT}{name}": tensor for name, tensor in self.student.tensors().items()}
            | {f"{MASK}{name}": mask for name, mask in masks.items()}
            | {f"{LATENT}{name}": tensor for name, tensor in latent.items()},
            {
                "masks": list(masks),
                "zeros": self.student.zeros,
                "energy": self.student.energy,
                "pruning_due": None if pruning is None else pruning.due,
            },
        )

    def restore(self, state: State) -> None:
        """Take the state over, on the device that the student is on."""
        student, device = self.student, device_of(self.student.model)
        student.take({name: state.tensors[f"{WEIGHT}{name}"] for name in student.tensors()})
        for name, each in student.rounded.items():
            if (latent := state.tensors.get(f"{LATENT}{name}")) is not None:
                each.latent = latent.to(device, copy=True)
        student.masks = {name: state.tensors[f"{MASK}{name}"].to(device, copy=True) for name in state.values["masks"]}
        student.zeros, student.energy = dict(state.values["zeros"]), dict(state.values["energy"])
        due = state.values["pruning_due"]
        if due is None:
            student.pruning = None
        elif student.pruning is not None:
            student.pruning.due = due
