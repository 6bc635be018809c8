"""Write what the schema of run cards says: as JSON Schema into the package, and as tables into the documentation.

    python tools/make_run_card_schema.py

The JSON Schema is for editors and other programs; the tables stand in docs/run-cards.md behind a line that says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cevns.io import card_blocks, cards

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "run-cards.md"
SCHEMA = ROOT / "src" / "cevns" / "io" / cards.SCHEMA_FILE
MARK = "<!-- What follows is written by tools/make_run_card_schema.py. -->\n"
NAMES = {
    "AxisBlock": "evenly spaced values",
    "MeasurementBlock": "an experiment with settings",
    "RangeBlock": "a range",
}
"""What blocks are called where they are a value."""
TYPES = {"string": "text", "boolean": "true or false", "integer": "integer", "number": "number", "object": "mapping"}


def value(schema: Mapping[str, Any]) -> str:
    """What a field holds, in words."""
    if not schema:
        return "any value"
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(value(one) for one in schema[several] if one.get("type") != "null")
    if schema.get("type") == "array" and "prefixItems" in schema:
        return f"{len(schema['prefixItems'])} numbers"
    if "$ref" in schema:
        return NAMES[schema["$ref"].rsplit("/", 1)[1]]
    if "enum" in schema or "const" in schema:
        return " or ".join(f"`{choice}`" for choice in schema.get("enum", [schema.get("const")]))
    if schema["type"] == "array":
        return f"list of: {value(schema['items'])}"
    inside = schema.get("additionalProperties")
    return f"mapping to: {value(inside)}" if isinstance(inside, dict) else TYPES[schema["type"]]


def table(block: Mapping[str, Any], names: list[str]) -> Iterator[str]:
    """The fields of a block."""
    yield "| Key | Value | Default | Meaning |"
    yield "|---|---|---|---|"
    for name in names:
        field = block["properties"][name]
        default = "required" if name in block.get("required", ()) else ""
        if field.get("default") not in (None, [], {}):
            default = f"`{field['default']}`".lower()
        yield f"| `{name}` | {value(field)} | {default} | {' '.join(field['description'].split())} |"


def reference() -> str:
    """The tables of the page."""
    blocks = cards.json_schema()["$defs"]
    commands = {command: blocks.pop(kind.__name__) for command, kind in cards.KINDS.items()}
    common = {name: commands["scan"]["properties"][name] for name in card_blocks.Card.model_fields}
    lines = ["## Every command", "", *table(commands["scan"], list(common)), ""]
    for command, block in commands.items():
        own = [name for name, field in block["properties"].items() if field != common.get(name)]
        lines += [f"## `command: {command}`", "", block["description"], "", *table(block, own), ""]
    for name, block in blocks.items():
        lines += [f"## {NAMES[name].capitalize()}", "", *table(block, list(block["properties"])), ""]
    return "\n".join(lines).rstrip() + "\n"


def page(text: str) -> str:
    """A page with its tables made again."""
    return text[: text.index(MARK) + len(MARK)] + "\n" + reference()


def main() -> None:
    """Write both."""
    SCHEMA.write_text(cards.schema_text(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
