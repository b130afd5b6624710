"""Whether a submission is as the class's server saw it: its signature, verified with the server's key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from labcore.config.spec import Spec, SpecError
from labcore.evaluate.seed_groups import with_seed
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.attempt_store import load_attempt
from labcore.exercise.signature import (
    KEY_FILE,
    attempt_fields,
    edited_fields,
    fingerprint,
    mark_of,
    read_key,
)
from labcore.exercise.submission import Submission
from labcore.runs.store import RunNotFound, Store

SIGNATURE_CHECK = "signature"
NO_KEY = f"there is no key here to verify it; give the server's home with --home, or its {KEY_FILE} with --key"


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What a signature shows. edited: the fields that are not as they were signed, if the key can tell.

    by_this_server: whether the key's server signed every field as it is. foreign: whether no field fits, so that the
    signature is another attempt's.
    """

    outcome: Literal["passed", "failed", "flagged", "unverified"]
    why: str
    edited: tuple[str, ...] = ()
    by_this_server: bool = False
    foreign: bool = False


@dataclass(frozen=True)
class Verifier:
    """The server's key, and what its home holds; each may be missing.

    attempt_of: the attempt with a mark, as the server has it now. spec_of: a run's spec.
    """

    key: bytes | None = None
    attempt_of: Callable[[str], Attempt | None] = lambda mark: None
    spec_of: Callable[[str], Spec | None] = lambda run: None

    def verify(self, submission: Submission) -> Verification:
        """What the submission's signature shows, if it has one."""
        attempt, now = submission.attempt, self.attempt_of(submission.attempt.id)
        if problem := self._run_problem(submission):
            return Verification(outcome="failed", why=problem)
        signature = attempt.signature
        if signature is None:
            if now is not None and now.signature is not None:
                return Verification(outcome="failed", why="it was removed: this server signed the attempt")
            why = "it is not signed: an earlier version made it, or the signature was removed"
            return Verification(outcome="flagged", why=why)
        if self.key is None:
            return Verification(outcome="unverified", why=NO_KEY)
        if signature.server != fingerprint(self.key):
            why = f"another server signed it ({signature.server}), whose key is not here"
            return Verification(outcome="flagged", why=why)
        if edited := edited_fields(attempt.id, submission.signed_fields, signature, self.key):
            return _edited(edited, len(signature.codes))
        if now is not None and (changed := _changed(attempt, now)):
            why = f"this is an earlier state: on this server these have changed since: {', '.join(changed)}"
            return Verification(outcome="flagged", why=why, by_this_server=True)
        return Verification(outcome="passed", why=f"as this server saw it at {signature.saved}", by_this_server=True)

    def _run_problem(self, submission: Submission) -> str:
        """Why the runs that the file names can't be its own, as far as the home has them; empty if they can."""
        runs = [run for student in submission.results.students for run in student.runs]
        if len(set(runs)) < len(runs):
            return "it names one run for two students"
        for slot, student in enumerate(submission.results.students):
            for run in student.runs:
                spec = self.spec_of(run)
                if spec is not None and with_seed(spec, 0) != submission.attempt.spec(slot):
                    return f"run {run} is another student or another training than {SLOTS[slot]}"
        return ""


def _edited(edited: list[str], signed: int) -> Verification:
    foreign = len(edited) >= signed
    if foreign:
        why = "no field fits it: the id was changed, or it is another attempt's signature"
    else:
        why = f"edited after the server signed them: {', '.join(edited)}"
    return Verification(outcome="failed", why=why, edited=tuple(edited), foreign=foreign)


def _changed(submitted: Attempt, now: Attempt) -> list[str]:
    """The fields that the server's attempt has changed since the submission was made."""
    before, after = attempt_fields(submitted.to_dict()), attempt_fields(now.to_dict())
    return sorted(name for name in before if before[name] != after[name])


def verifier_for(home: Path, key_file: Path | None) -> Verifier:
    """The verifier of a grader: with the key in a file, or with the one of its home if it has one.

    Nothing is written: a grader makes no key. Raises SpecError if the file holds no key, or can't be read.
    """
    store = Store(home)
    try:
        key = read_key(key_file or store.home / KEY_FILE)
    except OSError as error:
        if key_file is not None:
            raise SpecError(f"the key {key_file} can't be read ({error}); give the file {KEY_FILE} of a home") from None
        key = None
    return Verifier(key, _attempts_of(store), _specs_of(store))


def _attempts_of(store: Store) -> Callable[[str], Attempt | None]:
    ids = {mark_of(each): each for each in store.attempts.all()}
    return lambda mark: load_attempt(ids[mark], store) if mark in ids else None


def _specs_of(store: Store) -> Callable[[str], Spec | None]:
    def spec_of(run: str) -> Spec | None:
        try:
            return store.read(run).spec
        except RunNotFound:
            return None

    return spec_of
