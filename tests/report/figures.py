"""Figures as the page of a run tells them, beside the tables that they are of. They are rounded here again, not by the program."""

import json
import re

import pyarrow.parquet as parquet

TABLES = """[...document.querySelectorAll('table')].map(table => [
    table.caption.textContent,
    [...table.tHead.rows[0].cells].map(cell => cell.textContent),
    [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent))])"""


def rows(folder, name):
    path = folder / f"{name}.parquet"
    return parquet.read_table(path).to_pylist() if path.exists() else []


def whole(value):
    return f"{value:,}"


def share(value):
    return f"{value * 100:.1f}\u00a0%"


def number(value):
    """Three digits that matter, thousands in groups."""
    size = abs(value)
    if size and not 1e-4 <= size < 1e15:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    decimals = 0 if size >= 99.95 else 1 if size >= 9.995 else 2 if size >= 0.9995 else 3 if size >= 0.09995 else 4
    text = f"{size:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"-{text}" if value < 0 and text != "0" else text


def told(value):
    """All ways in which a figure may be told, in money or without."""
    return set() if value is None else {number(value), share(value), whole(round(value))}


def plain(text):
    """Without what keeps names in one piece, the currency, and the arrows that say how far from all it is."""
    text = re.sub("[\u2066-\u2069\u200e\u200f↑↗↘↓]", "", text).strip()
    return re.sub("\u00a0[A-Z]{3}$", "", text)


class Figures:
    """The figures of one page."""

    def __init__(self, page, path, findings):
        self.path, self.findings, self.counts = path, findings, {}
        self.tables = [(caption, heads, body) for caption, heads, body in page.evaluate(TABLES)]

    def of(self, part):
        """Gives the rows of tables whose caption has this, each by the heads of its columns."""
        for caption, heads, body in self.tables:
            if part in caption:
                yield from ({head: plain(cell) for head, cell in zip(heads, cells)} for cells in body)

    def same(self, kind, what, text, expected):
        if text == "–":
            return
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if text not in expected:
            self.findings.add(self.path, f"{kind} of {what}: the page has {text!r}, the table {sorted(expected)[:4]}")


def check_figures(page, path, findings):
    """Compares what the page of a run tells with the run's tables; gives how many figures of each kind were compared."""
    folder, figures = path.parent, Figures(page, path, findings)
    fates = json.loads((folder / "run.json").read_text())["rows"]
    for row in figures.of("Rows of each source"):
        own = fates[row["Source"]]
        figures.same("rows read", row["Source"], row["read"], {whole(own["read"])})
        figures.same("rows used", row["Source"], row["used"], {whole(own["used"])})
    checks = {(row["source"], row["check_name"].replace("_", " "), row["column_name"] or "–"): row for row in rows(folder, "quality")}
    for row in figures.of("Checks that found something"):
        own = checks[row["Source"], row["Check"], row["Column"]]
        figures.same("rows that failed a check", row["Check"], row["found"], {whole(own["rows_failed"])})
        figures.same("rows that were checked", row["Check"], row["of"], {whole(own["rows_checked"])})
    segments = rows(folder, "segments")
    for row in figures.of("Size of each segment"):
        own = [one for one in segments if one["segment_key"] == row["Key"]]
        figures.same("size of a segment", row["Key"], row.get("customers") or row.get("accounts"), {whole(one["customers"]) for one in own})
        figures.same("share of a segment", row["Key"], row["share"], {share(one["share"]) for one in own})
    profiles = rows(folder, "profiles")
    label = lambda row: row["feature"].replace("_", " ") + ("" if row["level"] in (None, "true") else f": {row['level']}")
    for row in figures.of("Mean of each feature"):
        own = [one for one in profiles if label(one) == row["Feature"]]
        for head, text in list(row.items())[1:]:
            column = "population_mean" if head == "all" else "mean"
            figures.same("mean of a feature", f"{row['Feature']} in {head}", text, set().union(*(told(one[column]) for one in own)))
    for row in figures.of("Quartiles of"):
        for head, column in [("a quarter has up to", "p25"), ("half", "p50"), ("three quarters", "p75")]:
            figures.same("quartile", row["Segment"], row[head], set().union(*(told(one[column]) for one in profiles)))
    effects = rows(folder, "effectiveness")
    for row in figures.of("after the day of the run"):
        for head, column in [("value", "value"), ("from", "ci_low"), ("to", "ci_high")]:
            if head in row:
                figures.same("outcome", row["Segment"], row[head], set().union(*(told(one[column]) for one in effects)))
    selection = [row for row in rows(folder, "selection") if row["segment_key"] is None]
    for row in figures.of("by number of groups"):
        of_k = [one for one in selection if str(one["k"]) == row["Groups"]]
        figures.same("evidence for a number of groups", row["Groups"], row["value"], set().union(*(told(one["value"]) for one in of_k)))
    moves = {whole(row["customers"]) for row in rows(folder, "migration") if row["customers"] is not None}
    for row in figures.of("Who was where"):
        figures.same("who moved", row["Was in"], row["customers"], moves)
    return figures.counts
