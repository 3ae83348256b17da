"""What a power cut takes: files, and names in folders, that nobody flushed to the disk."""

import os
import shutil
import threading
from pathlib import Path
from typing import Any

import obstore


class PageCache:
    """Remembers which new files, and which folders since, were flushed with fsync."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._moment = 0
        self._written: dict[Path, int] = {}
        self._named: dict[Path, int] = {}
        self._flushed: dict[Path, int] = {}
        self._lock = threading.Lock()

    def watch(self) -> None:
        """From here on. Call it before anything else wraps the same functions."""
        put, flush = obstore.put_async, os.fsync

        async def put_async(store: Any, key: str, *rest: Any, **more: Any) -> Any:
            path = self.root / key
            for folder in path.parents:
                if folder != self.root and self.root in folder.parents and not folder.exists():
                    self._named.setdefault(folder, self._tick())
            self._write(path)  # what is half-written is lost too
            done = await put(store, key, *rest, **more)
            self._write(path)
            return done

        def fsync(fd: Any) -> None:
            place = Path(f"/proc/self/fd/{fd}").readlink()
            started = self._tick()
            flush(fd)
            self._flushed[place] = max(started, self._flushed.get(place, 0))

        obstore.put_async = put_async  # type: ignore[assignment]
        os.fsync = fsync

    def lose(self) -> None:
        """The disk after the cut: a file without its bytes, or without its name."""
        for place, at in list(self._named.items()):
            if self._flushed.get(place.parent, 0) < at:
                shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
        for path, at in list(self._written.items()):
            if self._flushed.get(path, 0) < at and path.exists():
                os.truncate(path, 0)

    def _write(self, path: Path) -> None:
        self._written[path] = self._named[path] = self._tick()

    def _tick(self) -> int:
        with self._lock:
            self._moment += 1
            return self._moment
