"""What a location says: city, state, country, and the region a pool may stand for. Pure; small tables, no gazetteer.

A name that the tables don't know is kept as a city, so two spellings of an unknown place are two places: better a
vacancy twice than two vacancies taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

_REGIONS = {
    "north-america": "us ca",
    "latin-america": "mx br ar cl co pe uy cr pa",
    "europe": "gb ie de fr es pt it nl be lu ch at se no dk fi is pl cz sk hu ro bg gr hr si rs ee lv lt ua cy mt tr",
    "asia-pacific": "in cn jp kr sg hk tw th vn my id ph au nz pk bd lk",
    "middle-east-africa": "ae sa qa il eg ma za ng ke gh tn jo",
}
REGIONS = (*_REGIONS, "remote")
_REGION_OF = {code: region for region, codes in _REGIONS.items() for code in codes.split()}
_REGION_WORDS = {
    "emea": "europe",
    "europe": "europe",
    "eu": "europe",
    "apac": "asia-pacific",
    "asia": "asia-pacific",
    "latam": "latin-america",
    "north america": "north-america",
    "americas": "north-america",
    "middle east": "middle-east-africa",
    "africa": "middle-east-africa",
}
_COUNTRIES = {
    "us": "united states|united states of america|usa|us|u s|u s a",
    "ca": "canada|can",
    "gb": "united kingdom|uk|u k|great britain|england|scotland|wales|northern ireland|gbr",
    "ie": "ireland|republic of ireland",
    "de": "germany|deutschland|deu",
    "fr": "france|fra",
    "es": "spain|esp",
    "pt": "portugal",
    "it": "italy",
    "nl": "netherlands|the netherlands|nld",
    "be": "belgium",
    "lu": "luxembourg",
    "ch": "switzerland",
    "at": "austria",
    "se": "sweden|swe",
    "no": "norway",
    "dk": "denmark",
    "fi": "finland",
    "pl": "poland",
    "cz": "czechia|czech republic",
    "sk": "slovakia",
    "hu": "hungary",
    "ro": "romania",
    "bg": "bulgaria",
    "gr": "greece",
    "hr": "croatia",
    "rs": "serbia",
    "ee": "estonia",
    "lv": "latvia",
    "lt": "lithuania",
    "ua": "ukraine",
    "tr": "turkey|turkiye",
    "mx": "mexico",
    "br": "brazil|brasil",
    "ar": "argentina",
    "cl": "chile",
    "co": "colombia",
    "pe": "peru",
    "uy": "uruguay",
    "cr": "costa rica",
    "in": "india|ind",
    "cn": "china",
    "jp": "japan|jpn",
    "kr": "south korea|korea",
    "sg": "singapore|sgp",
    "hk": "hong kong",
    "tw": "taiwan",
    "th": "thailand",
    "vn": "vietnam",
    "my": "malaysia",
    "id": "indonesia",
    "ph": "philippines",
    "au": "australia|aus",
    "nz": "new zealand",
    "pk": "pakistan",
    "ae": "united arab emirates|uae",
    "sa": "saudi arabia",
    "il": "israel",
    "eg": "egypt",
    "za": "south africa",
    "ng": "nigeria",
    "ke": "kenya",
}
_COUNTRY_OF = {name: code for code, names in _COUNTRIES.items() for name in names.split("|")}
_STATES = {
    "us": "al alabama|ak alaska|az arizona|ar arkansas|ca california|co colorado|ct connecticut|de delaware|fl florida"
    "|ga georgia|hi hawaii|id idaho|il illinois|in indiana|ia iowa|ks kansas|ky kentucky|la louisiana|me maine"
    "|md maryland|ma massachusetts|mi michigan|mn minnesota|ms mississippi|mo missouri|mt montana|ne nebraska"
    "|nv nevada|nh new hampshire|nj new jersey|nm new mexico|ny new york|nc north carolina|nd north dakota|oh ohio"
    "|ok oklahoma|or oregon|pa pennsylvania|ri rhode island|sc south carolina|sd south dakota|tn tennessee|tx texas"
    "|ut utah|vt vermont|va virginia|wa washington|wv west virginia|wi wisconsin|wy wyoming|dc district of columbia",
    "ca": "ab alberta|bc british columbia|mb manitoba|nb new brunswick|nl newfoundland|ns nova scotia|on ontario"
    "|pe prince edward island|qc quebec|sk saskatchewan",
    "au": "nsw new south wales|vic victoria|qld queensland|tas tasmania",
}
_STATE_OF = {
    name: (country, f"{country}-{entry.split(' ', 1)[0]}")
    for country, entries in _STATES.items()
    for entry in entries.split("|")
    for name in entry.split(" ", 1)
} | {"d c": ("us", "us-dc")}
# Cities that boards name alone; only where the country is beyond doubt, and only to find the region.
_CITIES = {
    "us": "new york|san francisco|seattle|chicago|boston|austin|los angeles|denver|atlanta|washington|miami|dallas",
    "ca": "toronto|vancouver|montreal|ottawa|calgary",
    "gb": "london|manchester|edinburgh|bristol|leeds|glasgow",
    "ie": "dublin",
    "de": "berlin|munich|hamburg|cologne|frankfurt",
    "fr": "paris|lyon",
    "es": "madrid|barcelona",
    "pt": "lisbon|porto",
    "it": "milan|rome",
    "nl": "amsterdam|rotterdam|utrecht",
    "be": "brussels|ghent|antwerp",
    "se": "stockholm|gothenburg|malmo",
    "dk": "copenhagen",
    "no": "oslo",
    "fi": "helsinki",
    "ch": "zurich|geneva",
    "at": "vienna",
    "pl": "warsaw|krakow",
    "cz": "prague",
    "hu": "budapest",
    "in": "bangalore|bengaluru|mumbai|delhi|new delhi|hyderabad|pune|chennai|gurgaon",
    "sg": "singapore",
    "jp": "tokyo",
    "kr": "seoul",
    "au": "sydney|melbourne|brisbane|perth",
    "nz": "auckland",
    "il": "tel aviv",
    "ae": "dubai",
    "br": "sao paulo",
    "mx": "mexico city",
    "za": "cape town|johannesburg",
}
_COUNTRY_OF_CITY = {city: code for code, cities in _CITIES.items() for city in cities.split("|")}
# Country codes lose against a state's ("Denver, CO"), except after a city of that country ("Munich, DE").
_CODES = frozenset(_REGION_OF)
_ALIASES = {
    "nyc": "new york",
    "ny": "new york",
    "new york city": "new york",
    "sf": "san francisco",
    "bengaluru": "bangalore",
}
# Only the lower-case words: "Portland, OR" is one place.
_BETWEEN = re.compile(r"\s*[;|/\n]\s*|\s+(?:or|and)\s+")
_MODE = re.compile(r"\b(?:remote(?:[\s-]friendly|[\s-]first)?|hybrid|on-?site|in-office|hq|office|headquarters)\b")


class Place(msgspec.Struct, frozen=True, order=True):
    """One location, normalised; "" where it doesn't say."""

    city: str = ""
    state: str = ""
    country: str = ""

    def clashes(self, other: Place) -> bool:
        """Whether the two can't be the same place. What one leaves out is no clash."""
        pairs = ((self.state, other.state), (self.country, other.country))
        return self.city != other.city or any(mine and its and mine != its for mine, its in pairs)


