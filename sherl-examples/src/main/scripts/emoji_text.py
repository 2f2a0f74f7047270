"""Names and keywords of emoji in plain words, from the lists of emojilib and emoji-datasource."""

import re

# emojilib leaves out the five swatches of skin colour.
SWATCHES = {
    "1F3FB": "light skin tone",
    "1F3FC": "medium-light skin tone",
    "1F3FD": "medium skin tone",
    "1F3FE": "medium-dark skin tone",
    "1F3FF": "dark skin tone",
}
# In emojilib two names have lost the sign itself, and three are of a man or a woman where Unicode's are of a person.
NAMES = {
    "0023-FE0F-20E3": "keycap hash",
    "002A-FE0F-20E3": "keycap star",
    "1F470": "person with veil",
    "1F935": "person in tuxedo",
    "1F9D4": "person with beard",
}
# What is left of phrases that were cut at their spaces, an emoticon, and coarse words.
DROPPED = set("a an and at for front from in of th the to with xd shit crap".split())
HAIR = r"(man|woman|person) (blond hair|red hair|curly hair|white hair|beard)"
PLAIN = {"\u2019": "'", "\u00a0": " ", "_": " "}


def characters(code):
    return "".join(chr(int(part, 16)) for part in code.split("-"))


def entry(library, emoji):
    """emojilib's words for an emoji, the first of them its name; empty if it is not there."""
    for code in filter(None, (emoji["unified"], emoji["non_qualified"])):
        for key in (characters(code), characters(code).replace("\ufe0f", "")):
            if key in library:
                return library[key]
    return []


def words(text):
    """The text without separators and signs: letters, digits, accents, hyphens, apostrophes and colons stay."""
    for found, replacement in PLAIN.items():
        text = text.replace(found, replacement)
    text = re.sub(r"[^\w\s':.,/&+-]", " ", text).replace("_", " ")
    return " ".join(text.strip(" .,:/&+-'").split())


def name(library, emoji):
    code = emoji["unified"]
    if code in SWATCHES:
        return SWATCHES[code]
    if code in NAMES:
        return NAMES[code]
    text = words(entry(library, emoji)[0]).replace(",", "")
    text = re.sub(r"(\w\w) s\b", r"\1's", text).replace(" o clock", " o'clock").replace("flag u s ", "flag u.s. ")
    return re.sub(r"(man|woman|person) bald", r"bald \1", re.sub(HAIR, r"\1 with \2", text))


def keywords(library, emoji):
    """emojilib's other words and emoji-datasource's short names, each once and none equal to the name."""
    shorts = [re.sub("[-_]+", " ", short) for short in emoji["short_names"] if is_word(short)]
    seen, kept = DROPPED | {name(library, emoji).casefold()}, []
    for word in [words(word) for word in entry(library, emoji)[1:]] + shorts:
        key = word.casefold()
        if len(re.findall(r"\w", word)) >= 2 and key not in seen and not is_code(key, emoji):
            seen.add(key)
            kept.append(word)
    return kept


def is_code(word, emoji):
    """A country's two letters, which its flag is coded by, or a clock's time in digits after the word."""
    if re.fullmatch("[a-z][a-z]", word):
        return "".join(chr(0x1F1E6 + ord(letter) - ord("a")) for letter in word) == characters(emoji["unified"])
    return bool(re.fullmatch(r"clock\d+", word))


def is_word(short):
    """Not a country's code, a number or a letter."""
    return len(short) > 2 and not re.search(r"\d|^flag-..$", short)
