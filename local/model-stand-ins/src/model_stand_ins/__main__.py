"""Runs the stand-ins until they are interrupted or terminated."""

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Sequence

from model_stand_ins import __doc__ as description
from model_stand_ins.server import ModelStandIns

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the stand-ins, and tells the exit code."""
    parser = argparse.ArgumentParser(
        prog="model_stand_ins", description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, required=True, help="the port to listen on")
    parser.add_argument(
        "--host",
        action="append",
        required=True,
        dest="hosts",
        help="an address of this machine to listen on; can be given more than once",
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")

    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        stand_ins = ModelStandIns(options.hosts, options.port)
    except OSError as error:
        parser.exit(1, f"Cannot listen on port {options.port} of {', '.join(options.hosts)}: {error}\n")
    with stand_ins:
        logger.info("Listening on %s", ", ".join(f"http://{host}:{stand_ins.port}" for host in options.hosts))
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
