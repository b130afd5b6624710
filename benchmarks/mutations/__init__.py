"""Teacher folders that are damaged or odd, and the lab's outcome for each: transformers' own logits, or one line.

    python -m benchmarks.mutations            # 600 of them, a table by kind
    python -m benchmarks.mutations --n 2000

Each mutation changes one thing of a good folder: a field of its config, a tensor, a tokenizer file. If the lab accepts
the folder, its logits are compared with transformers' on the same folder, after the two repairs that the lab documents.
They are: a wrapper's prefix is removed from the tensors' names, and a BERT's config without a model_type gets one.
"""
