"""Run in a function's image: imports its handler, or only what that loads and makes of others, and tells what it took.

Usage: python cold_start.py <module of the handler>, and as JSON from the standard input either {} or what others have:
{"libraries": [<module>, ...], "services": [<service of AWS>, ...]}
"""

import gc
import importlib
import json
import os
import sys
import time
from pathlib import Path

handler = sys.argv[1]
others = json.load(sys.stdin)
start = time.perf_counter()
for name in others.get("libraries", [handler]):
    importlib.import_module(name)
for service in others.get("services", []):
    importlib.import_module("boto3").client(service)
seconds = time.perf_counter() - start

own = (handler.partition(".")[0], "student_helper")
task = os.environ["LAMBDA_TASK_ROOT"] + os.sep
in_image = {
    name: module for name, module in sys.modules.items() if (module.__dict__.get("__file__") or "").startswith(task)
}
compiled = {
    name: module.__dict__.get("__cached__") for name, module in in_image.items() if str(module.__file__).endswith(".py")
}
client = importlib.import_module("botocore.client").BaseClient
# S3's refers to itself by a proxy, which would pass for another one.
clients = [one for one in gc.get_objects() if issubclass(type(one), client)]
result = {
    "seconds": seconds,
    "libraries": [name for name in in_image if name.partition(".")[0] not in own],
    "services": sorted(one.meta.service_model.service_name for one in clients),
    "notCompiled": [name for name, file in compiled.items() if file is None or not Path(file).exists()],
}
sys.stdout.write(json.dumps(result))
