"""Two kinds of import contract of our own, used by .importlinter."""

from collections.abc import Iterable, Iterator

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

ROOT = "tongzhou"


class FrontDoors(Contract):
    """One app enters another through its open rooms only, and shipped code never imports a test."""

    type_name = "front_doors"

    apps = fields.SetField(subfield=fields.StringField())
    rooms = fields.SetField(subfield=fields.StringField())
    also = fields.SetField(subfield=fields.StringField(), required=False, default=set())
    mounts = fields.StringField()
    mounted_rooms = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002 - its interface
        breaches = [
            f"{importer} imports {imported}"
            for importer, imported in imports_of(graph)
            if not self.may_import(importer, imported)
        ]
        return ContractCheck(kept=not breaches, metadata={"breaches": breaches})

    def may_import(self, importer: str, imported: str) -> bool:
        if "tests" in importer.split("."):
            return True
        if "tests" in imported.split("."):
            return False
        app, room = app_and_room(imported)
        if app not in self.apps or app == app_and_room(importer)[0]:
            return True
        if any(inside(imported, name) for name in self.also):
            return True
        if room in self.mounted_rooms and importer.startswith(str(self.mounts)):
            return True
        return room in self.rooms

    def render_broken_contract(self, check: ContractCheck) -> None:
        for breach in check.metadata["breaches"]:
            output.print_error(breach)


class OnlyFrom(Contract):
    """A module takes from its package only what is named; only the named take from it."""

    type_name = "only_from"

    module = fields.StringField()
    package = fields.StringField()
    may_import = fields.SetField(subfield=fields.StringField(), required=False, default=set())
    imported_by = fields.SetField(subfield=fields.StringField(), required=False, default=set())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002 - its interface
        breaches = [
            f"{importer} imports {imported}"
            for importer, imported in imports_of(graph)
            if self.is_breach(importer, imported)
        ]
        return ContractCheck(kept=not breaches, metadata={"breaches": breaches})

    def is_breach(self, importer: str, imported: str) -> bool:
        if "tests" in importer.split(".") or importer == str(self.package):
            return False
        if inside(importer, self.module):
            own = inside(imported, self.package) and not inside(imported, self.module)
            return own and not any(inside(imported, name) for name in self.may_import)
        if inside(imported, self.module) and inside(importer, self.package):
            return not any(inside(importer, name) for name in self.imported_by)
        return False

    def render_broken_contract(self, check: ContractCheck) -> None:
        for breach in check.metadata["breaches"]:
            output.print_error(breach)


def imports_of(graph: ImportGraph) -> Iterator[tuple[str, str]]:
    """Every direct import between two modules of the project, in order."""
    for importer in sorted(our(graph.modules)):
        for imported in sorted(our(graph.find_modules_directly_imported_by(importer))):
            yield importer, imported


def our(modules: Iterable[str]) -> list[str]:
    return [name for name in modules if inside(name, ROOT)]


def inside(module: str, package: object) -> bool:
    return module == str(package) or module.startswith(f"{package}.")


def app_and_room(module: str) -> tuple[str, str]:
    """`tongzhou.places.models.tree` -> ("places", "models"); the package itself has no room."""
    parts = [*module.split("."), "", ""]
    return parts[1], parts[2]
