"""Every action writes one event: counted over the paths of its syntax tree.

An action is a function with a `by` parameter in an app's actions. A path writes an event by calling
`record`, or a function that calls it. A path may end with no event (nothing was to be changed), but
none may write two, and some path has to write one. An action on many things may write one for each.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

Function = ast.FunctionDef
MANY = 2  # two or more: all alike a fault
WRITERS = frozenset({"record", "record_each", "erase_person"})


@dataclass(frozen=True)
class Module:
    """One module of actions: its functions and methods by name, and where its imports come from."""

    functions: Mapping[str, Function]
    imports: Mapping[str, str]
    exported: frozenset[str]


class Counter:
    """Counts events over the functions of one app's actions."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self.modules = modules
        self.known: dict[tuple[str, str], frozenset[int]] = {}
        self.module = ""

    def counts(self, module: str, name: str) -> frozenset[int]:
        """How many events the paths through a function write: 0, 1 or 2 (for more)."""
        key = (module, name)
        if key not in self.known:
            self.known[key] = frozenset({0})  # a function that calls itself adds nothing by that
            caller, self.module = self.module, module
            going, ended = self._block(self.modules[module].functions[name].body, frozenset({0}))
            self.module = caller
            self.known[key] = going | ended
        return self.known[key]

    def _block(
        self, body: Iterable[ast.stmt], going: frozenset[int]
    ) -> tuple[frozenset[int], frozenset[int]]:
        """Counts that go on after the block, and counts of paths that returned within it."""
        ended: frozenset[int] = frozenset()
        for statement in body:
            going, more = self._statement(statement, going)
            ended |= more
        return going, ended

    def _statement(
        self, node: ast.stmt, going: frozenset[int]
    ) -> tuple[frozenset[int], frozenset[int]]:
        nothing: frozenset[int] = frozenset()
        match node:
            case ast.Return():
                return nothing, plus(going, self._in(node.value))
            case ast.Raise():
                return nothing, nothing
            case ast.If():
                going = plus(going, self._in(node.test))
                return self._either(going, node.body, node.orelse)
            case ast.For() | ast.While():
                head = node.iter if isinstance(node, ast.For) else node.test
                going = plus(going, self._in(head))
                once, ended = self._block(node.body, frozenset({0}))
                # An action on many things writes one event for each; the loop counts as one.
                return plus(going, once | {0}), plus(going, ended) if ended else ended
            case ast.With():
                for item in node.items:
                    going = plus(going, self._in(item.context_expr))
                return self._block(node.body, going)
            case ast.Try():
                return self._try(node, going)
            case ast.Match():
                return self._either(going, *[case.body for case in node.cases], [])
            case ast.FunctionDef() | ast.ClassDef():
                return going, nothing
        return plus(going, self._in(node)), nothing

    def _either(
        self, going: frozenset[int], *branches: list[ast.stmt]
    ) -> tuple[frozenset[int], frozenset[int]]:
        results = [self._block(branch, going) for branch in branches]
        return (
            frozenset().union(*(on for on, _ in results)),
            frozenset().union(*(ended for _, ended in results)),
        )

    def _try(self, node: ast.Try, going: frozenset[int]) -> tuple[frozenset[int], frozenset[int]]:
        body, ended = self._block([*node.body, *node.orelse], going)
        # What fails is rolled back, so a handler starts from before the body.
        for handler in node.handlers:
            on, more = self._block(handler.body, going)
            body, ended = body | on, ended | more
        on, more = self._block(node.finalbody, body)
        return on, ended | more

    def _in(self, node: ast.AST | None) -> frozenset[int]:
        """Events written by the calls inside an expression or simple statement."""
        total = frozenset({0})
        for call in ast.walk(node) if node else ():
            if isinstance(call, ast.Call):
                total = plus(total, self._call(call))
        return total

    def _call(self, call: ast.Call) -> frozenset[int]:
        name, here = self._name(call.func), self.modules[self.module]
        if name in WRITERS:
            return frozenset({1})
        if name in here.functions:
            return self.counts(self.module, name)
        origin = here.imports.get(name, "")
        if origin in self.modules and name in self.modules[origin].functions:
            return self.counts(origin, name)
        return frozenset({0})

    def _name(self, function: ast.expr) -> str:
        """The function called: by its name or through `self`, not a method of something else."""
        if isinstance(function, ast.Attribute):
            return function.attr if getattr(function.value, "id", "") == "self" else ""
        return getattr(function, "id", "")


def plus(one: frozenset[int], other: frozenset[int]) -> frozenset[int]:
    return frozenset(min(a + b, MANY) for a, b in product(one, other))


def module_of(text: str) -> Module:
    """Functions, methods and `from .x import` of one module of actions."""
    functions: dict[str, Function] = {}
    imports: dict[str, str] = {}
    exported: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            functions[node.name] = node
            exported.add(node.name)
        elif isinstance(node, ast.ClassDef):
            methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
            functions |= {method.name: method for method in methods}
        elif isinstance(node, ast.ImportFrom) and node.level == 1:
            imports |= {alias.asname or alias.name: node.module or "" for alias in node.names}
    return Module(functions, imports, frozenset(exported))


def actions_of(modules: Mapping[str, Module]) -> Iterator[tuple[str, str]]:
    """(module, name) of each action: those that `__init__` hands out, or all of a single module."""
    front = modules.get("__init__")
    if front and not set(front.imports.values()) & set(modules):
        front = None
    for name, module in modules.items():
        for function in module.exported:
            handed_out = front is None or name == "__init__" or front.imports.get(function) == name
            if handed_out and is_action(module.functions[function]):
                yield name, function


def is_action(function: Function) -> bool:
    names = [arg.arg for arg in (*function.args.args, *function.args.kwonlyargs)]
    return "by" in names and not function.name.startswith("_")


def faults(texts: Mapping[str, str]) -> dict[str, str]:
    """Name of an action and what is wrong with its events, over one app's modules of actions."""
    modules = {name: module_of(text) for name, text in texts.items()}
    counter = Counter(modules)
    found = {}
    for module, name in actions_of(modules):
        counts = counter.counts(module, name)
        if MANY in counts:
            found[name] = "writes more than one event on some path"
        elif 1 not in counts:
            found[name] = "writes no event"
    return found
