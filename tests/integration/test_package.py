"""The distribution as it is installed where there is no checkout, such as in the image."""

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from infra.stack.folders import PROJECT

FOLDERS = ("shared", "services", "infra")


def test_the_wheel_has_every_file_that_lies_beside_the_code(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for folder in FOLDERS:
        shutil.copytree(PROJECT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "requirements.in"):
        shutil.copy(PROJECT / file, source / file)
    there = {path.relative_to(source).as_posix() for folder in FOLDERS for path in (source / folder).rglob("*.*")}

    build = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=source, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in ZipFile(wheel).namelist() if not name.startswith("guatu-")}
    assert packed == there
