"""What the scan screen says about a badge, from the image to the big word."""

from data import outbox
from tests.support.on_screen import ANA, CAMERA, EVENT, ZOE, on_screen

WIFI = "WIFI:T:WPA;S:booth;P:secret;;"


async def test_a_new_badge_is_saved_and_its_person_is_on_the_card() -> None:
    async with on_screen() as booth:
        await booth.sees_word("Ready")
        await booth.sees("Expo 2027", "0 scans today")

        await booth.show(ANA, sees="Ana López")

        await booth.sees_word("Saved")
        await booth.sees("Initech", "ana@initech.example", "1 scan today", "1 waiting")
        assert booth.rows("select name, state from leads join outbox on lead_id = id") == [("Ana López", "waiting")]
        assert len(booth.nudges) == 1


async def test_a_badge_that_is_shown_again_is_one_lead_with_two_scans() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")

        booth.camera.hold(ANA.encode())

        await booth.sees_word("Already saved")
        await booth.sees("Ana López", "2 scans today", "1 waiting")
        assert booth.rows("select (select count(*) from leads), (select count(*) from scans)") == [(1, 2)]


async def test_a_discarded_lead_is_back_when_its_badge_is_shown() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        lead_id = str(booth.rows("select id from leads")[0][0])
        booth.write(lambda db: outbox.discard_lead(db, lead_id, "a test", "Ana", booth.clock))

        booth.camera.hold(ANA.encode())

        await booth.sees_word("Saved again")
        await booth.sees("Ana López", "1 waiting")


async def test_an_id_alone_is_saved_and_says_what_to_add() -> None:
    async with on_screen() as booth:
        await booth.show("PZD97W7777", sees="PZD97W7777")

        await booth.sees_word("Saved")
        await booth.sees("only an ID on", "1 needs you")


async def test_a_secret_is_refused_and_not_kept() -> None:
    async with on_screen() as booth:
        await booth.show(WIFI, sees="WiFi password")

        await booth.sees_word("Not a badge")
        await booth.sees("0 waiting")
        assert booth.rows("select count(*) from leads") == [(0,)]
        files = [path.read_bytes() for path in booth.settings.database_file.parent.glob("kiosk.db*")]
        assert b"P:secret" not in b"".join(files)


async def test_the_test_badge_is_confirmed_and_makes_no_lead() -> None:
    async with on_screen() as booth:
        await booth.show("TESTTESTTESTTEST", sees="The test badge was read")

        await booth.sees_word("Test badge")
        assert booth.rows("select count(*) from leads") == [(0,)]


async def test_of_two_codes_in_an_image_the_person_is_shown() -> None:
    async with on_screen() as booth:
        for badges in ((ANA, WIFI), (WIFI, ZOE), (ANA, "PZD97W7777")):
            person = "Zoë Müller" if ZOE in badges else "Ana López"
            await booth.press("escape")

            await booth.show(*badges, sees=person)

            await booth.until(lambda: booth.says("Saved") or booth.says("Already saved"), "saved")
            await booth.sees_no("WiFi", "PZD97W7777")
        assert booth.rows("select count(*) from scans where lead_id is null") == [(2,)]
        assert booth.rows("select count(*) from leads") == [(3,)]


async def test_a_code_printed_beside_a_badge_does_not_replace_it() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")

        booth.camera.hold(WIFI.encode())
        await booth.until(lambda: booth.rows("select count(*) from scans where lead_id is null") == [(1,)], "looked at")
        await booth.show("TESTTESTTESTTEST", sees="The test badge was read")  # what comes next is shown

        assert booth.rows("select count(*) from scans where lead_id is null") == [(1,)]


async def test_a_secret_is_refused_visibly_once_the_card_is_cleared() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="Ana López")
        await booth.press("escape")

        await booth.show(WIFI, sees="WiFi password")

        await booth.sees_word("Not a badge")


async def test_badges_one_after_another_are_all_saved() -> None:
    async with on_screen() as booth:
        for number in range(10):
            booth.camera.hold(f"visitor{number}@example.com".encode())

        await booth.sees("visitor9@example.com", "10 scans today", "10 waiting")


async def test_yesterday_does_not_count_today() -> None:
    async with on_screen() as booth:
        await booth.show(ANA, sees="1 scan today")

        booth.clock.tick(86400)

        await booth.sees("0 scans today", "1 waiting")


async def test_the_card_clears_by_itself() -> None:
    async with on_screen(EVENT.replace("600", "1") + CAMERA) as booth:
        await booth.show(ANA, sees="Ana López")

        await booth.sees_word("Ready")
        await booth.sees_no("Ana López")


async def test_a_badge_is_named_on_every_screen() -> None:
    async with on_screen() as booth:
        for key, sees in (("f2", "Showing:"), ("f1", "WHERE A LEAD IS"), ("f10", "Close the kiosk?")):
            await booth.press(key)
            await booth.sees(sees)

            await booth.show(ANA, sees="aved: Ana López, Initech")

            await booth.press("escape")
            await booth.sees_no(sees)
        assert booth.says("Already saved")
