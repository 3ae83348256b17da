"""Signing in, whole: the password, the code that comes by e-mail, the session; beside argon2id."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from itertools import count
from urllib.parse import urlencode

from backend.services.accounts import HASHER, LANES
from benchmarks.load import Measured, fetch, load, write_request
from benchmarks.pages import forget_promises
from benchmarks.people import PASSWORD, Patient, add_patients
from benchmarks.service import Place, PostOffice, service, sessions_of, worker
from benchmarks.table import Report
from benchmarks.workloads import FORM, address_of, passwords

SECONDS = 6.0
CLIENTS = 8
GUESTS = 600
"""Nobody signs in twice: a code is not sent again at once."""
TOKEN = 'name="_csrf_token" value="'


async def measure(where: Place, _people: list[Patient], report: Report) -> None:
    """The first step alone, then the whole; one and two processes."""
    async with sessions_of(where) as sessions, sessions.begin() as db:
        guests = iter(await add_patients(db, GUESTS, first=2000))
        others = await add_patients(db, GUESTS, first=3000)
    await forget_promises(where)
    for processes in (1, 2):
        bare = await asyncio.to_thread(argon2id, LANES * processes)
        async with service(where, processes=processes) as real:
            make = await passwords(real.port, others)
            first = await load(
                real.port, make, clients=CLIENTS, seconds=SECONDS / 2, expected=HTTPStatus.SEE_OTHER
            )
            report.load(f"password alone, {processes} process(es)", first, bare)
            await forget_promises(where)
            async with worker(where):
                whole = await _logins(real.port, where.post, guests)
            report.load(f"whole login, code by e-mail, {processes} process(es)", whole, bare)


def argon2id(threads: int) -> Measured:
    """Passwords checked by so many threads that do nothing else, for as many clients."""
    known, latencies = HASHER.hash(PASSWORD), list[float]()
    began = time.perf_counter()
    end = began + SECONDS / 2

    def client(_number: int) -> None:
        done = time.perf_counter()
        while not latencies or done < end:
            start = done
            HASHER.verify(known, PASSWORD)
            done = time.perf_counter()
            latencies.append(done - start)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(client, range(min(threads, CLIENTS))))
    return Measured(time.perf_counter() - began, sorted(latencies), 0)


async def _logins(port: int, post: PostOffice, guests: Iterator[Patient]) -> Measured:
    latencies: list[float] = []
    addresses = map(address_of, count(1_000_000))
    await sign_in(port, post, next(guests), next(addresses))  # the worker is there

    async def client() -> None:
        while time.perf_counter() < end:
            guest = next(guests)
            start = time.perf_counter()
            await sign_in(port, post, guest, next(addresses))
            latencies.append(time.perf_counter() - start)

    began = time.perf_counter()
    end = began + SECONDS
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return Measured(time.perf_counter() - began, sorted(latencies), 0)


async def sign_in(port: int, post: PostOffice, guest: Patient, address: str) -> None:
    """From the sign-in page to the home page."""
    browser = Browser(port, address)
    name = guest.traits.birth_name.lower()
    letter_box = f"{name}@patients.example"
    await browser.see("/connexion")
    await browser.send("/connexion", identifiant=name, mot_de_passe=PASSWORD)
    await browser.see("/connexion/code")
    await browser.send("/connexion/code", code=await post.code_of(letter_box))
    await browser.see("/")


class Browser:
    """Its cookies, and the token of the last form that it saw."""

    def __init__(self, port: int, address: str) -> None:
        self._port, self._address = port, address
        self._cookies: dict[str, str] = {}
        self._token = ""

    async def see(self, path: str) -> None:
        """A page, which must be there."""
        page = await self._ask(HTTPStatus.OK, "GET", path)
        _before, found, after = page.partition(TOKEN)
        self._token = after.split('"')[0] if found else self._token

    async def send(self, path: str, **fields: str) -> None:
        """A form of the last page, which must lead on."""
        form = urlencode({"_csrf_token": self._token, **fields}).encode()
        await self._ask(HTTPStatus.SEE_OTHER, "POST", path, form, content_type=FORM)

    async def _ask(
        self, expected: int, method: str, path: str, body: bytes = b"", **headers: str
    ) -> str:
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers |= {"cookie": cookie, "x_forwarded_for": self._address, "accept": "text/html"}
        request = write_request(method, path, body, **headers)
        status, said, answer = await fetch(self._port, request)
        if status != expected:
            raise RuntimeError(f"{method} {path}: {status}")
        for line in filter(None, said.get("set-cookie", "").split("\n")):
            name, _, value = line.split(";")[0].partition("=")
            self._cookies[name] = value
        return answer.decode()
