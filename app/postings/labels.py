"""Category of a posting from the words of its title. Pure; the first that matches wins, so order is meaning."""

from __future__ import annotations

import re

OTHER = "other"
_CATEGORIES: tuple[tuple[str, str], ...] = (
    ("people", r"recruit\w*|talent|people (?:partner|operations|ops)|human resources|hr"),
    ("sales", r"account executive|sales|account manager|business development|partnerships?|go.to.market|gtm|bdr|sdr"),
    ("support", r"customer (?:support|success|service|care)|support (?:engineer|specialist|agent)|help ?desk"),
    ("data", r"data(?! cent)|analytics?|analyst|machine learning|ml|ai|statistic\w*|research scientist"),
    ("design", r"design(?:er)?s?|ux|ui|illustrat\w*|creative"),
    ("product", r"product (?:manager|owner|lead|director|management)|product"),
    ("marketing", r"marketing|content|brand|seo|communications?|social media|copywriter"),
    ("finance", r"financ\w*|account(?:ant|ing)|audit\w*|tax|payroll|treasury|bookkeep\w*|controller"),
    ("legal", r"legal|counsel|lawyer|paralegal|attorney|compliance"),
    (
        "healthcare",
        r"nurs\w*|physician|doctor|care (?:assistant|worker)|caregiver|dent\w*|pharmac\w*|therap\w*|medical",
    ),
    ("education", r"teach\w*|tutor|instructor|lecturer|professor|educat\w*|trainer"),
    ("hospitality", r"chef|cook|kitchen|barista|waiter|waitress|hotel|housekeep\w*|restaurant|bartender"),
    ("logistics", r"driver|warehouse|logistics|supply chain|courier|forklift|dispatcher|procurement"),
    ("trades", r"electrician|plumber|carpenter|welder|mechanic|technician|construction|hvac|joiner|fitter"),
    ("software", r"engineer\w*|developer|software|devops|sre|programmer|architect|backend|frontend|android|ios|qa"),
    ("operations", r"operations|office|project|administrat\w*|assistant|coordinator|security|manager"),
)
NAMES = (*(name for name, _ in _CATEGORIES), OTHER)
_PATTERNS = tuple((name, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for name, words in _CATEGORIES)
# A title that says both ("Data Engineer", "Sales Engineer") is a data or a sales job; these are not.
_SOFTWARE_FIRST = re.compile(
    r"\b(?:software|backend|frontend|full.?stack|reliability|platform|android|ios)\b.*\b(?:engineer|developer)", re.I
)


def category(title: str) -> str:
    """One of the names above, or `other`."""
    if _SOFTWARE_FIRST.search(title):
        return "software"
    return next((name for name, words in _PATTERNS if words.search(title)), OTHER)
