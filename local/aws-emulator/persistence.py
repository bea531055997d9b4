"""What the emulator holds outlives an orderly end of it: all of it is written to a file, and read at the next start.

The emulator's own persistence writes JSON, for which the images' layers are too large, leaves out what is in buckets,
and removes databases with all that is in them. After a crash there is no file: what was held is lost. So is what
another version of the emulator saved, whose services may hold it in another form.
"""

import logging
import os
import pickle
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import container_reaper, persistence
from ministack.core.responses import AccountScopedDict
from ministack.services import rds, s3

_file = Path(persistence.STATE_DIR) / "saved.pickle"


def _save(services: Mapping[str, Callable[[], Any]]) -> None:
    """Write what all services hold, or nothing: a part of it would be no system."""
    state = {name: get_state() for name, get_state in services.items()}
    unfinished = _file.with_suffix(".unfinished")
    # It holds what the services keep secret.
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for part in (app._version(), state):
            pickle.dump(part, file, protocol=pickle.HIGHEST_PROTOCOL)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(_file)


def _read() -> dict[str, Any]:
    """What this version saved.

    Raises:
        ValueError: Another version did.
    """
    with _file.open("rb") as file:
        # This emulator wrote it, where nobody else may write.
        if pickle.load(file) != app._version():  # noqa: S301
            message = f"another version than {app._version()} saved it"
            raise ValueError(message)
        state: dict[str, Any] = pickle.load(file)  # noqa: S301
        return state


def _load() -> None:
    """Hand to each service what it held. After that the file is of the past, and goes."""
    if not _file.exists():
        return
    try:
        state = _read()
        for name, module in app._state_map.items():
            if state.get(name):
                app._get_module(module).load_persisted_state(state[name])
    except Exception:
        logging.getLogger(__name__).exception("What the emulator held is lost.")
        _file.unlink()
        # At once: the web server would go on with the part that was loaded, and an orderly end would save it.
        os._exit(1)
    _file.unlink()


app.save_all = _save
app._load_persisted_state = _load


def _stores() -> dict[str, AccountScopedDict]:
    return {name: store for name, store in vars(s3).items() if isinstance(store, AccountScopedDict)}


def _load_s3(stores: Mapping[str, AccountScopedDict]) -> None:
    for name, store in _stores().items():
        store.update(stores[name])


s3.get_state = _stores
s3.load_persisted_state = _load_s3


def _fire_at_once(bucket: str, key: str, event: str, *arguments: Any, **named: Any) -> None:
    """In a thread, as the emulator would have it, an event could be lost whose upload is acknowledged already."""
    if bucket in s3._bucket_notifications:
        s3._fire_s3_event(bucket, key, event, *arguments, sequencer=s3._next_event_sequencer(event), **named)


s3._fire_s3_event_async = _fire_at_once

_rds_state = rds.get_state
_CONTAINER = "_docker_container_id"


@wraps(_rds_state)
def _with_containers() -> dict[str, Any]:
    containers = {name: database.get(_CONTAINER) for name, database in rds._instances._data.items()}
    return {**_rds_state(), "containers": containers}


def _adopt_databases(state: dict[str, Any]) -> None:
    rds._restore_state(state)
    for name, container in state["containers"].items():
        rds._instances._data[name] |= {_CONTAINER: container, "DBInstanceStatus": "available"}


rds.get_state = _with_containers
rds.load_persisted_state = _adopt_databases

_drop_containers = container_reaper.drop_containers


def _is_dropped(container: Any) -> bool:
    """A database outlives the emulator; one without the label of its emulator may be of another project's."""
    labels = container_reaper._labels(container)
    return labels.get("ministack") != "rds" and container_reaper.INSTANCE_LABEL in labels


@wraps(_drop_containers)
def _drop_own_but_databases(containers: Any, **named: Any) -> int:
    count: int = _drop_containers([container for container in containers if _is_dropped(container)], **named)
    return count


container_reaper.drop_containers = _drop_own_but_databases
