#!/usr/bin/env python3
"""Sets up what is missing, then does a job: `python3 boot.py run` (or test, fix, lock…).

Standard library only. Nothing is installed outside `.venv`, except by root on Debian: the
packages python3-venv, chromium and libatomic1, when they are absent, and it is said.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

if sys.version_info < (3, 11):  # noqa: UP036 - this is where it is said
    for minor in range(20, 10, -1):
        found = shutil.which("python3.%d" % minor)  # noqa: UP031 - read by any Python
        if found:
            os.execv(found, [found] + sys.argv)  # noqa: RUF005
    sys.exit("reperes: Python 3.11 or newer is needed; this is " + sys.version.split()[0])

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
MADE_AT = VENV / ".made-at"

# What would make our tools work on somebody else's environment.
FOREIGN = (
    *("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP"),
    *("PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIRE_VIRTUALENV"),
    *("UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_TARGET", "UV_PREFIX", "UV_PROJECT_ENVIRONMENT"),
)
OURS = {
    "DEBIAN_FRONTEND": "noninteractive",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "UV_PYTHON_DOWNLOADS": "never",
    "UV_SYSTEM_CERTS": "1",
    "VIRTUAL_ENV": str(VENV),
}
ENV = {name: value for name, value in os.environ.items() if name not in FOREIGN} | OURS
if not os.access(os.path.expanduser("~"), os.W_OK):  # noqa: PTH111 - never fails
    ENV["UV_NO_CACHE"] = "1"

JOBS = ("run", "test", "prove", "prove-long", "bench", "fix", "lock")
JOBS += ("demo-reset", "install", "setup")
EVERYDAY = {"run", "demo-reset", "install", "setup"}  # without the developers' tools
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def say(sentence: str) -> None:
    print(f"reperes: {sentence}", file=sys.stderr, flush=True)


def run(*command: object, **options: Any) -> subprocess.CompletedProcess:
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=ROOT, env=ENV, **options)  # noqa: PLW1510


def set_up(lock: str) -> None:
    """Bring `.venv` to what `lock` says; nothing to do when it is there already."""
    with alone():
        if MADE_AT.exists() and MADE_AT.read_text() != str(ROOT):
            say("this folder has moved: its .venv is made again.")
            shutil.rmtree(VENV)
        want = hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()
        stamp = VENV / f".{lock}"
        if not (PYTHON.exists() and stamp.exists() and stamp.read_text() == want):
            make_venv()
            for old in VENV.glob(".requirements*.lock"):
                old.unlink()
            install(lock)
            stamp.write_text(want)
            if lock == "requirements-dev.lock":  # it contains the other one
                everyday = ROOT / "requirements.lock"
                digest = hashlib.sha256(everyday.read_bytes()).hexdigest()
                (VENV / ".requirements.lock").write_text(digest)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Two commands at once in one folder: the second waits."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def make_venv() -> None:
    recent_pip = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    if PYTHON.exists() and run(PYTHON, "-c", recent_pip, stderr=subprocess.DEVNULL).returncode == 0:
        return
    if VENV.exists():
        say(".venv does not work (interrupted, or its Python is gone): it is made again.")
        shutil.rmtree(VENV)
    if importlib.util.find_spec("ensurepip") is None:
        say("Python's venv module is missing.")
        if not apt_install("python3-venv"):
            sys.exit("reperes: run `sudo apt-get install python3-venv`, then try again.")
    say("making .venv and installing the locked dependencies in it (once, about 15 s).")
    run(sys.executable, "-m", "venv", VENV, check=True)
    MADE_AT.write_text(str(ROOT))


def install(lock: str) -> None:
    """With uv, itself locked; with pip where uv does not exist or does not run."""
    common = ("install", "-q", "--only-binary", ":all:", "--no-deps", "--require-hashes", "-r")
    pip = (PYTHON, "-m", "pip", *common)
    uv = (BIN / "uv", "pip", *common)
    had_uv = run(*pip, "requirements-uv.lock").returncode == 0
    if not (had_uv and run(*uv, lock).returncode == 0):
        say("uv could not do it; trying pip (slower).")
        if run(*pip, lock).returncode != 0:
            sys.exit("reperes: the dependencies could not be installed; the reason is above.")


def apt_install(*packages: str) -> bool:
    """Install Debian packages when that is allowed here; whether it was done."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    say(f"installing from Debian: {' '.join(packages)}")
    quiet = {"stdout": subprocess.DEVNULL}
    run("apt-get", "update", "-qq", **quiet)
    install = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")
    return run(*install, *packages, **quiet).returncode == 0


