"""Asks an ASGI application without a network, as a browser on this machine would."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.types import ASGIApp


@dataclass(frozen=True)
class Client:
    """Sends requests to an application; an error of its own is an answer of status 500."""

    app: ASGIApp
    base_url: str = "http://127.0.0.1"

    def request(self, method: str, address: str, **request: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=self.base_url) as client:
                return await client.request(method, address, **request)

        return asyncio.run(ask())

    def get(self, address: str, **request: Any) -> httpx.Response:
        return self.request("GET", address, **request)

    def post(self, address: str, **request: Any) -> httpx.Response:
        return self.request("POST", address, **request)


def refused(answer: httpx.Response, status: int = 400) -> str:
    """The one line of a refusal."""
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    message: str = answer.json()["error"]
    assert message
    assert "\n" not in message
    return message
