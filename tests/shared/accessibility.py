"""What axe-core finds on a page, and the levels of its headings."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def findings(page: Page) -> list[str]:
    """What axe finds serious or critical on the page as it is. Nothing is excused, not even what Streamlit draws."""
    violations: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]}: {_reasons(node)}"
        for rule in violations
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def _reasons(node: dict[str, Any]) -> str:
    return "; ".join(why["message"] for why in node["any"] + node["all"] + node["none"])


def levels(page: Page) -> list[int]:
    """The levels of the page's headings, from its top."""
    return page.eval_on_selector_all("h1, h2, h3, h4, h5, h6", "all => all.map(heading => +heading.tagName[1])")
