"""Which emoji are variants of one another: they get one base, and never stand on both sides of the split."""

# What follows a joiner and only says the gender, or that the person faces the other way.
SUFFIXES = {"2640", "2642", "27A1"}
MAN, WOMAN, PERSON = "1F468", "1F469", "1F9D1"
BOY, GIRL, CHILD = "1F466", "1F467", "1F9D2"
# Emoji of a single character whose variants are other characters.
ONE = {
    MAN: PERSON,
    WOMAN: PERSON,
    BOY: CHILD,
    GIRL: CHILD,
    "1F474": "1F9D3",  # old man, old woman, older person
    "1F475": "1F9D3",
    "1F934": "1FAC5",  # prince, princess, person with crown
    "1F478": "1FAC5",
    "1F930": "1FAC4",  # pregnant woman, man, person
    "1FAC3": "1FAC4",
    "1F57A": "1F483",  # man dancing, woman dancing
    "1F385": "1F9D1-1F384",  # Santa Claus, Mrs. Claus, Mx Claus
    "1F936": "1F9D1-1F384",
    "1F46B": "1F9D1-1F91D-1F9D1",  # woman and man, men, women holding hands
    "1F46C": "1F9D1-1F91D-1F9D1",
    "1F46D": "1F9D1-1F91D-1F9D1",
    "1F3FC": "1F3FB",  # the swatches of skin colour
    "1F3FD": "1F3FB",
    "1F3FE": "1F3FB",
    "1F3FF": "1F3FB",
}
# Couples of whatever genders.
SEVERAL = {"1F9D1-2764-1F48B-1F9D1": "1F48F", "1F9D1-2764-1F9D1": "1F491"}
FAMILY = "1F46A"


def stem(code):
    """The code with its people's genders and directions taken out: the same for all variants."""
    parts = [part.replace("-FE0F", "") for part in code.split("-200D-")]
    parts = parts[:1] + [part for part in parts[1:] if part not in SUFFIXES]
    parts = [ONE.get(part, part) for part in parts]
    if len(parts) > 1 and set(parts) <= {PERSON, CHILD}:
        return FAMILY
    joined = "-".join(parts)
    return SEVERAL.get(joined, joined)


def bases(codes, twins):
    """For each code the first code among its variants; twins are pairs of positions with one picture."""
    parent = list(range(len(codes)))

    def root(index):
        while parent[index] != index:
            index = parent[index]
        return index

    first = {}
    for index, code in enumerate(codes):
        pairs = [(index, first.setdefault(stem(code), index))]
        pairs += [pair for pair in twins if pair[1] == index]
        for left, right in pairs:
            older, younger = sorted((root(left), root(right)))
            parent[younger] = older
    return [codes[root(index)] for index in range(len(codes))]
