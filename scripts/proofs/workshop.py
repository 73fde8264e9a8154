"""A copy of the contracts in which faults are planted and tests run, one fault at a time.

A fault is compiled alone, by a compiler that stays warm, and its bytecode put in place of the
original's; forge then tests what it finds, without compiling. The tree itself is never touched.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scripts.proofs.mutants import Mutant, Node, mutants
from scripts.proofs.tools import CONTRACTS, ProofFailed, environment
from scripts.tools import tool_path

_LEFT_OUT: Final = shutil.ignore_patterns("out", "cache", "node_modules", "abi", "deployments")
_QUICK: Final = ("--fuzz-runs", "16", "--no-match-test", "^invariant_")
_TEST_TIMEOUT_S: Final = 300
_COMPILER_LIFE: Final = 300  # compilations; its memory only ever grows
_FAILED: Final = re.compile(r"[1-9]\d* failed")


@dataclass(frozen=True)
class Artefact:
    """A compiled contract of the copy."""

    source: str
    name: str
    path: Path


class Workshop:
    """One copy, its compiler and its forge."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "contracts"
        shutil.copytree(CONTRACTS, self.root, ignore=_LEFT_OUT)
        (self.root / "node_modules").symlink_to(CONTRACTS / "node_modules")
        self._env = environment()
        self._forge(["build", "--build-info"], self._env)
        cached = json.loads((self.root / "cache/lite/solidity-files-cache.json").read_text())
        self._imports = {name: set(one["imports"]) for name, one in cached["files"].items()}
        self._artefacts = list(_artefacts(cached["files"], self.root / "cache/lite/out"))
        self._settings = _compiler_settings(self.root)
        self._compiler: subprocess.Popen[str] | None = None
        self._compiled = 0

    # What there is

    def has(self, source: str) -> bool:
        """Whether the copy holds this file."""
        return (self.root / source).exists()

    def own_sources(self, entry: str) -> list[str]:
        """The entry and what it imports of ours, except interfaces."""
        reached = self._closure(entry)
        return sorted(
            one for one in reached if not one.startswith(("node_modules/", "interfaces/"))
        )

    def tests_of(self, sources: Iterable[str]) -> list[str]:
        """Test files that speak of one of the sources or its interface."""
        names = "|".join(Path(one).stem for one in sources)
        speaks = re.compile(rf"\bI?({names})\b")
        files = (self.root / "test").rglob("*.t.sol")
        return sorted(
            str(one.relative_to(self.root)) for one in files if speaks.search(one.read_text())
        )

    def mutants(self, source: str) -> list[Mutant]:
        """Every fault that can be planted in the source."""
        content = (self.root / source).read_bytes()
        return mutants(source, content, self._tree(source, content))

    # What can be tried

    def verdict_on(self, mutant: Mutant, tests: list[str], *, long: bool = False) -> str:
        """`killed`, `survived`, `stillborn` (no bytecode) or `same` (the original's bytecode).

        What `tests` do not kill has to survive every other test too; `long`: also at full length.
        """
        planted = mutant.plant((self.root / mutant.file).read_bytes())
        affected = [one for one in self._artefacts if self._contains(one, mutant.file)]
        compiled = self._compile(mutant.file, planted, affected)
        if compiled is None:
            return "stillborn"
        before = {one: one.path.read_text() for one in affected}
        after = {one: _replaced(before[one], compiled[one]) for one in affected}
        if all(json.loads(after[one]) == json.loads(before[one]) for one in affected):
            return "same"
        try:
            for one, text in after.items():
                one.path.write_text(text)
            everything = ["test/**/*.t.sol"]
            passes = self.passes(tests, quick=True) and self.passes(everything, quick=True)
            if passes and long:
                passes = self.passes(everything)
        finally:
            for one, text in before.items():
                one.path.write_text(text)
        return "survived" if passes else "killed"

    def passes(self, tests: list[str], *, quick: bool = False) -> bool:
        """Whether the tests pass on the bytecode as it is now. A test that never ends does not."""
        paths = f"{{{','.join(tests)}}}" if len(tests) > 1 else tests[0]
        arguments = ["test", "--fail-fast", "-j", "1", "--match-path", paths]
        arguments += _QUICK if quick else ()
        try:
            printed = self._forge(arguments, self._env, accept=(0, 1))
        except subprocess.TimeoutExpired:
            return False
        if "No files changed" not in printed:
            raise ProofFailed(f"forge compiled anew, which undoes the fault:\n{printed}")
        if _FAILED.search(printed):
            return False
        if not re.search(r"[1-9]\d* tests passed", printed):
            raise ProofFailed(f"forge tested nothing:\n{printed}")
        return True

    # How

    def _contains(self, artefact: Artefact, source: str) -> bool:
        """Whether the artefact's bytecode can hold code of the source."""
        if artefact.source.startswith("test/"):
            # Tests deploy artefacts; only a library they call is compiled into them.
            return source.startswith("libraries/") and self._speaks_of(artefact.source, source)
        return source in self._closure(artefact.source)

    def _speaks_of(self, test: str, library: str) -> bool:
        """Whether the test, or what it imports of the tests, names the library."""
        reached = {test, *self._imports[test]}
        named = re.compile(rf"\b{Path(library).stem}\b")
        return library in reached and any(
            named.search((self.root / one).read_text())
            for one in reached
            if one.startswith("test/")
        )

    def _closure(self, entry: str) -> set[str]:
        reached, waiting = set[str](), [entry]
        while waiting:
            one = waiting.pop()
            if one not in reached:
                reached.add(one)
                waiting += self._imports.get(one, ())
        return reached

    def _compile(
        self, source: str, content: bytes, wanted: list[Artefact]
    ) -> dict[Artefact, dict[str, str]] | None:
        selection: dict[str, dict[str, list[str]]] = {}
        for one in wanted:
            parts = ["evm.bytecode.object", "evm.deployedBytecode.object"]
            selection.setdefault(one.source, {})[one.name] = parts
        sources = {one.source: (self.root / one.source).read_bytes() for one in wanted}
        answer = self._ask({**sources, source: content}, selection)
        if any(one["severity"] == "error" for one in answer.get("errors", ())):
            return None
        codes = {one: answer["contracts"][one.source][one.name]["evm"] for one in wanted}
        return {
            one: {part: "0x" + evm[part]["object"] for part in ("bytecode", "deployedBytecode")}
            for one, evm in codes.items()
        }

    def _tree(self, source: str, content: bytes) -> Node:
        tree: Node = self._ask({source: content}, {source: {"": ["ast"]}})["sources"][source]["ast"]
        return tree

    def _ask(self, sources: dict[str, bytes], selection: dict[str, Any]) -> dict[str, Any]:
        settings = {**self._settings, "outputSelection": selection}
        contents = {name: {"content": content.decode()} for name, content in sources.items()}
        question = {"language": "Solidity", "sources": contents, "settings": settings}
        compiler = self._warm_compiler()
        assert compiler.stdin is not None
        assert compiler.stdout is not None
        compiler.stdin.write(json.dumps(question) + "\n")
        compiler.stdin.flush()
        answer: dict[str, Any] = json.loads(compiler.stdout.readline())
        return answer

    def _warm_compiler(self) -> subprocess.Popen[str]:
        self._compiled += 1
        if self._compiled % _COMPILER_LIFE == 0:
            self.close()
        if self._compiler is None:
            self._compiler = subprocess.Popen(
                ["node", "tools/solc", "--standard-json-lines"],
                cwd=self.root,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self._compiler

    def close(self) -> None:
        if self._compiler is not None:
            self._compiler.terminate()
            self._compiler.communicate()
            self._compiler = None

    def _forge(
        self, arguments: list[str], env: dict[str, str], accept: tuple[int, ...] = (0,)
    ) -> str:
        done = subprocess.run(
            [str(tool_path("forge")), *arguments],
            cwd=self.root,
            env=env,
            capture_output=True,
            text=True,
            timeout=_TEST_TIMEOUT_S,
        )
        if done.returncode not in accept:
            raise ProofFailed(f"forge ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr


def _artefacts(files: dict[str, Any], out: Path) -> Iterable[Artefact]:
    for source, one in files.items():
        for name, versions in one["artifacts"].items():
            ((place,),) = (builds.values() for builds in versions.values())
            path = out / place["path"]
            # Interfaces and abstract contracts have no bytecode; a fault changes none of it.
            if json.loads(path.read_text())["bytecode"]["object"] != "0x":
                yield Artefact(source, name, path)


def _compiler_settings(root: Path) -> dict[str, Any]:
    """The lite profile's, as forge hands them to the compiler."""
    build = next((root / "cache/lite/out/build-info").glob("*.json"), None)
    if build is not None:
        settings: dict[str, Any] = json.loads(build.read_text())["input"]["settings"]
        return settings
    raise ProofFailed("forge wrote no build-info")


def _replaced(artefact: str, codes: dict[str, str]) -> str:
    content = json.loads(artefact)
    for part, code in codes.items():
        content[part]["object"] = code
    return json.dumps(content)
