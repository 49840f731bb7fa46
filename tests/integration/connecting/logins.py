"""Every way in which this tool logs in: light connections and SQLAlchemy engines, synchronous and asynchronous."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

from migrator.database.connecting import connect
from migrator.database.engines import create_migration_engine
from migrator.database.urls import standalone_url
from migrator.profiles.model import Profile

Login = Callable[[Profile, str], Any]
"""Log in, ask one question of one value, log out."""


def light(driver: str) -> Login:
    """With the bare driver."""

    def ask(profile: Profile, question: str) -> Any:
        with connect(_with_driver(profile, driver)) as connection:
            return connection.fetch(question)[0][0]

    return ask


def engine(driver: str, *, asynchronous: bool) -> Login:
    """With SQLAlchemy."""

    def ask(profile: Profile, question: str) -> Any:
        made = create_migration_engine(_with_driver(profile, driver), asynchronous=asynchronous)
        if isinstance(made, Engine):
            try:
                with made.connect() as connection:
                    return connection.execute(text(question)).scalar()
            finally:
                made.dispose()

        async def ask_async() -> Any:
            try:
                async with made.connect() as connection:
                    return (await connection.execute(text(question))).scalar()
            finally:
                await made.dispose()

        return asyncio.run(ask_async())

    return ask


def url_alone(driver: str, *, asynchronous: bool) -> Login:
    """With nothing but a URL, as an ``env.py`` does that reads ``sqlalchemy.url``."""

    def ask(profile: Profile, question: str) -> Any:
        url = standalone_url(profile, driver=driver).render_as_string(hide_password=False)
        if not asynchronous:
            made = create_engine(url, poolclass=NullPool)
            with made.connect() as connection:
                return connection.execute(text(question)).scalar()

        async def ask_async() -> Any:
            async with create_async_engine(url, poolclass=NullPool).connect() as connection:
                return (await connection.execute(text(question))).scalar()

        return asyncio.run(ask_async())

    return ask


def _with_driver(profile: Profile, driver: str) -> Profile:
    return replace(profile, driver=driver, migration_driver=driver)


POSTGRESQL: dict[str, Login] = {
    "light asyncpg": light("asyncpg"),
    "light psycopg": light("psycopg"),
    "engine asyncpg": engine("asyncpg", asynchronous=True),
    "engine psycopg": engine("psycopg", asynchronous=False),
    "engine psycopg async": engine("psycopg", asynchronous=True),
    "URL asyncpg": url_alone("asyncpg", asynchronous=True),
    "URL psycopg": url_alone("psycopg", asynchronous=False),
}
MYSQL: dict[str, Login] = {
    "light pymysql": light("pymysql"),
    "engine pymysql": engine("pymysql", asynchronous=False),
    "engine asyncmy": engine("asyncmy", asynchronous=True),
}
MYSQL_BY_URL: dict[str, Login] = {
    "URL pymysql": url_alone("pymysql", asynchronous=False),
    "URL asyncmy": url_alone("asyncmy", asynchronous=True),
}
"""Without passwords beyond Latin-1, which these drivers take from no URL."""
