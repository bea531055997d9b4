"""Run in a function's image: imports its handler, or only what that loads of others, and prints what it took as JSON.

Usage: python cold_start.py <module of the handler> [<module of others> ...]
"""

import importlib
import json
import os
import sys
import time

handler, *others = sys.argv[1:]
own = (handler.partition(".")[0], "student_helper")
start = time.perf_counter()
for name in others or [handler]:
    importlib.import_module(name)
seconds = time.perf_counter() - start
task = os.environ["LAMBDA_TASK_ROOT"] + os.sep
in_image = {name: module for name, module in sys.modules.items() if (getattr(module, "__file__", None) or "").startswith(task)}
compiled = {name: getattr(module, "__cached__", None) for name, module in in_image.items() if module.__file__.endswith(".py")}
result = {
    "seconds": seconds,
    "others": [name for name in in_image if name.partition(".")[0] not in own],
    "notCompiled": [name for name, file in compiled.items() if not file or not os.path.exists(file)],
}
print(json.dumps(result))
