"""Writes all hostile files into a folder, and `hostile.json`, which says what each is and what has to become of it."""

import json
import sys
from pathlib import Path

from testing_support.hostile import hostile_documents, hostile_names, hostile_pictures


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
    (folder / "hostile.json").write_text(json.dumps({"files": files, "names": names}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