def _words(value: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", value).split())


def place(value: str) -> Place | None:
    """Read one location, such as "Cambridge, MA" or "Remote (US)". None where it names no place."""
    folded = value.casefold()
    parts = [_words(_MODE.sub(" ", part)) for part in re.split(r"[,()]|\s-\s", folded)]
    known = [part for part in parts if part]
    if not known:
        return Place("remote") if "remote" in folded else None
    city, state, country = "", "", ""
    for index, part in enumerate(known):
        if part in _CODES and (part not in _STATE_OF or _COUNTRY_OF_CITY.get(city) == part):
            country = part
        elif part in _STATE_OF and (index or part not in _COUNTRY_OF_CITY) and not state:
            country, state = _STATE_OF[part]
        elif part in _COUNTRY_OF and (not country or index):
            country = _COUNTRY_OF[part]
        elif not city:
            city = _ALIASES.get(part, part)
    # Alone, the state's name means its city: "NY" as much as "New York".
    return Place(city or ("new york" if state == "us-ny" else ""), state, country)


def places(values: Iterable[str]) -> frozenset[Place]:
    """Read locations, each of which may name several ("San Francisco, CA | Seattle, WA")."""
    parts = (part for value in values for part in _BETWEEN.split(value))
    return frozenset(found for part in parts if part and (found := place(part)))


def country_of(found: Place) -> str:
    """The country's code: as told, else by a city that is beyond doubt; "" where neither says."""
    return found.country or _COUNTRY_OF_CITY.get(found.city, "")


def lies_in(told: Place, wanted: Place) -> bool:
    """Whether `told` is inside `wanted`: "Austin, TX" inside "US"."""
    pairs = ((wanted.city, told.city), (wanted.state, told.state), (wanted.country, country_of(told)))
    return all(mine in ("", its) for mine, its in pairs)


def same_places(one: frozenset[Place], other: frozenset[Place]) -> bool:
    """Whether each place of either is a place of the other. Two that say nothing are the same."""

    def covered(few: frozenset[Place], by: frozenset[Place]) -> bool:
        return all(any(not mine.clashes(its) for its in by) for mine in few)

    return covered(one, other) and covered(other, one)


def region(values: Iterable[str], remote: bool | None = None) -> str | None:
    """The region of the first location that tells one; "remote" when only that is known; else None."""
    given = list(values)
    for found in (place(part) for value in given for part in _BETWEEN.split(value) if part):
        country = country_of(found) if found else ""
        if country in _REGION_OF:
            return _REGION_OF[country]
        if found and found.city in _REGION_WORDS:
            return _REGION_WORDS[found.city]
    return "remote" if remote or any("remote" in value.casefold() for value in given) else None
