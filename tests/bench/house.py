"""
What a newcomer meets: sizes, names, comments and circles of the product's code.

    python -m tests.bench.house [FOLDER]

FOLDER is another checkout to count in, such as an older version.
"""

import ast
import io
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("kiosk", "sync", "camera", "data")


def find_modules(root: Path) -> dict[str, Path]:
    """Return the product's modules by name."""
    paths = (path for package in PACKAGES for path in sorted((root / package).rglob("*.py")))
    return {".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def find_functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield all functions and methods but `__dunder__` ones."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("__"):
            yield node


def find_imports(tree: ast.Module, modules: dict[str, Path]) -> set[str]:
    """Return the modules of ours that a module imports, also only for the type checker."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                full = f"{node.module}.{name.name}"
                found.add(full if full in modules else node.module)
        elif isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
    return found & set(modules)


def find_circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Find groups of modules that import each other, by Tarjan's algorithm."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    circles: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in graph[name]:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = []
            while not group or group[-1] != name:
                group.append(stack.pop())
            if len(group) > 1:
                circles.append(sorted(group))

    sys.setrecursionlimit(10_000)
    for name in graph:
        if name not in index:
            visit(name)
    return circles


def count_comments(text: str) -> int:
    """Count the comments, without those for a tool."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = (token.string for token in tokens if token.type == tokenize.COMMENT)
    return sum(
        not comment.lstrip("# ").startswith(("type:", "noqa", "fmt:", "pragma", "not shown")) for comment in comments
    )


def measure(root: Path) -> list[tuple[str, str]]:
    """Return the name and figure of each measurement."""
    modules = find_modules(root)
    texts = {name: path.read_text(encoding="utf-8") for name, path in modules.items()}
    trees = {name: ast.parse(text) for name, text in texts.items()}
    lines = {name: text.count("\n") for name, text in texts.items()}
    functions = [(name, function) for name, tree in trees.items() for function in find_functions(tree)]
    sizes = sorted(((node.end_lineno or 0) - node.lineno + 1, f"{name}.{node.name}") for name, node in functions)
    one_word = sum("_" not in node.name.strip("_") for _, node in functions)
    private = sum(node.name.startswith("_") for _, node in functions)
    circles = find_circles({name: find_imports(tree, modules) for name, tree in trees.items()})
    longest = max(lines, key=lines.__getitem__)
    loose = sum(
        name.count(".") == 1 and name.startswith("kiosk.") and modules[name].name != "__init__.py" for name in modules
    )
    return [
        ("modules", str(len(modules))),
        ("of them loose in `kiosk/`", str(loose)),
        ("lines", f"{sum(lines.values()):,}"),
        ("circles of imports (modules in them)", f"{len(circles)} ({sum(map(len, circles))})"),
        ("longest module", f"{lines[longest]} lines (`{longest}`)"),
        ("modules over 300 lines", str(sum(count > 300 for count in lines.values()))),
        ("longest function", f"{sizes[-1][0]} lines (`{sizes[-1][1]}`)"),
        ("functions", f"{len(functions):,}"),
        ("of one word", f"{one_word / len(functions):.0%}"),
        ("private", f"{private / len(functions):.0%}"),
        ("comments per 1,000 lines", f"{1000 * sum(map(count_comments, texts.values())) / sum(lines.values()):.0f}"),
    ]


if __name__ == "__main__":
    for label, figure in measure(Path(sys.argv[1] if len(sys.argv) > 1 else ".")):
        print(f"| {label} | {figure} |")  # noqa: T201
