"""The tree, its places, and the imports of every kind. The tree and the places in it are public
geography: what is guarded is changing them, and the pages of the desk."""

from collections.abc import Callable
from dataclasses import replace

from django.core.files.uploadedfile import SimpleUploadedFile

from tongzhou.kit import clock
from tongzhou.places.models import ImportBatch, Place

from ..table import Row, api_open, form, listing, page
from ..world import Built, Making


def stored(making: Making, kind: str = "clinic") -> Place:
    return Place.objects.create(
        code=f"pl-{making.token}",
        name=f"室{making.token}",
        kind=kind,
        division=making.division,
    )


def place(making: Making) -> Built:
    made = stored(making)
    return Built(
        kwargs={"code": made.code},
        marks=(f"/desk/places/{made.code}/",),
        secrets=(f"/desk/places/{made.code}/",),
        data={"reason": "撤并"},
    )


def place_page(making: Making) -> Built:
    made = place(making)
    return replace(made, marks=(f"室{making.token}",))


def searched(making: Making) -> Built:
    """Its code is typed, so the code itself comes back; the link to its page does not."""
    made = place(making)
    return replace(made, query=f"?q={made.kwargs['code']}")


def in_division(making: Making) -> Built:
    """The page of a division, which anybody may walk to, and the places listed on it."""
    made = place(making)
    return replace(made, within={"code": making.division.code})


def division(making: Making) -> Built:
    data = {"code": f"new-{making.token}", "name": "新卫生室", "kind": "clinic"}
    return Built(kwargs={"code": making.division.code}, data=data)


def moved(making: Making) -> Built:
    made = place(making)
    return replace(made, data={"division": making.world.at("town").code})


def merged(making: Making) -> Built:
    made = place(making)
    target = stored(making.world.making("own"))
    return replace(made, data={"into": target.code})


def merged_into(making: Making) -> Built:
    """The address names one's own place, the body the other."""
    mine = place(making.world.making("own"))
    return replace(mine, marks=(), secrets=(), data={"into": stored(making).code})


def moved_to(making: Making) -> Built:
    mine = place(making.world.making("own"))
    elsewhere = making.world.at("town") if making.relation == "own" else making.division
    return replace(mine, marks=(), secrets=(), data={"division": elsewhere.code})


def file_for(making: Making, context: str = "") -> Built:
    """A file of its own for each token, as the same file twice has one effect."""
    text = f"代码,名称\n{making.token},x\n".encode()
    data = {
        "file": SimpleUploadedFile("matrix.csv", text),
        "division": making.division.code,
    }
    return Built(data=data, query=f"?context={context}" if context else "")


def batch(kind: str, making: Making, context: str = "") -> Built:
    made = ImportBatch.objects.create(
        kind=kind,
        context=context,
        division=making.division,
        file_name=f"{making.token}.csv",
        file_sha256="0" * 64,
        stored_as=f"{making.token}.csv",
        state=ImportBatch.State.REFUSED,
        by="account:0",
        created_at=clock.now(),
    )
    return Built(
        kwargs={"pk": made.pk},
        marks=(making.token,),
        secrets=(making.token, f"/desk/imports/{kind}/{made.pk}/"),
        query=f"?context={context}" if context else "",
    )


def imports(
    kind: str, permission: str, context: Callable[[Making], str] = lambda making: ""
) -> list[Row]:
    """The addresses of one kind of import; `context` is what its files are for."""

    def one(making: Making) -> Built:
        return batch(kind, making, context(making))

    def file(making: Making) -> Built:
        return file_for(making, context(making))

    return [
        listing(f"import-{kind}", permission, one),
        form(f"import-{kind}", permission, file, part="upload", gets=False),
        form(f"import-{kind}-template", permission, posts=False),
        form(f"import-{kind}-workbook", permission, posts=False),
        page(f"import-{kind}-batch", permission, one),
        page(f"import-{kind}-apply", permission, one, gets=False, posts=True),
        page(f"import-{kind}-errors", permission, one, marks=False),
    ]


# The tree is walked by name, upwards, downwards and aside.
TREE = {"names": False}
ROWS: list[Row] = [
    listing("places", "places.view", searched, **TREE),
    page("place", "places.view", place_page, **TREE),
    listing("place", "places.view", in_division, part="division", **TREE),
    page("place-new", "places.edit", division, posts=True, writes=True, **TREE),
    page("place-close", "places.edit", place, posts=True, marks=False, writes=True, **TREE),
    page("place-merge", "places.edit", merged, posts=True, marks=False, writes=True, **TREE),
    form("place-merge", "places.edit", merged_into, part="body", gets=False, writes=True),
    page("place-move", "places.edit", moved, posts=True, marks=False, writes=True, **TREE),
    form("place-move", "places.edit", moved_to, part="body", gets=False, writes=True),
    *imports("places", "places.import"),
    *imports("divisions", "places.import"),
    api_open("divisions"),
    api_open("divisions/<code>", division),
    api_open("places"),
    api_open("places/<code>", place),
]
