"""Turns a raw mail into its sender's own words: no headers, no markup, no quotes, no list footers."""

import email
import html.parser
import quopri
import re

import plain_text

# Far more than the kept text needs; a bound for mails of several megabytes.
READ_CHARS = 20_000
MIN_WORDS = 5
NESTED_MAILS = 3

# ---- The parts of a mail -------------------------------------------------------------------------------------------

BLOCK_TAGS = set(
    "address blockquote body br center dd div dl dt form h1 h2 h3 h4 h5 h6 head hr html img input li ol option p pre"
    " table tbody td tfoot th thead tr ul".split()
)
HIDDEN_TAGS = {"script", "style", "title", "select", "textarea", "applet", "object"}
# Comments, scripts and styles go before parsing: how an unclosed one ends differs between Python versions.
UNSEEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.I | re.S)
UNDECLARED_HTML_TAGS = 4
# Some senders put their headers behind an empty line, so that they arrive as the text.
NESTED_HEADERS = re.compile(
    r"^(?:[A-Za-z-]{2,40}:.*\n(?:[ \t]+\S.*\n)*)*Content-Type:\s*(?:text|multipart)/", re.I | re.M
)


class VisibleText(html.parser.HTMLParser):
    """Collects what a reader would see; block tags become line ends, other tags nothing, so split words join."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.parts = []
        self.hidden = 0

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in HIDDEN_TAGS
        self.handle_startendtag(tag, attrs)

    def handle_endtag(self, tag):
        self.hidden = max(0, self.hidden - (tag in HIDDEN_TAGS))
        self.handle_startendtag(tag, ())

    def handle_startendtag(self, tag, attrs):
        if tag in BLOCK_TAGS:
            self.parts.append("\n")

    def handle_data(self, data):
        if not self.hidden:
            self.parts.append(data)


def html_to_text(source):
    parser = VisibleText()
    # Line ends inside HTML are plain spaces; only block tags make lines.
    parser.feed(UNSEEN.sub("", source).replace("\n", " "))
    parser.close()
    return "".join(parser.parts)


def decode(part):
    payload = part.get_payload()
    if not isinstance(payload, str):
        return ""
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding not in ("quoted-printable", "base64"):
        return payload
    if encoding == "base64":
        raw = part.get_payload(decode=True) or b""
    else:
        raw = quopri.decodestring(payload.encode("ascii", "ignore"))
    charset = str(part.get_content_charset() or "").lower()
    if charset in ("", "us-ascii", "iso-8859-1", "default", "unknown-8bit"):
        charset = "windows-1252"
    try:
        return raw.decode(charset, "replace")
    except LookupError:
        return raw.decode("windows-1252", "replace")


def part_to_text(part, depth):
    text = decode(part).replace("\r\n", "\n").replace("\r", "\n")
    nested = NESTED_HEADERS.search(text[:2000])
    if nested and depth < NESTED_MAILS:
        return mail_to_text(text[nested.start() :], depth + 1)
    declared = part.get_content_type() == "text/html"
    if declared or len(plain_text.TAG.findall(text)) >= UNDECLARED_HTML_TAGS:
        text = html_to_text(text if declared else without_headers(text))
    text = re.sub(r"\n[ \t]*\n\s*\n", "\n\n", re.sub(r"[ \t]{3,}", "  ", text))
    return own_words(text[:READ_CHARS])


def mail_to_text(source, depth=0):
    """The visible text of a raw mail, of its plain parts if they say anything, else of its HTML parts."""
    texts = {"text/plain": [], "text/html": []}
    for part in email.message_from_string(source).walk():
        attached = "attachment" in str(part.get("Content-Disposition", "")).lower()
        if part.get_content_type() in texts and not attached:
            texts[part.get_content_type()].append(part_to_text(part, depth))
    plain, rich = ("\n".join(texts[kind]) for kind in ("text/plain", "text/html"))
    unread = len(plain_text.words(plain_text.clean(plain))) < MIN_WORDS or "not support HTML" in plain
    return rich if rich and unread else plain


# ---- Lines that are not the mail's own words -----------------------------------------------------------------------

HEADER = re.compile(
    r"^[\s|*]*(?:From|To|Cc|Bcc|Subject|Date|Sent|Sent by|Reply-To|Received|Return-Path|Message-ID|Sender|Errors-To|"
    r"URL|Delivered-To|Organi[sz]ation|Importance|Priority|Precedence|References|In-Reply-To|User-Agent|Newsgroups|"
    r"Status|Posted-By|Mailing-List|MIME-Version|Old-Subject|Content-[\w-]+|X-[\w-]+|List-[\w-]+|Resent-[\w-]+|Hash|"
    r"Version|Charset|Comment)\s?:.*$",
    re.I,
)
OTHER_LINES = (
    re.compile(r"^>?From \S+.*\d\d:\d\d"),
    re.compile(r"^\s*-{2,}[=_\w.:+?'/-]*(?:NextPart|Part_|boundary|_\d{3,}|[0-9A-F]{12,})[\w=.:+?'/-]*\s*$", re.I),
    re.compile(r"^.*multi-?part message in MIME format.*$|^.*This is a MIME Message", re.I),
    # Base64, uuencode and what a mail filter wrote into the mail.
    re.compile(r"^\s*[A-Za-z0-9+/=_-]{50,}\s*$|^M[!-`]{60}$|^begin \d{3} \S+\s*$|^SPAM: "),
)
QUOTED = re.compile(r"^\s{0,3}(?:[A-Za-z]{0,12}>|[&+-]{1,2}[>\]]|[|:}]\s)")
WROTE = r"\b(?:wrote|writes?|said|says?|typed|mentioned|thought|think|scribbled|spake|squeaked|uttered)\b"
ATTRIBUTION = re.compile(WROTE + r"[^:]{0,60}:\s*$")
LONE_ATTRIBUTION = re.compile(r"^(?:On|At|In)\b.{0,140}" + WROTE + r"[^:]{0,20}:\s*$|^.{0,100}\b(?:wrote|writes):\s*$")
FORWARDED = re.compile(r"^[^\n]{0,20}-{3,}[^\n]{0,40}(?:Original Message|Forwarded|Unsent Draft)[^\n]*$", re.I | re.M)
BLOCKS = (
    re.compile(r"-----BEGIN PGP (?!SIGNED)[A-Z ]+-----.*?(?:-----END PGP [A-Z ]+-----|\Z)", re.S),
    re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----"),
    re.compile(r"^[^\n]*Start SpamAssassin results.*?(?:End of SpamAssassin results[^\n]*$|\Z)", re.S | re.M),
    re.compile(r"^-* ?Yahoo! Groups Sponsor.*?(?:-~->|\Z)", re.S | re.M),
)
FOOTERS = (
    re.compile(
        r"^[_-]{20,}[^\S\n]*\n(?:[^\n]*\n){0,3}?[^\n]*(?:mailing list|listinfo|sponsored by|welcome to geek|"
        r"yahoo! groups|unsubscribe)[^\n]*(?:\n.*)?\Z",
        re.I | re.M | re.S,
    ),
    re.compile(
        r"^[^\n]*(?:sf\.net email is|irish linux users' group:|your use of yahoo! groups is subject|you are subscribed "
        r"to|do you yahoo!\?|-+ you are receiving this mail because|_{30,})[^\n]*(?:\n[^\n]*){0,14}\Z",
        re.I | re.M,
    ),
    re.compile(r"^To unsubscribe from this group, send.*\Z", re.M | re.S),
    re.compile(r"^-- ?\n(?:[^\n]*\n){0,15}[^\n]*\Z", re.M),
)


def without_headers(text):
    kept = []
    in_header = False
    for line in text.split("\n"):
        in_header = bool(HEADER.match(line)) or (in_header and line[:1] in (" ", "\t") and bool(line.strip()))
        if not in_header and not any(pattern.match(line) for pattern in OTHER_LINES):
            kept.append(line.rstrip())
    return "\n".join(kept)


def without_quotes(text):
    """Drops quoted lines and the line that says who wrote them: the quoted mail may stand in the other file."""
    kept = []
    for line in text.split("\n"):
        if LONE_ATTRIBUTION.match(line):
            continue
        if not QUOTED.match(line):
            kept.append(line)
            continue
        while kept and not kept[-1]:
            kept.pop()
        if kept and ATTRIBUTION.search(kept[-1]):
            lines = range(1, min(3, len(kept)) + 1)
            first = next((i for i in lines if kept[-i].startswith(("On ", "At ", "In "))), 1)
            del kept[-first:]
    return "\n".join(kept)


def own_words(text):
    for block in BLOCKS:
        text = block.sub("", text)
    reply = FORWARDED.split(text, maxsplit=1)[0]
    if len(plain_text.words(reply)) < MIN_WORDS:
        reply = FORWARDED.sub("", text)
    text = without_quotes(without_headers(reply))
    for footer in FOOTERS:
        text = footer.sub("", text)
    return text
