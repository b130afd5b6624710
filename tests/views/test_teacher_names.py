"""Teachers' names are as short as they can be, and no two teachers have one."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from labcore.config.spec import Spec
from labcore.evaluate.provenance import teacher_of
from labcore.results.run import Run
from labcore.teacher.built_in import BUILT_IN
from labcore.views.teacher_names import names_of_teachers, short_names, teacher_column
from tests.shared.two_teachers import of


def test_names_are_as_short_as_they_can_be() -> None:
    assert short_names(["reviews", "/a/b/bert", "/a/c/bert", "/x/reviews", "owner/model", "/a/other"]) == {
        "reviews": "reviews",
        "/a/b/bert": "b/bert",
        "/a/c/bert": "c/bert",
        "/x/reviews": "x/reviews",
        "owner/model": "model",
        "/a/other": "other",
    }
    assert short_names(["a/m", "/a/m", "x/a/m"]) == {"a/m": "a/m", "/a/m": "/a/m", "x/a/m": "x/a/m"}
    assert short_names(["/models/mybert", "/models/bert"]) == {"/models/mybert": "mybert", "/models/bert": "bert"}


PATHS = st.builds(
    lambda root, parts: root + "/".join(parts),
    st.sampled_from(["/", "", "./", "~/"]),
    st.lists(st.sampled_from(["a", "b", "bert", "reviews"]), min_size=1, max_size=4),
)


@given(st.lists(st.one_of(PATHS, st.sampled_from(list(BUILT_IN))), max_size=8))
def test_no_two_teachers_have_one_name(names: list[str]) -> None:
    short = short_names(names)
    assert set(short) == set(names)
    assert len(set(short.values())) == len(short)
    assert all(short[name] not in BUILT_IN for name in short if name not in BUILT_IN)


def test_one_name_with_other_files_is_another_teacher(tmp_path: Path) -> None:
    folder = tmp_path / "bert"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    [now] = names_of_teachers([of(str(folder), "x")])
    present = teacher_of(Run(id="active", spec=Spec(teacher=str(folder)), status="queued", created="2026"))[1]
    assert present is not None
    runs = [of(str(folder), identity, created=f"2026-0{i}") for i, identity in enumerate((present, "abcdef1", None))]
    assert list(names_of_teachers(runs).values()) == ["bert", "bert, earlier files", "bert, files unknown"]
    several = [*runs, of(str(folder), "fedcba9", created="2026-09")]
    assert list(teacher_column(several).values()) == [
        "bert",
        "bert, earlier files abcdef",
        "bert, files unknown",
        "bert, earlier files fedcba",
    ]
    assert teacher_column(runs[:1]) == {}  # one teacher needs no name in a list
    assert now == (str(folder), "x")
