"""The attempts at the exercise on disk: HOME/exercises/<id>.json, each written whole."""

from __future__ import annotations

from pathlib import Path

from labcore.system.files import write_whole


class AttemptFolder:
    """Attempts as JSON text; labcore.exercise.attempt_store has their meaning."""

    def __init__(self, path: Path):
        self._path = path

    def ids(self) -> list[str]:
        """The ids of all attempts on disk."""
        return [file.stem for file in self._path.glob("*.json")]

    def read(self, attempt_id: str) -> str:
        """An attempt's text. Raises FileNotFoundError if there is none, and OSError if it can't be read."""
        return (self._path / f"{attempt_id}.json").read_text(encoding="utf-8")

    def write(self, attempt_id: str, text: str) -> None:
        """Write an attempt whole. Raises OSError if the disk refuses it; the file then stays as it was."""
        self._path.mkdir(parents=True, exist_ok=True)
        write_whole(self._path / f"{attempt_id}.json", text)

    def remove(self, attempt_id: str) -> None:
        """Delete an attempt, if it is there. Raises OSError if the disk refuses it."""
        (self._path / f"{attempt_id}.json").unlink(missing_ok=True)
