"""The chapter's graded task: three students, their sizes counted, and the one that trades best."""
