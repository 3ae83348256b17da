"""Which browser it is, in two words that a person recognises: « Chrome, Android »."""

BROWSERS = (
    ("Edg", "Edge"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)
LONGEST = 500


def browser_of(user_agent: str) -> str:
    """Two words out of our lists: what else the browser says of itself is not kept."""
    said = user_agent[:LONGEST]
    browser = next((name for mark, name in BROWSERS if mark in said), "Navigateur inconnu")
    system = next((name for mark, name in SYSTEMS if mark in said), "")
    return f"{browser}, {system}" if system else browser
