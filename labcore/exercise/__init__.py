"""The chapter's graded task: three students, their parameter counts, and the best trade-off among them."""
