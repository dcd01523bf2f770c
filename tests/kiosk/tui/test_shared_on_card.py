"""The card says from whom a new lead was kept apart."""

import asyncio

from tests.support.on_screen import on_screen, vcard


def test_the_card_says_that_an_address_is_shared() -> None:
    """Beside the person, until the next badge."""

    async def at_the_booth() -> None:
        async with on_screen(size=(160, 40)) as booth:
            await booth.show(vcard("Ann Smith", "info@corp.example"), sees="Ann Smith")

            await booth.show(vcard("Bob Jones", "info@corp.example"), sees="Bob Jones")

            await booth.sees("The e-mail info@corp.example is shared:")
            await booth.show(vcard("Eve Adams", "eve@corp.example"), sees="Eve Adams")
            await booth.sees_no("is shared")

    asyncio.run(at_the_booth())
