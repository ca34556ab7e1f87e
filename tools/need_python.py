"""Stop early, in plain words, when the interpreter is too old or has no venv."""

import importlib.util
import sys

if sys.version_info < (3, 11):
    sys.exit("Python 3.11 or newer is needed / 需要 Python 3.11 或更新版本")
if importlib.util.find_spec("ensurepip") is None:
    sys.exit("python3 has no ensurepip; install python3-venv and run make again / 请先安装 python3-venv")
