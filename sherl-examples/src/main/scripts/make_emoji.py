"""Makes the emoji pictures' emoji.png and emoji.tsv from the npm packages emoji-datasource-google and emojilib.

Usage: python3 make_emoji.py DATASOURCE_FOLDER EMOJILIB_FOLDER OUTPUT_FOLDER
"""

import collections
import hashlib
import json
import pathlib
import statistics
import sys

from PIL import Image, ImageChops, ImageOps, ImageStat

import emoji_bases
import emoji_text

SEED = "sherl-emoji-1"
COUNT = 1911
# 39 columns of 49 rows: no cell is empty.
COLUMNS = 39
SIDE = 48
TEST = 300
# Too few swatches to stand on both sides.
TRAIN_ONLY = {"Component"}
# Two drawings are one picture, or one the other's mirror image, up to rounding: mean difference of 255.
TWIN_DIFFERENCE = 1.5


def order(code):
    # A hash instead of the random module: the same order in every Python version.
    return hashlib.sha256(f"{SEED}:{code}".encode()).hexdigest()


def read_emoji(datasource):
    """The entries in Unicode's order, all of which must have a picture."""
    emoji = json.loads((datasource / "emoji.json").read_text("utf-8"))
    emoji = sorted((one for one in emoji if one["has_img_google"]), key=lambda one: one["sort_order"])
    if len(emoji) != COUNT:
        raise SystemExit(f"{datasource}: expected {COUNT} emoji with pictures, found {len(emoji)}")
    return emoji


def picture(file):
    """The picture over white, in the cell's size."""
    with Image.open(file) as source:
        drawn = source.convert("RGBA")
    white = Image.new("RGBA", drawn.size, (255, 255, 255, 255))
    white.alpha_composite(drawn)
    return white.convert("RGB").resize((SIDE, SIDE), Image.Resampling.HAMMING)


def twin_pictures(pictures):
    """Pairs of positions, the smaller first, whose pictures are the same; and those that are mirror images."""
    same, mirrored = [], []
    means = [ImageStat.Stat(one).mean for one in pictures]
    for right, one in enumerate(pictures):
        flipped = ImageOps.mirror(one)
        for left in range(right):
            # Mirroring changes no mean, and means differ by no more than the pictures do: most pairs end here.
            if sum(abs(a - b) for a, b in zip(means[left], means[right])) > 3 * TWIN_DIFFERENCE:
                continue
            if one.tobytes() == pictures[left].tobytes():
                same.append((left, right))
            elif difference(flipped, pictures[left]) <= TWIN_DIFFERENCE:
                mirrored.append((left, right))
    return same, mirrored


def difference(left, right):
    return statistics.fmean(ImageStat.Stat(ImageChops.difference(left, right)).mean)


def test_bases(emoji, bases, barred):
    """Bases in the seeded order until every category has its share of the test emoji."""
    categories = collections.Counter(one["category"] for one in emoji if one["category"] not in TRAIN_ONLY)
    left = shares(categories)
    members = collections.defaultdict(list)
    for base, one in zip(bases, emoji):
        members[base].append(one["category"])
    taken = set()
    for base in sorted(set(bases) - barred, key=order):
        counts = collections.Counter(members[base])
        if all(count <= left.get(category, 0) for category, count in counts.items()):
            taken.add(base)
            for category, count in counts.items():
                left[category] -= count
    if any(left.values()):
        raise SystemExit(f"test emoji missing: {left}")
    return taken


def shares(categories):
    """TEST in proportion to the counts; what rounding down leaves goes to the largest remainders."""
    total = sum(categories.values())
    left = {category: TEST * count // total for category, count in categories.items()}
    by_remainder = sorted(categories, key=lambda category: (-(TEST * categories[category] % total), category))
    for category in by_remainder[: TEST - sum(left.values())]:
        left[category] += 1
    return left


def write_sheet(path, pictures):
    sheet = Image.new("RGB", (COLUMNS * SIDE, COUNT // COLUMNS * SIDE))
    for cell, one in enumerate(pictures):
        sheet.paste(one, (cell % COLUMNS * SIDE, cell // COLUMNS * SIDE))
    sheet.save(path, "PNG", optimize=True)
    print(f"{path.name}: {path.stat().st_size} bytes, pixels sha256 {hashlib.sha256(sheet.tobytes()).hexdigest()}")


def write_table(path, rows):
    header = ("cell", "code", "name", "category", "subcategory", "base", "split", "keywords")
    lines = "".join("\t".join(row) + "\n" for row in [header] + rows)
    if lines.count("\t") != 7 * (COUNT + 1) or '"' in lines:
        raise SystemExit("a tab or a quote inside a field")
    path.write_bytes(lines.encode("utf-8"))
    print(f"{path.name}: {len(lines.encode('utf-8'))} bytes, sha256 {hashlib.sha256(lines.encode('utf-8')).hexdigest()}")


def report(rows):
    for split in ("train", "test"):
        own = [row for row in rows if row[6] == split]
        print(f"{split}: {len(own)} emoji, {len({row[5] for row in own})} bases, {len({row[4] for row in own})} subcategories")
    for category in sorted({row[3] for row in rows}):
        splits = collections.Counter(row[6] for row in rows if row[3] == category)
        print(f"{category}: {splits['train']} train, {splits['test']} test")
    counts = [len(row[7].split("|")) if row[7] else 0 for row in rows]
    print(f"keywords: {sum(counts)}, median {statistics.median(counts)}, none for {counts.count(0)}, most {max(counts)}")
    sizes = collections.Counter(collections.Counter(row[5] for row in rows).values())
    print(f"bases by size: {sorted(sizes.items())}")


def main(datasource, emojilib, output):
    emoji = read_emoji(datasource)
    library = json.loads((emojilib / "dist" / "emoji-en-US.json").read_text("utf-8"))
    codes = [one["unified"] for one in emoji]
    pictures = [picture(datasource / "img" / "google" / "64" / one["image"]) for one in emoji]
    same, mirrored = twin_pictures(pictures)
    for kind, pairs in (("same picture", same), ("mirror image", mirrored)):
        for left, right in pairs:
            print(f"{kind}: {emoji[left]['short_name']}, {emoji[right]['short_name']}")
    bases = emoji_bases.bases(codes, same + mirrored)
    test = test_bases(emoji, bases, {bases[cell] for pair in same for cell in pair})
    rows = [
        (
            str(cell),
            one["unified"],
            emoji_text.name(library, one),
            one["category"],
            one["subcategory"],
            base,
            "test" if base in test else "train",
            "|".join(emoji_text.keywords(library, one)),
        )
        for cell, (one, base) in enumerate(zip(emoji, bases))
    ]
    output.mkdir(parents=True, exist_ok=True)
    write_sheet(output / "emoji.png", pictures)
    write_table(output / "emoji.tsv", rows)
    report(rows)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(*map(pathlib.Path, sys.argv[1:]))
