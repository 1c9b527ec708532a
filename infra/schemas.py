"""`python -m infra.schemas write|check`: the released JSON Schemas in docs/schemas, never broken by a change."""

import json
import sys
from pathlib import Path
from typing import Any

from shared.contracts.schemas import breaks, schemas

FOLDER = Path(__file__).parent.parent / "docs" / "schemas"


def released() -> dict[str, dict[str, Any]]:
    """The schemas as they were released, by name."""
    return {file.stem: json.loads(file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.json"))}


def main(action: str) -> int:
    """Write the schemas of the contracts, or check that those written are theirs. A breaking change is refused."""
    before, now = released(), schemas()
    broken = breaks(before, now)
    if broken:
        print("This change would break readers or old events; make it additive, or a new .vN with an upcaster:")
        print("\n".join(f"  {line}" for line in broken))
        return 1
    if action == "check":
        changed = sorted(name for name in now if now[name] != before.get(name))
        if changed:
            print(f"docs/schemas is behind the contracts: `make schemas` ({', '.join(changed)})")
        return 1 if changed else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, schema in now.items():
        (FOLDER / f"{name}.json").write_text(json.dumps(schema, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["write"], ["check"]):
        sys.exit("usage: python -m infra.schemas write|check")
    sys.exit(main(sys.argv[1]))
