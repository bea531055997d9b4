"""Run in a function's image: imports its handler, or only what that loads of others, and tells what it took as JSON.

Usage: python cold_start.py <module of the handler> [<module of others> ...]
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path

handler, *libraries = sys.argv[1:]
start = time.perf_counter()
for name in libraries or [handler]:
    importlib.import_module(name)
seconds = time.perf_counter() - start

own = (handler.partition(".")[0], "student_helper")
task = os.environ["LAMBDA_TASK_ROOT"] + os.sep
in_image = {
    name: module for name, module in sys.modules.items() if (module.__dict__.get("__file__") or "").startswith(task)
}
compiled = {
    name: module.__dict__.get("__cached__") for name, module in in_image.items() if str(module.__file__).endswith(".py")
}
result = {
    "seconds": seconds,
    "libraries": [name for name in in_image if name.partition(".")[0] not in own],
    "notCompiled": [name for name, file in compiled.items() if file is None or not Path(file).exists()],
}
sys.stdout.write(json.dumps(result))
