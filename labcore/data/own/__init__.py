"""Your own data: a file of labelled examples becomes a data set that a spec can name as its task."""
