"""Components of TypeScript: which object a container of NestJS, tsyringe, typedi or inversify hands out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.link.linking import link_one, races

STORE = """
    {imports}
    export const TYPES = {{ Store: Symbol.for('Store') }};
    {notes}
    export class Store {{
        private last = '';
        async add(item: string) {{
            this.last = item;
            await new Promise((resolve) => setTimeout(resolve, 1));
            return this.last;
        }}
    }}
    {more}
"""
HANDLER = """
    import {{ Store, TYPES }} from './store';
    {imports}
    export const handler = async (event: {{ item: string }}) => {{
        {use}
    }};
"""
SHARED = [("REQUEST_DATA", "Store.last")]
TSYRINGE = "import { container } from 'tsyringe';"
TYPEDI = "import { Container } from 'typedi';"
INVERSIFY = "import { Container } from 'inversify'; const box = new Container(); box.bind<Store>(TYPES.Store).to(Store)"
GET = "return box.get<Store>(TYPES.Store).add(event.item);"


@pytest.mark.parametrize(
    ("notes", "imports", "use", "shared"),
    [
        ("@singleton()", TSYRINGE, "return container.resolve(Store).add(event.item);", True),
        ("@injectable()", TSYRINGE, "return container.resolve(Store).add(event.item);", False),
        ("@Service()", TYPEDI, "return Container.get(Store).add(event.item);", True),
        ("@Service({ transient: true })", TYPEDI, "return Container.get(Store).add(event.item);", False),
        ("@bound()", INVERSIFY + ".inSingletonScope();", GET, True),
        ("@bound()", INVERSIFY + ";", GET, False),
        ("@bound()", INVERSIFY + ".inTransientScope();", GET, False),
        ("", INVERSIFY.replace("to(Store)", "toDynamicValue(() => new Store())") + ".inSingletonScope();", GET, True),
        ("", INVERSIFY.replace("to(Store)", "toDynamicValue(() => new Store())") + ";", GET, False),
    ],
)
def test_lifetimes(tmp_path: Path, notes: str, imports: str, use: str, shared: bool) -> None:
    own = """
        import { singleton, injectable } from 'tsyringe';
        import { Service } from 'typedi';
        import { injectable as bound } from 'inversify';
    """
    files = {
        "index.ts": HANDLER.format(imports=imports, use=use),
        "store.ts": STORE.format(imports=own, notes=notes, more=""),
    }
    assert races(link_one(tmp_path, files)) == (SHARED if shared else [])


@pytest.mark.parametrize(("asked", "expected"), [("Store", SHARED), ("Other", [])])
def test_an_object_is_its_own_key(tmp_path: Path, asked: str, expected: list[tuple[str, str]]) -> None:
    bound = """
        import { Container } from 'inversify';
        import { Token } from 'tokens';
        import { Store, Other } from './store';
        const tokens = { Store: new Token('a'), Other: new Token('b') };
        const box = new Container();
        box.bind(tokens.Store).to(Store).inSingletonScope();
        box.bind(tokens.Other).to(Other).inTransientScope();
    """
    use = f"\nexport const handler = async (event) => box.get(tokens.{asked}).add(event.item);"
    other = "export class Other extends Store {}"
    files = {"index.ts": bound + use, "store.ts": STORE.format(imports="", notes="", more=other)}
    assert races(link_one(tmp_path, files)) == expected


def test_services_that_hold_each_other(tmp_path: Path) -> None:
    source = """
        import { NestFactory } from '@nestjs/core';
        import { Module, Injectable, Inject, forwardRef } from '@nestjs/common';
        @Injectable()
        export class First {
            private last = '';
            constructor(@Inject(forwardRef(() => Second)) private readonly second: Second) {}
            async add(item: string) { this.last = item; await fetch(item); return this.last; }
        }
        @Injectable()
        export class Second {
            constructor(@Inject(forwardRef(() => First)) private readonly first: First) {}
        }
        @Module({ providers: [First, Second] })
        export class App {}
        const app = NestFactory.createApplicationContext(App);
        export const handler = async (event: { item: string }) => (await app).get(First).add(event.item);
    """
    assert races(link_one(tmp_path, {"index.ts": source})) == [("REQUEST_DATA", "First.last")]
