"""Countries by their ISO 3166 codes, and what people call them. Pure; no word of the domain."""

from __future__ import annotations

import re
from typing import Final

_LISTED = """
af Afghanistan|al Albania|dz Algeria|ad Andorra|ao Angola|ag Antigua and Barbuda|ar Argentina|am Armenia|au Australia
at Austria|az Azerbaijan|bs Bahamas|bh Bahrain|bd Bangladesh|bb Barbados|by Belarus|be Belgium|bz Belize|bj Benin
bt Bhutan|bo Bolivia|ba Bosnia and Herzegovina|bw Botswana|br Brazil|bn Brunei|bg Bulgaria|bf Burkina Faso|bi Burundi
kh Cambodia|cm Cameroon|ca Canada|cv Cape Verde|cf Central African Republic|td Chad|cl Chile|cn China|co Colombia
km Comoros|cg Congo|cd Democratic Republic of the Congo|cr Costa Rica|ci Ivory Coast|hr Croatia|cu Cuba|cy Cyprus
cz Czechia|dk Denmark|dj Djibouti|dm Dominica|do Dominican Republic|ec Ecuador|eg Egypt|sv El Salvador
gq Equatorial Guinea|er Eritrea|ee Estonia|sz Eswatini|et Ethiopia|fj Fiji|fi Finland|fr France|ga Gabon|gm Gambia
ge Georgia|de Germany|gh Ghana|gr Greece|gd Grenada|gt Guatemala|gn Guinea|gw Guinea-Bissau|gy Guyana|ht Haiti
hn Honduras|hk Hong Kong|hu Hungary|is Iceland|in India|id Indonesia|ir Iran|iq Iraq|ie Ireland|il Israel|it Italy
jm Jamaica|jp Japan|jo Jordan|kz Kazakhstan|ke Kenya|ki Kiribati|xk Kosovo|kw Kuwait|kg Kyrgyzstan|la Laos|lv Latvia
lb Lebanon|ls Lesotho|lr Liberia|ly Libya|li Liechtenstein|lt Lithuania|lu Luxembourg|mo Macao|mg Madagascar|mw Malawi
my Malaysia|mv Maldives|ml Mali|mt Malta|mh Marshall Islands|mr Mauritania|mu Mauritius|mx Mexico|fm Micronesia
md Moldova|mc Monaco|mn Mongolia|me Montenegro|ma Morocco|mz Mozambique|mm Myanmar|na Namibia|nr Nauru|np Nepal
nl Netherlands|nz New Zealand|ni Nicaragua|ne Niger|ng Nigeria|kp North Korea|mk North Macedonia|no Norway|om Oman
pk Pakistan|pw Palau|ps Palestine|pa Panama|pg Papua New Guinea|py Paraguay|pe Peru|ph Philippines|pl Poland
pt Portugal|pr Puerto Rico|qa Qatar|ro Romania|ru Russia|rw Rwanda|kn Saint Kitts and Nevis|lc Saint Lucia
vc Saint Vincent and the Grenadines|ws Samoa|sm San Marino|st Sao Tome and Principe|sa Saudi Arabia|sn Senegal
rs Serbia|sc Seychelles|sl Sierra Leone|sg Singapore|sk Slovakia|si Slovenia|sb Solomon Islands|so Somalia
za South Africa|kr South Korea|ss South Sudan|es Spain|lk Sri Lanka|sd Sudan|sr Suriname|se Sweden|ch Switzerland
sy Syria|tw Taiwan|tj Tajikistan|tz Tanzania|th Thailand|tl Timor-Leste|tg Togo|to Tonga|tt Trinidad and Tobago
tn Tunisia|tr Turkey|tm Turkmenistan|tv Tuvalu|ug Uganda|ua Ukraine|ae United Arab Emirates|gb United Kingdom
us United States|uy Uruguay|uz Uzbekistan|vu Vanuatu|va Vatican City|ve Venezuela|vn Vietnam|ye Yemen|zm Zambia
zw Zimbabwe|eu European Union
"""
_ALSO = """
us united states of america|us usa|us america|gb uk|gb great britain|gb britain|gb england|gb scotland|gb wales
gb northern ireland|ie republic of ireland|ie eire|de deutschland|nl holland|nl the netherlands|cz czech republic
kr korea|kr republic of korea|ae uae|ae emirates|ae dubai|tr türkiye|tr turkiye|es españa|fr la france|it italia
ch schweiz|ch suisse|at österreich|br brasil|mx méxico|pl polska|ru russian federation|ci côte d’ivoire|eu eu|eu eea
eu european economic area|eu europe
"""
NAMES: Final[dict[str, str]] = dict(
    entry.split(" ", 1) for line in _LISTED.strip().splitlines() for entry in line.split("|")
)
_ALIASES: Final = [entry.split(" ", 1) for line in _ALSO.strip().splitlines() for entry in line.split("|")]
_CODES: Final = {name.casefold(): code for code, name in NAMES.items()} | {name: code for code, name in _ALIASES}
# Where a citizen of one may work in all of them.
_EUROPE = "at be bg hr cy cz dk ee fi fr de gr hu ie it lv lt lu mt nl pl pt ro sk si es se is li no"
EUROPE: Final = frozenset(_EUROPE.split())
# Names that stand in a sentence for something else as well: Georgia is a state, Jordan a person, "europe" a continent.
_UNSURE = frozenset(
    {"georgia", "jordan", "chad", "america", "europe", "emirates", "niger", "guinea", "dominica", "eire"}
)
_IN_TEXT = re.compile(
    r"\b(?:(?i:{})|USA?|UK|EU|EEA|UAE)(?!\w)|\bU\.S\.(?:A\.)?|\bU\.K\.|\bE\.U\.".format(
        "|".join(sorted((re.escape(name) for name in _CODES if len(name) > 3 and name not in _UNSURE), key=len)[::-1])
    )
)


def code_of(text: str) -> str | None:
    """The code of a country that somebody wrote: by its name, a usual other one, or the code itself."""
    name = " ".join(text.replace(".", "").casefold().split()).removeprefix("the ")
    return _CODES.get(name) or (name if name in NAMES else None)


def found_in(text: str) -> frozenset[str]:
    """The codes of the countries that a sentence names beyond doubt; short forms only in capitals ("US")."""
    found = (code_of(match[0]) for match in _IN_TEXT.finditer(text))
    return frozenset(code for code in found if code)


def members(codes: frozenset[str]) -> frozenset[str]:
    """The countries themselves: the European Union is all of its own, with those that have its free movement."""
    return (codes - {"eu"}) | (EUROPE if "eu" in codes else frozenset())
