"""Students and teachers as files that run elsewhere. `load` is here because you need it first with such a folder."""
