"""Run in a function's image: imports its handler, or only what that loads and makes of others, and tells what it took.

Usage: python cold_start.py <module of the handler>, and as JSON from the standard input
{"required": [<distribution that a requirements.in names>, ...]}, and for what others have, alone, beside it
"libraries": [<module>, ...], "services": [<service of AWS>, ...]
"""

import ast
import gc
import importlib
import json
import os
import re
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
packages = {name: name.partition(".")[0] for name in in_image if name.partition(".")[0] not in own}
required = {
    package
    for package, distributions in importlib.import_module("importlib.metadata").packages_distributions().items()
    if {re.sub(r"[-_.]+", "-", distribution).lower() for distribution in distributions}.intersection(others["required"])
}
statements = [
    statement
    for name, module in sys.modules.items()
    if name.partition(".")[0] in own
    for statement in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")))
]
imported = {alias.name for statement in statements if isinstance(statement, ast.Import) for alias in statement.names}
imported |= {str(statement.module) for statement in statements if isinstance(statement, ast.ImportFrom)}
not_required = {name.partition(".")[0] for name in imported}.intersection(packages.values()) - required
client = importlib.import_module("botocore.client").BaseClient
# S3's refers to itself by a proxy, which would pass for another one.
clients = [one for one in gc.get_objects() if issubclass(type(one), client)]
result = {
    "seconds": seconds,
    # What own code imports and nobody requires is not free, unless it comes with something that is required.
    "libraries": [name for name, package in packages.items() if package not in not_required],
    "packages": sorted(set(packages.values())),
    "notRequired": sorted(not_required),
    "services": sorted(one.meta.service_model.service_name for one in clients),
    "notCompiled": [name for name, file in compiled.items() if file is None or not Path(file).exists()],
}
sys.stdout.write(json.dumps(result))
