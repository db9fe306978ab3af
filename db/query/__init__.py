"""The query language: one line that says which runs are meant, for people, links and notebooks.

    optimizer.kind = "adam" and optimizer.lr >= 0.01
    and (best.val_accuracy > 0.97 or tag = "week3") and not diverged

Names come from the specs (`names.py`), text becomes a tree (`syntax.py`), words become values
(`values.py`), and the tree becomes SQLAlchemy expressions (`conditions.py`), never SQL text.
"""
