"""Words that the lab does not use, each with the field's word for it. Data only; `benchmarks.prose` applies it.

A pattern is a regular expression. It ignores case, begins and ends at a letter's edge, and takes a space for a line's
end. Names in CamelCase and snake_case are split first, so that `hand in` matches `HandIn` and `hand_in`.

- A `prose` pattern is searched in comments, docstrings, strings, Markdown, style sheets and scripts, and in names.
- A `names` pattern is searched only in names that the lab defines: modules, classes, functions, parameters, variables,
  fields. `^how$` is the name `how` and no other. The name of a test function is prose.

An everyday word with a private meaning is banned as a name, or in phrases that give the meaning away. A reader must
look for the rest, of which `benchmarks.house` counts "where":

- `row`, `review`, `article` for an example; `text` of one example; `places` in prose; `parts` and `share` as names;
- "less" for minus, "for" for because, "where" for if.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Banned:
    """What to `say` in place of the words that match. `spoken`: searched only in sentences, code spans left out."""

    say: str
    prose: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    spoken: bool = False


MODEL = r"(?:models?|students?|teachers?|BERTs?)"
SPLIT = r"(?:train|training|validation|test|transfer|unlabelled|labelled)(?: split)?"
THINKS = r"(?:sa(?:ys?|id)|tells?|told|knows?|knew|asks?|asked|believes?|finds?)"
MACHINE = (
    r"(?:lab|page|program|server|store|command(?: line)?|checker|grader|library|browser|notebook|chart|curve|figure|"
    r"table|file|field|report|link|monitor|error|button|caption)s?"
)

BANNED: tuple[Banned, ...] = (
    # -- training and data ---------------------------------------------------------------------------
    Banned("training configuration, training run, assignment; name pages by subject", (r"lessons?",)),
    Banned("prediction, logits; targets if they are learned from", (r"(?<!your )answer(?:s|ed|ing)?",)),
    Banned("token; vocabulary", (r"pieces?",)),
    Banned(
        "example",
        (rf"{SPLIT} (?:sentence|text|review|article|row)s?",),
        (r"texts", r"sentences?", r"articles?"),
    ),
    Banned("trained, distilled", (r"taught", r"teaches", r"let it teach"), (r"teach", r"learns?(?:ed)? from")),
    Banned(
        "without a teacher, the no-teacher baseline",
        (rf"{MODEL} alone", r"train(?:s|ed|ing)? (?:it )?alone", r"(?:and|or) alone"),
        (r"alone",),
    ),
    Banned("gradient norm, share of the gradient", (r"pulls?",)),
    Banned("re-initialised, random initialisation, again", (r"anew",)),
    Banned("teacher, assistant", (r"guides?",)),
    Banned("calibration data", (r"evidence",)),
    Banned("datasets, training data", (r"materials?",)),
    Banned("cache", (r"workbench(?:es)?", r"at hand")),
    Banned(
        "output; condition (clean, agrees, contradicts)",
        (r"readings", r"(?:a|an|the|each|every|one|this|clean) reading"),
        (r"reading", r"looks?"),
    ),
    Banned("all tokens", (), (r"^whole$",)),
    Banned("config", (), (r"^how$",)),
    Banned("student, teacher; first, second", (r"ours", r"theirs")),
    Banned("the name of what was found: counts, run, matches", (), (r"(?<!not )found",)),
    Banned("element; index", (r"numbers (?:that are )?left", r"zeros['’] places"), (r"places",)),
    Banned("tokenised", (r"spelled", r"spelt"), (r"spell(?:s|ed|ing|ings)?",)),
    Banned("initialised from the teacher", (r"cut(?:s|ting)?(?: \w+){0,3} out of",), (r"^(?:test )?cut$", r"cut out")),
    Banned(
        "loss terms, loss weights",
        (r"parts? of (?:the|a|its|this|each) loss", r"loss(?:es)?['’]s? parts?", r"weights? of (?:the|a|its) loss"),
        (r"loss parts?",),
    ),
    Banned(
        "progress, fraction",
        (r"share(?: done)? of (?:the |a |its )?(?:training|lesson|run|steps|way)",),
    ),
    # -- evaluation ----------------------------------------------------------------------------------
    Banned("evaluate, evaluation", (r"judg(?:e|es|ed|ing|ements?|ments?)",)),
    Banned("error overlap: kept, corrected, new, inherited", (r"fates?",)),
    Banned("probability loyalty", (r"(?<!probability )loyalty",)),
    Banned("paired comparison", (r"contests?", r"rivals?")),
    Banned("shortcut test; suspected word", (r"suspicions?", r"suspect(?:s|ing)?")),
    Banned("hard-weight group", (r"doses?",)),
    Banned(
        "with an assistant; directly",
        (r"detours?", r"by way of", r"straight(?!-| lines?| quotes?)"),
    ),
    Banned("mitigation", (r"remed(?:y|ies)",)),
    Banned(
        "unaffected; significantly (the 95 % interval excludes 0)",
        (r"surely", r"(?:is|are|was|be|not|as|a|of|called) sound", rf"sound (?:{MODEL}|words?|ones?|runs?|teaching)"),
        (r"sound", r"surely"),
    ),
    Banned("uninformative, unrelated to the label", (r"sa(?:y|ys|id|ying) nothing",)),
    Banned("best trade-off", (r"trad(?:e|es|ed|ing) best",)),
    # -- runs ----------------------------------------------------------------------------------------
    Banned("seed group", (r"series",)),
    Banned("run", (r"experiments?",)),
    Banned(
        "reference results; events, log",
        (r"recordings?", r"records?", r"recorded (?:results?|runs?|figures?|sweeps?|students?|teachers?|lessons?)"),
        (r"recorded",),
    ),
    Banned("submission", (r"(?<!by )(?<!at )hand(?:s|ed|ing)?[ -]ins?",)),
    # -- how sentences go ----------------------------------------------------------------------------
    Banned("the field's or the plain word", (r"shall", r"so many", r"whereof", r"tell(?:s|ing)? of", r"told of")),
    Banned("an unclear difference, no significant difference", (r"can(?:['’]t|not) be told",)),
    Banned(
        "computes, reports, returns, stores, rejects: computers do not talk or think",
        (rf"the {MACHINE} (?:then |only |also )?{THINKS}",),
    ),
    Banned("Teacher's confusion matrix", (r"tak(?:e|es|en) for what",)),
    Banned("Calibration", (r"as sure as it is right",)),
    Banned("Minimise the error of: the weights / the output", (r"closest to what",)),
    Banned("Pruning scope: each matrix / all matrices together", (r"smallest are sought",)),
    Banned("Schedule: constant / linear / cosine", (r"half a wave", r"stay / in a line")),
    Banned("points vs. the teacher", (r"points to the teacher",)),
    Banned(
        "British spelling",
        (
            r"(?:behavior|favorite|neighbor|labor|honor)\w*", r"(?:un)?labeled", r"modeling", r"gray", r"centered",
            r"(?:initial|factor|quant|normal|general|summar|recogn|minim|maxim|visual|special)iz(?:e|es|ed|ing|ation)",
            r"optimiz(?:e|es|ed|ing|ation)", r"tokeniz(?:e|es|ed|ing|ation)",
        ),
        spoken=True,
    ),
)  # fmt: skip

# Not the lab's own words: taken out before the search.
ALLOWED: tuple[str, ...] = (
    r":material/[^:\s]+:|:gray\[",  # Streamlit's icons and colours,
    r"Material Symbols?(?: Rounded)?",  # and its typeface
    r"WordPiece",  # the algorithm's name
    r"labcore record\b",  # a verb of the command line,
    r"--recorded\b",  # an option of it,
    r"(?:labcore/)?recorded/\w+\.json",  # and the files that they read and write
    r"labcore[./]guide\b",  # the package of glossary and tour
    r"\bpull requests?\b",
    r"\b(?:time|Taylor|power) series\b",
    r"\bspel(?:led|t) out\b",
    r"takeRecords|modeling_bert",  # names of a browser's function and of a module of transformers
    r"\bhand_in\.json",  # a submission made before, in tests/before
)

# Strings that are exactly one of these keep their names, and so does `such code` in prose.
KEPT_STRINGS: dict[str, str] = {
    # keys of runs, events and reference results: old files have them, and the command line prints them
    **dict.fromkeys(
        ("judgement", "fates", "loyalty", "readings", "suspicion", "alone", "sentences", "texts"), "stored"
    ),
    "lesson": "an attempt's and a submission's field, and the parameter of an address, in links made before",
    "judge": "the page's old address, which forwards",
    "answers.safetensors": "a run's file of logits",
    "record": "a verb of the command line",
}

# Parameters of these types bear the name that a library gives them.
LIBRARY_TYPES = ("LogRecord",)
