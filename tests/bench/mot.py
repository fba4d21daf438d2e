"""MOTA and IDF1 of tracks in MOTChallenge lines, as py-motmetrics counts them, in plain Python."""
import collections
import csv

LIKE = 0.5   # intersection over union from which on a box and its truth are the same

Figures = collections.namedtuple("Figures", "wanted misses false switches mota idtp idf1 iou")


def read(path):
    """{frame: {id: (left, top, width, height)}} of a file's lines; those with conf 0 do not count."""
    frames = {}
    with open(path, encoding="ascii") as file:
        for row in csv.reader(file):
            if float(row[6]) != 0:
                box = tuple(float(value) for value in row[2:6])
                frames.setdefault(int(row[0]), {})[int(row[1])] = box
    return frames


def overlap(a, b):
    """Intersection over union of two boxes."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / (a[2] * a[3] + b[2] * b[3] - width * height)


def assign(cost):
    """The cheapest column of its own for each row: rows <= columns (Hungarian method)."""
    rows, columns = len(cost), len(cost[0]) if cost else 0
    row_price, column_price = [0.0] * (rows + 1), [0.0] * (columns + 1)
    owner, before = [0] * (columns + 1), [0] * (columns + 1)
    for row in range(1, rows + 1):
        owner[0], column = row, 0
        distance, done = [float("inf")] * (columns + 1), [False] * (columns + 1)
        while owner[column]:
            done[column] = True
            here, nearest, following = owner[column], float("inf"), 0
            for other in range(1, columns + 1):
                if done[other]:
                    continue
                reduced = cost[here - 1][other - 1] - row_price[here] - column_price[other]
                if reduced < distance[other]:
                    distance[other], before[other] = reduced, column
                if distance[other] < nearest:
                    nearest, following = distance[other], other
            for other in range(columns + 1):
                if done[other]:
                    row_price[owner[other]] += nearest
                    column_price[other] -= nearest
                else:
                    distance[other] -= nearest
            column = following
        while column:
            owner[column] = owner[before[column]]
            column = before[column]
    taken = [0] * rows
    for column in range(1, columns + 1):
        if owner[column]:
            taken[owner[column] - 1] = column - 1
    return taken


def pairs_of(truth, found, kept):
    """Who is whom in one picture: {truth's id: track's id}. What was a pair stays one if it can."""
    pairs = {one: kept[one] for one in truth
             if kept.get(one) in found and overlap(truth[one], found[kept[one]]) >= LIKE}
    ones = [one for one in truth if one not in pairs]
    others = [other for other in found if other not in pairs.values()]
    if not ones or not others:
        return pairs
    cost = [[1 - overlap(truth[one], found[other]) for other in others] for one in ones]
    cost = [[value if value <= 1 - LIKE else 1000.0 for value in row] + [500.0] * len(ones)
            for row in cost]
    for one, column in zip(ones, assign(cost)):
        if column < len(others):
            pairs[one] = others[column]
    return pairs


def identities(truth, found):
    """In how many boxes tracks are who they are, when each is who it is best taken for."""
    common = collections.Counter()
    for frame, boxes in truth.items():
        for one, box in boxes.items():
            for other, there in found.get(frame, {}).items():
                if overlap(box, there) >= LIKE:
                    common[one, other] += 1
    ones = sorted({one for one, _ in common})
    others = sorted({other for _, other in common})
    if not ones:
        return 0
    cost = [[-float(common[one, other]) for other in others] + [0.0] * len(ones) for one in ones]
    return sum(common[one, others[column]] for one, column in zip(ones, assign(cost))
               if column < len(others))


def figures(truth, found):
    """truth and found as read() gives them."""
    misses = false = switches = 0
    kept, overlaps = {}, []
    for frame in sorted(set(truth) | set(found)):
        wanted, there = truth.get(frame, {}), found.get(frame, {})
        pairs = pairs_of(wanted, there, kept)
        switches += sum(kept.get(one, other) != other for one, other in pairs.items())
        misses += len(wanted) - len(pairs)
        false += len(there) - len(pairs)
        overlaps += [overlap(wanted[one], there[other]) for one, other in pairs.items()]
        kept.update(pairs)
    wanted = sum(len(boxes) for boxes in truth.values())
    told = sum(len(boxes) for boxes in found.values())
    right = identities(truth, found)
    return Figures(wanted, misses, false, switches,
                   1 - (misses + false + switches) / wanted if wanted else 0.0, right,
                   2 * right / (wanted + told) if wanted + told else 0.0,
                   sum(overlaps) / len(overlaps) if overlaps else 0.0)
