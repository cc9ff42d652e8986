"""A log of somebody else's, in memory: signs whatever it is told to, served as C2SP tlog-tiles."""

import base64
import re

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chengxin.ledger import proof, tiles
from chengxin.ledger.merkle import Tree
from chengxin.ledger.verify import LOG_KEY, Key, leaf_hash
from chengxin.ledger.witness import Request
from chengxin.operations.fetching import Reply

ORIGIN = "province.example/log"
URL = "https://province.example/log"


class ForeignLog:
    """``leaves`` may be changed at will between two looks; ``note(size)`` signs the tree as it stands then."""

    def __init__(self, count: int, *, origin: str = ORIGIN, seed: int = 7) -> None:
        self.origin = origin
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.leaves = [f"leaf {n}".encode() for n in range(count)]
        self.size: int | None = None
        self.asked: list[str] = []
        self.lost: set[str] = set()

    @property
    def key(self) -> Key:
        public = self._key.public_key().public_bytes_raw()
        bare = Key(self.origin, LOG_KEY, public, "")
        body = base64.b64encode(bytes([LOG_KEY]) + public).decode()
        return Key(self.origin, LOG_KEY, public, f"{self.origin}+{bare.id.hex()}+{body}")

    def tree(self, size: int) -> Tree:
        tree = Tree(0, lambda level, number: b"")
        tree.append(b"".join(map(leaf_hash, self.leaves[:size])))
        return tree

    def read(self, size: int):
        held = self.tree(size).take_changed()
        return lambda level, number: held.get((level, number), b"")

    def note(self, size: int | None = None) -> str:
        size = len(self.leaves) if size is None else size
        text = f"{self.origin}\n{size}\n{base64.b64encode(self.tree(size).root()).decode()}\n"
        body = base64.b64encode(self.key.id + self._key.sign(text.encode())).decode()
        return f"{text}\n— {self.origin} {body}\n"

    def request(self, old: int, size: int) -> Request:
        return Request(old, tuple(proof.consistency(old, size, self.read(size))), self.note(size))

    def fetch(self, url: str) -> Reply:
        """Answer as the log's web server would; ``size`` is what it shows, by default all leaves."""
        self.asked.append(url)
        place = url.removeprefix(f"{URL}/")
        size = len(self.leaves) if self.size is None else self.size
        if place in self.lost:
            return Reply(404, "text/plain", b"")
        if place == "checkpoint":
            return Reply(200, "text/plain", self.note(size).encode())
        found = re.fullmatch(r"tile/(\d+|entries)/([x0-9/]+?)(?:\.p/(\d+))?", place)
        if found is None:
            return Reply(404, "text/plain", b"")
        number, width = tiles.parse_number(found[2]), int(found[3] or 256)
        if found[1] == "entries":
            body = tiles.bundle(self.leaves[number * 256 : number * 256 + width])
        else:
            body = self.read(len(self.leaves))(int(found[1]), number)[: width * 32]
        return Reply(200, "application/octet-stream", body) if body else Reply(404, "text/plain", b"")
