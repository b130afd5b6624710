"""The class whose submissions are graded."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest
from transformers import BertTokenizer

from labcore.config.spec import DistilConfig
from labcore.data.examples import Splits
from labcore.exercise.attempt import Attempt, Slot
from labcore.exercise.grading import run_missing
from labcore.exercise.own_counts import with_line
from labcore.exercise.signature import KEY_FILE, key_of_home
from labcore.finetune.recipe import Recipe, TrainingStage
from labcore.models import classifier
from labcore.runs.store import Store
from labcore.system.progress import finish
from labcore.teacher import built_in
from tests.shared.attempts import EARLY, LATE, right_line
from tests.shared.submissions import REASON, STUDENTS, WORDS, Class, examples
from tests.shared.tiny import TINY
from tests.shared.tiny_tasks import give_task, task_with


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    """Students of a tiny teacher, trained in one home, submitted honestly, and run again in another home."""
    tiny = classifier.initialise_randomly(classifier.build(TINY), seed=1).eval()
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *(f"x{i}" for i in range(TINY.vocabulary - 13))]
    tokenizer = BertTokenizer(vocab={token: i for i, token in enumerate(tokens)})
    splits: Splits = {"train": examples(300, 3), "validation": examples(40, 5), "test": examples(100, 7)}
    recipe = Recipe(
        teacher="tiny", own=TrainingStage("tiny", epochs=1, batch=8, rate=1e-3, smoothing=0.0, max_tokens=24), orders=1
    )
    task = replace(task_with(splits, name="tiny"), mean_tokens=28, teachers=(recipe,))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(built_in, "MINILM", TINY)
        give_task(patch, task)
        patch.setattr("labcore.runs.teacher_models.load_teacher", lambda name: copy.deepcopy(tiny))
        patch.setattr("labcore.runs.teacher_models.load_teacher_tokenizer", lambda name: tokenizer)
        student_store, home = Store(tmp_path_factory.mktemp("student")), tmp_path_factory.mktemp("grader")
        config = DistilConfig(steps=8, batch_size=16)
        slots = tuple(map(Slot, STUDENTS))
        attempt = Attempt("0123456789abcdef", name="Ada", teacher="tiny", slots=slots, config=config)
        attempt = attempt.with_prediction(0, EARLY).begin(LATE)
        assert finish(run_missing(attempt.specs, student_store)) == {}
        attempt = with_line(attempt, right_line(attempt))
        key_of_home(student_store.home)
        shutil.copy(student_store.home / KEY_FILE, home)  # as a teacher does who grades elsewhere
        yield Class(replace(attempt, choice=0, reason=REASON), student_store, home)
