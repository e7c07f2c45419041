"""The log is a Merkle tree that anybody can check: proofs against RFC 9162, checkpoints as C2SP says, and only ever one tree."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Sequence
from functools import reduce
from hashlib import sha256
from pathlib import Path
from shutil import rmtree

import pymerkle
import pytest

from api_tests.client import Client, done, refused
from service.audit import transparency
from service.audit.hash_tree import HashTree, divided
from service.audit.verifier import HASH, Key, Tree, Untrue, check_receipt, included, leaf_hash, node_hash, opened
from service.office import Office
from service.secrecy.seals import Seals

VERIFIER = Path("service/audit/verifier.py")
PUBLISHED = [bytes.fromhex(one) for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
PUBLISHED.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""The test data of the Certificate Transparency log (RFC 6962), and the root after each line of it."""


def consistent(size: int, root: bytes, later: int, later_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the tree of the later size begins with the one of the earlier (the proof of RFC 9162, 2.1.4.1)."""

    def above(size: int, later: int, path: Sequence[bytes], known: bool) -> tuple[bytes, bytes]:
        if size == later:
            one = root if known else b"".join(path)
            return (one, one) if len(path) == (not known) else (b"", b"")
        if not path:
            return b"", b""
        half = divided(later)
        if size <= half:
            before, after = above(size, half, path[:-1], known)
            return before, node_hash(after, path[-1])
        before, after = above(size - half, later - half, path[:-1], False)
        return node_hash(path[-1], before), node_hash(path[-1], after)

    right = all(len(one) == HASH for one in (root, later_root, *path))
    return right and 0 < size <= later and above(size, later, path, True) == (root, later_root)


def test_roots_are_those_that_were_published(tmp_path: Path) -> None:
    grown, kept = Tree(), HashTree(tmp_path)
    assert grown.root().hex() == kept.root(0).hex() == sha256().hexdigest()
    for size, (line, root) in enumerate(zip(PUBLISHED, ROOTS, strict=True), 1):
        grown.add(leaf_hash(line))
        kept.extend([leaf_hash(line)])
        assert grown.root().hex() == kept.root(size).hex() == root


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 1000, 65_536 + 300])
def test_every_proof_holds_and_none_holds_for_anything_else(tmp_path: Path, size: int) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    tree, grown = HashTree(tmp_path), Tree()
    roots = []
    for leaf in leaves:
        grown.add(leaf)
        roots.append(grown.root())
    tree.extend(leaves[: size // 3])
    tree.extend(leaves[size // 3 :])
    assert tree.root(size) == roots[-1]
    for index in sorted({0, 1, size // 2, size - 2, size - 1} & set(range(size))):
        path = tree.inclusion(index, size)
        assert included(leaves[index], index, size, path, roots[-1])
        assert not included(leaves[index], index ^ 1, size, path, roots[-1]) or size == 1
        assert not included(leaf_hash(b"another"), index, size, path, roots[-1])
        assert not included(leaves[index], index, size, [*path, path[0]] if path else [b""], roots[-1])
        earlier = index + 1
        path = tree.consistency(earlier, size)
        assert consistent(earlier, roots[earlier - 1], size, roots[-1], path)
        assert not consistent(earlier, leaf_hash(b"another"), size, roots[-1], path)
        assert not consistent(earlier, roots[earlier - 1], size, leaf_hash(b"another"), path)


def test_a_hash_of_another_length_proves_nothing() -> None:
    """Two hashes cut in another place give the same hash above them."""
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    root, cut = node_hash(left, right), left + right
    assert included(left, 0, 2, [right], root)
    assert not included(cut[:31], 0, 2, [cut[31:]], root)


@pytest.mark.parametrize("size", [1, 2, 5, 64, 300])
def test_another_library_says_the_same(tmp_path: Path, size: int) -> None:
    oracle, tree = pymerkle.InmemoryTree(algorithm="sha256"), HashTree(tmp_path)
    lines = [b"line %d" % number for number in range(size)]
    oracle.append_entries(lines)
    tree.extend(map(leaf_hash, lines))
    for earlier in range(1, size + 1):
        assert tree.root(earlier) == oracle.get_root(earlier)
        proof = oracle.prove_inclusion(earlier, size)
        assert proof.path[1:] == tree.inclusion(earlier - 1, size)
        leaf, path = leaf_hash(lines[earlier - 1]), tree.inclusion(earlier - 1, size)
        told = proof.serialize() | {"path": [one.hex() for one in (leaf, *path)]}
        pymerkle.verify_inclusion(leaf, tree.root(size), pymerkle.InclusionProof.deserialize(told))


@pytest.mark.parametrize("size", [1, 2, 5, 13, 64])
def test_another_library_says_that_a_log_only_grew(tmp_path: Path, size: int) -> None:
    """It tells a proof peak by peak; each hash of ours, as RFC 9162 has it, is one of its own or stands above some."""
    oracle, tree = pymerkle.InmemoryTree(algorithm="sha256"), HashTree(tmp_path)
    lines = [b"line %d" % number for number in range(size)]
    oracle.append_entries(lines)
    tree.extend(map(leaf_hash, lines))
    for earlier in range(1, size + 1):
        proof = oracle.prove_consistency(earlier, size)
        pymerkle.verify_consistency(tree.root(earlier), tree.root(size), proof)
        runs = [
            proof.path[start:end] for start in range(len(proof.path)) for end in range(start + 1, len(proof.path) + 1)
        ]
        known = {reduce(node_hash, run) for run in runs}
        known |= {reduce(lambda right, left: node_hash(left, right), reversed(run)) for run in runs}
        path = tree.consistency(earlier, size)
        assert known.issuperset(path)
        assert consistent(earlier, oracle.get_root(earlier), size, oracle.get_root(size), path)


def test_the_verifier_is_one_short_file_that_needs_nothing_of_sanji() -> None:
    source = VERIFIER.read_text("utf-8")
    assert len(source.splitlines()) < 300
    names = [one.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import) for one in node.names]
    names += [str(node.module) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    assert {name.partition(".")[0] for name in names} <= {*sys.stdlib_module_names, "cryptography"}


async def test_the_checkpoint_covers_all_that_was_answered_and_every_line_is_proven(
    api: Client, office: Office
) -> None:
    case = await api.report(petitioner={"name": "Petitioner One"})
    key = Key.read((await api.get("/v1/log/key")).text)
    note = (await api.send("GET", "/v1/log/checkpoint", by=None)).text
    signed = opened(note, key)
    lines = [line.state for line in office.recorder.select_notifications(None, 10_000)]
    assert signed.size == len(lines)
    for position, line in enumerate(lines, 1):
        told = done(await api.send("GET", f"/v1/log/inclusion?position={position}", by=None))
        assert told["leaf_hash"] == leaf_hash(line).hex()
        assert opened(told["checkpoint"], key) == signed
        path = [bytes.fromhex(one) for one in told["proof"]]
        assert included(leaf_hash(line), position - 1, signed.size, path, signed.root)
    refused(await api.get(f"/v1/log/inclusion?position={signed.size + 1}"), 404, "not_found")
    await api.ask(case, "accept", by="dispatcher")
    later = done(await api.get(f"/v1/log/consistency?from={signed.size}"))
    grown = opened(later["checkpoint"], key)
    assert grown.size > signed.size
    path = [bytes.fromhex(one) for one in later["proof"]]
    assert consistent(signed.size, signed.root, grown.size, grown.root, path)
    refused(await api.get(f"/v1/log/consistency?from={grown.size + 1}"), 422, "invalid")


def test_a_long_log_is_signed_turn_by_turn_so_that_others_have_theirs(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.background.stop()
    monkeypatch.setattr(transparency, "PAGE", 7)
    (office.settings.data_dir / "keys" / "log.checkpoint").unlink(missing_ok=True)
    rmtree(office.settings.data_dir / "tree" / "log", ignore_errors=True)
    turns = 1
    while office.notary.follow():
        turns += 1
    assert turns > 1
    assert office.notary.events.size() == office.recorder.max_notification_id()


async def test_tiles_hold_the_hashes_and_nothing_beyond_the_checkpoint(api: Client, office: Office) -> None:
    lines = [line.state for line in office.recorder.select_notifications(None, 10_000)]
    await api.get("/v1/log/checkpoint")
    leaves = b"".join(map(leaf_hash, lines))
    width = min(len(lines), 255)
    partial = await api.send("GET", f"/v1/log/tile/0/000.p/{width}", by=None)
    assert partial.content == leaves[: 32 * width]
    for wrong in (
        f"0/{len(lines) // 256:03}.p/255",
        "0/x001/234",
        f"0/{'x001/' * 2000}234",
        "1/000",
        "0/0",
        "64/000",
        "0/000.p/0",
        "0/000.p/256",
    ):
        refused(await api.get(f"/v1/log/tile/{wrong}"), 404, "not_found")
    if len(lines) >= 256:
        assert (await api.get("/v1/log/tile/0/000")).content == leaves[: 32 * 256]


async def test_a_citizen_can_check_his_receipt_with_the_verifier_alone(api: Client, tmp_path: Path) -> None:
    case = await api.report(petitioner={"name": "Petitioner One"})
    receipt = done(await api.send("GET", f"/v1/track/{case['query_code']}/receipt", by=None))
    assert receipt["number"] == case["number"]
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(receipt), "utf-8")
    verified(file, "true", "--key", receipt["key"])
    own, another = json.loads(receipt["line"]), await api.report()
    code = receipt["query_code"].replace("-", "")
    assert (own["stream"], own["type"]) == (f"case:{case['id']}", "case.reported")
    for forged in (
        {"position": receipt["position"] - 1},
        {"leaf_hash": leaf_hash(b"another").hex()},
        {"number": another["number"]},
        {"query_code": another["query_code"]},
        {"opening": "00" * 20},
        {"opening": receipt["opening"] + code[:8].encode().hex(), "query_code": code[8:]},
        {"line": receipt["line"].replace("T", "t", 1)},
    ):
        with pytest.raises(Untrue):
            check_receipt(receipt | forged)
    file.write_text(json.dumps(receipt | {"number": another["number"]}), "utf-8")
    verified(file, "untrue")
    assert "(not its query code)" in check_receipt(receipt | {"opening": ""})
    with pytest.raises(Untrue):
        check_receipt(receipt | {"checkpoint": receipt["checkpoint"].replace("log\n", "log\n1", 1)})


async def test_the_receipt_of_a_new_years_morning_is_of_the_year_in_its_number(api: Client) -> None:
    await api.set_clock("2026-01-01 07:30")
    case = await api.report()
    receipt = done(await api.send("GET", f"/v1/track/{case['query_code']}/receipt", by=None))
    assert receipt["number"].startswith("2026-")
    assert json.loads(receipt["line"])["recorded_at"].startswith("2025-")
    assert check_receipt(receipt).startswith(f"{receipt['number']} and its query code are proven")


async def test_a_code_that_was_written_down_the_old_way_still_finds_its_report(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        then.setattr(Seals, "receipt", Seals.older_receipt)
        case = await api.report()
    receipt = done(await api.send("GET", f"/v1/track/{case['query_code']}/receipt", by=None))
    assert (receipt["number"], receipt["opening"]) == (case["number"], "")
    assert check_receipt(receipt)


def verified(file: Path, expected: str, *more: str) -> None:
    """By a Python that has nothing of Sanji at hand."""
    asked = [sys.executable, "-I", str(VERIFIER.absolute()), "receipt", str(file), *more]
    said = subprocess.run(asked, check=False, capture_output=True, text=True, cwd=file.parent)
    assert (said.stdout or said.stderr).startswith(f"{expected}: "), said
    assert said.returncode == (0 if expected == "true" else 1)


async def test_the_tree_of_readings_is_for_those_who_may_read_them(api: Client, office: Office) -> None:
    case = await api.report()
    await api.get(f"/v1/cases/{case['id']}")
    note = await api.get("/v1/access-log/checkpoint")
    signed = opened(note.text, office.notary.accesses.key)
    assert signed.size >= 1
    refused(await api.get("/v1/access-log/checkpoint", by="head:T01"), 403, "not_permitted")
    refused(await api.get("/v1/access-log/consistency?from=1", by="head:T01"), 403, "not_permitted")
    await api.get(f"/v1/cases/{case['id']}")
    later = done(await api.get(f"/v1/access-log/consistency?from={signed.size}"))
    grown = opened(later["checkpoint"], office.notary.accesses.key)
    assert consistent(signed.size, signed.root, grown.size, grown.root, [bytes.fromhex(one) for one in later["proof"]])