def find_browser() -> str:
    """Set CHROMIUM for the journeys; returns why they cannot run, or nothing."""
    by_hand = "Install Chromium, or name one: CHROMIUM=/path/to/chrome make test"
    found = ENV.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found and not shutil.which(found):
        return f"CHROMIUM={found} is no program. {by_hand}"
    if not found and apt_install("chromium"):  # 200 MB, once
        found = shutil.which("chromium")
    if not drives() and not (apt_install("libatomic1") and drives()):
        return "Playwright does not start. On Debian: sudo apt-get install libatomic1"
    if found:
        ENV["CHROMIUM"] = found
        return ""
    say("no Chromium here: asking Playwright for its own.")
    if run(PYTHON, "-m", "playwright", "install", "chromium").returncode == 0:
        return ""
    return f"no Chromium was found. {by_hand}"


def drives() -> bool:
    return run(PYTHON, "-m", "playwright", "--version", capture_output=True).returncode == 0


def fix() -> int:
    run(PYTHON, "-m", "ruff", "check", "--fix", ".")
    return run(PYTHON, "-m", "ruff", "format", ".").returncode


def lock(arguments: list[str]) -> int:
    """Choose versions for every platform and Python since 3.11; no registry's name is written."""
    compile_ = (BIN / "uv", "pip", "compile", "--universal", "--generate-hashes", "--no-header")
    compile_ += ("-q", "--python-version", "3.11", *arguments)
    run(*compile_, "pyproject.toml", "-o", "requirements.lock", check=True)
    dev = (
        "--group",
        "dev",
        "--all-extras",
        "-c",
        "requirements.lock",
        "-o",
        "requirements-dev.lock",
    )
    run(*compile_, "pyproject.toml", *dev, check=True)
    run(*compile_, "-", "-o", "requirements-uv.lock", input="uv", text=True, check=True)
    import tomllib  # an older Python reads this file as far as where it hands over

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for extra, wanted in project["optional-dependencies"].items():
        alone = ("-c", "requirements.lock", "-", "-o", f"requirements-{extra}.lock")
        run(*compile_, *alone, input="\n".join(wanted), text=True, check=True)
    return 0


def add(extras: list[str]) -> int:
    """Beside what is there, until `.venv` is made again."""
    for extra in extras:
        install(f"requirements-{extra}.lock")
    return 0


def become(*words: str) -> NoReturn:
    """End as another program: signals and exit status reach it directly."""
    os.chdir(ROOT)
    os.execve(PYTHON, [str(PYTHON), *words], ENV)


def main() -> int:
    job, *arguments = sys.argv[1:] or ["help"]
    if job not in JOBS:
        sys.exit(f"{__doc__}\nJobs: {', '.join(JOBS)}.")
    set_up("requirements.lock" if job in EVERYDAY else "requirements-dev.lock")
    if job == "fix":
        return fix()
    if job == "lock":
        return lock(arguments)
    if job == "demo-reset":
        become("-m", "backend", "demo", "reset", *arguments)
    if job == "install":
        return add(arguments)
    run(PYTHON, "-m", "backend.web.build_assets", check=True)
    if job == "run":
        become("-m", "backend", "run", *arguments)
    if job == "test" or (job == "bench" and "phone" in (arguments or ["phone"])):
        ENV["NO_BROWSER"] = find_browser()
    if job in {"test", "bench"}:
        become("-m", "tests" if job == "test" else "benchmarks", *arguments)
    if job in {"prove", "prove-long"}:
        become("-m", "tests.proofs", *(["--long"] if job == "prove-long" else []), *arguments)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode or 1)
