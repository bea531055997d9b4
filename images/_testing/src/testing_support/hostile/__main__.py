"""Writes all hostile files into a folder, and `hostile.json`, which says what each is and what has to become of it.

Material that gives orders is among them, with what a model says that obeys.
"""

import json
import sys
from pathlib import Path

from testing_support.hostile import hostile_documents, hostile_names, hostile_pictures, injections
from testing_support.hostile.injections import VICTIM, VICTIMS_ITEM


def main(folder: Path) -> None:
    """Writes the files into the folder, which is there and empty."""
    files = []
    for number, file in enumerate([*hostile_pictures(), *hostile_documents()]):
        path = folder / f"{number:03}"
        path.write_bytes(file.make())
        files.append(
            {
                "name": file.name,
                "content_type": file.content_type,
                "reasons": file.reasons,
                "path": str(path),
            }
        )
    names = [name._asdict() for name in hostile_names()]
    orders = []
    for number, injection in enumerate(injections()):
        path = folder / f"order-{number:03}"
        path.write_bytes(injection.content)
        orders.append(
            {
                "name": injection.name,
                "marker": None if injection.picture else injection.marker,
                "answer": injection.answer,
                "outcome": injection.outcome,
                "path": str(path),
            }
        )
    victim = {"owner": VICTIM, "item_id": VICTIMS_ITEM}
    everything = {"files": files, "names": names, "injections": orders, "victim": victim}
    (folder / "hostile.json").write_text(json.dumps(everything))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
