"""Makes one line of plain characters of a text: addresses, links and numbers masked, white space collapsed."""

import html
import re
import unicodedata

MAX_CHARS = 800
LONGEST_TOKEN = 30

TAG = re.compile(
    r"</?(?:a|b|i|u|p|br|hr|img|font|div|span|table|tr|td|th|html|head|body|center|meta|li|ul|ol|h[1-6]|strong|em"
    r"|form|input|blockquote|pre|tt|code|cite|object|style|link|small|big)\b[^<>]{0,500}>",
    re.I,
)
TOP_LEVEL = (
    "com|net|org|edu|gov|mil|int|info|biz|name|tv|cc|ws|nu|to|uk|ie|de|fr|it|nl|au|ca|us|jp|kr|cn|tw|ru|br|es|se|no|fi"
    "|dk|pl|cz|at|ch|be|nz|za|in|hk|sg|mx|ar|il|tr|pt|gr|hu|ro|eu|fm|st|am|cx|is|vg|md|la|sh|tk"
)
DOMAIN = r"(?<![\w@.-])(?:[\w-]{1,63}\.){1,6}(?:%s)(?![\w-])(?:[:/?][^\s<>\"]*)?"
LINK = re.compile(
    r"<?\b(?:URL:)?(?:https?|ftp|aim|aol|news|file|javascript|cid|irc|telnet)\s?:\s?/?/?(?:[^\s<>\"]|(?<=[/&=?])\n)+>?"
    r"|\bhttps?\b:?/*|\bwww\d*\.[^\s<>\"]+"
)
SITE = re.compile("|".join(DOMAIN % ends for ends in (TOP_LEVEL, TOP_LEVEL.upper(), "Com|Net|Org")))
EMAIL = re.compile(
    r"<?(?:mailto:\s?)?[\w.+=&'*%!#$-]{1,64}\s?@\s?(?:[\w-]{1,64}\s?\.\s?){0,5}[\w-]{1,64}\.[A-Za-z]{2,}"
    r"(?:\?[^\s<>]*)?>?"
    r"|<?(?:mailto:)?[^\s<>()]{1,64}@[^\s<>()]+>?|mailto:\S*|@\s?(?:[\w-]{1,64}\.)+\w+"
    r"|\b[\w.+-]{1,64}\s(?:at|AT|\(at\)|\[at\]|<at>)\s[\w-]+(?:\s(?:dot|DOT|\(dot\)|\[dot\]|<dot>)\s[\w-]+)+"
)
NUMBER = re.compile(r"[+(#]?(?<!\w)\w*\d\w*(?:[-.,:/()+*% ]{1,3}\w*\d\w*)*\)?")
MASK = r"\[(?:email|url|number)\]"
# Stand-ins that the corpus's makers put for their own names; they occur in one label more than in the other.
STAND_INS = re.compile(r"\b\w*(?:[zy]{4,}|netnoteinc|jmason|taint\b)\w*", re.I)
# A byte that could not be decoded, where a curly apostrophe must have been.
APOSTROPHE = re.compile(r"(?<=[A-Za-z])[\ufffd\u0092](?=(?:s|t|d|m|re|ve|ll)\b)")
TYPOGRAPHY = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": "'", "\u201d": "'", '"': "'", "`": "'", "\u2013": "-", "\u2014": "-",
     "\u2026": "...", "\\": "/", "\u00a0": " ", "\u00ad": "", "\u200b": ""}
)  # fmt: skip


def allowed(char):
    if char < "\u0080":
        return " " <= char <= "~"
    return char in "\u00a3\u20ac" or ("\u00c0" <= char <= "\u024f" and char.isalpha())


def clean(text):
    """One line of at most MAX_CHARS plain characters, with [email], [url] and [number] for what they name."""
    text = html.unescape(re.sub(r"&#?\d{2,5};", " ", text))
    text = APOSTROPHE.sub("'", TAG.sub(" ", text)).translate(TYPOGRAPHY)
    text = unicodedata.normalize("NFKC", text).translate(TYPOGRAPHY)
    # Links first, since they may hold an "@"; plain site names last, since addresses end in one.
    text = SITE.sub(" [url] ", EMAIL.sub(" [email] ", LINK.sub(" [url] ", text)))
    text = NUMBER.sub(" [number] ", STAND_INS.sub(" ", re.sub(r"\s+", " ", text))).replace("@", " at ")
    text = "".join(char if allowed(char) else " " for char in text)
    text = re.sub(r"[-_=*~#+|^<>{}/:.]{3,}", lambda run: "..." if set(run[0]) == {"."} else " ", text)
    text = re.sub(r"([!?$])\1{2,}", r"\1\1\1", text)
    text = " ".join(token for token in text.split() if len(token) <= LONGEST_TOKEN)
    text = re.sub(rf"[<(\[{{]? ?({MASK}) ?(?:[>)}}]|\](?!\w))?", r" \1 ", text)
    text = re.sub(r"([$\u00a3\u20ac]) +(?=\[number\])", r"\1", re.sub(r"(?<=\[number\]) +%", "%", text))
    # One token for a table of numbers or a list of links.
    text = re.sub(rf"([$\u00a3\u20ac]?({MASK})%?)(?:[\s,;|:/-]*[$\u00a3\u20ac]?\2%?)+", r"\1", text)
    text = re.sub(r"\s+([,.;:!?%)]+)(?=\s|\Z)", r"\1", re.sub(r"\s+", " ", text))
    text = re.sub(r"^[\s,.;:!?%)>|'-]+", "", text).strip()
    return text if len(text) <= MAX_CHARS else text[: text.rindex(" ", 0, MAX_CHARS + 1)].rstrip()


def unmasked(text):
    return re.sub(MASK, " ", text)


def words(text):
    return re.findall(r"[A-Za-z]{2,}", unmasked(text))


def foreign_share(text):
    """The share of letters outside ASCII, undecodable characters counted as letters."""
    letters = [char for char in text if char.isalpha() or char == "\ufffd"]
    return sum(char > "\u007f" for char in letters) / max(1, len(letters))
