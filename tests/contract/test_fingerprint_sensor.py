"""What every fingerprint sensor promises, on real bytes over a pseudo-terminal."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.errors import DeviceError, DeviceRefused, DeviceSilent, DeviceVanished
from hardware.drivers.fingerprint import POLL, FingerprintModule
from hardware.ports import (
    BinaryInput,
    FingerMatched,
    FingerprintSensor,
    FingerRead,
    FingerUnknown,
    FingerUnreadable,
    Signal,
)
from hardware.protocols.fingerprint_commands import Answer, Instruction
from simulators.finger import Finger, template_for
from simulators.fingerprint_sensor import SimulatedFingerprintModule
from simulators.serial_faults import DeviceFault
from simulators.serial_line import SerialLine
from tests.virtual import virtual

LI = Finger("li")
WANG = Finger("wang")

CAPTURE = (Instruction.GET_IMAGE, Instruction.IMAGE_TO_CHAR, Instruction.SEARCH)
PASSING = (
    DeviceFault.SILENT,
    DeviceFault.RESET,
    DeviceFault.BABBLE,
    DeviceFault.CORRUPT,
    DeviceFault.TRUNCATED,
    DeviceFault.WRONG_PASSWORD,
)

Bench = tuple[FingerprintModule, SimulatedFingerprintModule]


@contextlib.asynccontextmanager
async def bench(
    *,
    touch: bool = False,
    password: int = 0,
    told: int | None = None,
    capacity: int = 200,
    has_ring: bool = True,
    link: Path | None = None,
    packet_bytes: int = 128,
) -> AsyncIterator[Bench]:
    """The real driver on a simulated module that knows Li in slot 2."""
    line = SerialLine(link=link)
    module = SimulatedFingerprintModule(
        line,
        password=password,
        capacity=capacity,
        has_ring=has_ring,
        packet_bytes=packet_bytes,
    )
    module.store(2, "li")
    driver = FingerprintModule(
        port=line.path,
        password=password if told is None else told,
        touch=module.touch if touch else None,
    )
    try:
        yield driver, module
    finally:
        await driver.aclose()
        module.close()
        line.close()


async def no_read(fingers: AsyncIterator[FingerRead], *, within: float) -> bool:
    try:
        await asyncio.wait_for(anext(fingers), within)
    except TimeoutError:
        return True
    return False


@virtual
async def test_the_driver_has_the_shape_of_its_port() -> None:
    async with bench() as (driver, module):
        sensor: FingerprintSensor = driver
        line: BinaryInput = module.touch

        await sensor.check()
        await line.check()


@pytest.mark.parametrize("touch", [False, True])
@virtual
async def test_a_known_finger_is_matched_within_a_second(touch: bool) -> None:
    async with bench(touch=touch) as (driver, module):
        for slot in range(3, 200):
            module.store(slot, f"somebody {slot}")
        fingers = driver.fingers()
        assert await no_read(fingers, within=5)

        module.lay(LI)
        async with asyncio.timeout(1):
            read = await anext(fingers)

        assert isinstance(read, FingerMatched)
        assert read.slot == 2
        assert read.score > 0


@pytest.mark.parametrize("touch", [False, True])
@virtual
async def test_strangers_and_wet_fingers_are_told_apart(touch: bool) -> None:
    async with bench(touch=touch) as (driver, module):
        fingers, seen = driver.fingers(), []
        for finger in (WANG, Finger("li", readable=False), LI):
            module.lay(finger)
            seen.append(type(await anext(fingers)))
            module.lift()
            await asyncio.sleep(1)
            assert await no_read(fingers, within=1)

        assert seen == [FingerUnknown, FingerUnreadable, FingerMatched]


@pytest.mark.parametrize("touch", [False, True])
@virtual
async def test_a_finger_that_stays_is_read_once(touch: bool) -> None:
    async with bench(touch=touch) as (driver, module):
        fingers = driver.fingers()
        module.lay(LI)
        await anext(fingers)

        assert await no_read(fingers, within=60)


@virtual
async def test_touches_are_counted_even_if_nobody_waits() -> None:
    async with bench(touch=True) as (driver, module):
        fingers = driver.fingers()
        module.lay(LI)
        await anext(fingers)
        module.lift()
        module.lay(WANG)  # lifted and laid while nobody asked

        assert await anext(fingers) == FingerUnknown()


@virtual
async def test_a_touch_that_is_gone_before_the_image_is_no_read() -> None:
    async with bench(touch=True) as (driver, module):
        fingers = driver.fingers()
        assert await no_read(fingers, within=1)

        module.lay(LI)
        module.lift()

        assert await no_read(fingers, within=5)


@pytest.mark.parametrize("command", CAPTURE)
@pytest.mark.parametrize("fault", PASSING)
@virtual
async def test_a_fault_in_mid_command_is_over_within_a_second(
    fault: DeviceFault, command: Instruction
) -> None:
    loop = asyncio.get_running_loop()
    async with bench(touch=True, password=0x1234) as (driver, module):
        fingers = driver.fingers()
        await driver.check()
        module.inject(fault, on=command)

        module.lay(LI)
        reading = asyncio.ensure_future(anext(fingers))
        while module.commands[-1] is not command:  # noqa: ASYNC110  # a wire has none
            await asyncio.sleep(0.001)
        hit_at = loop.time()
        read = await reading

        assert isinstance(read, FingerMatched)
        assert read.slot == 2
        assert loop.time() - hit_at < 1


@pytest.mark.parametrize("fault", PASSING)
@virtual
async def test_any_command_survives_any_fault_that_passes(fault: DeviceFault) -> None:
    async with bench(password=7) as (driver, module):
        await driver.check()
        stored = template_for("wang")

        module.inject(fault)
        await driver.write_template(5, stored)
        module.inject(fault, on=Instruction.UP_CHAR)
        assert await driver.read_template(5) == stored
        module.inject(fault)
        assert await driver.occupied() == {2, 5}
        module.inject(fault)
        assert (await driver.info()).templates == 2
        module.inject(fault)
        await driver.delete(2)
        module.inject(fault)
        await driver.check()
        module.inject(fault)
        await driver.clear()

        assert module.templates() == {}


@virtual
async def test_a_late_answer_is_never_taken_for_another_commands() -> None:
    """The answer to Li's search must not become the answer for Wang."""
    async with bench(touch=True) as (driver, module):
        fingers = driver.fingers()
        await driver.check()
        module.line.to_host.delay_s = 0.35  # later than the driver waits
        module.lay(LI)
        with contextlib.suppress(DeviceError):
            await asyncio.wait_for(anext(fingers), 1.5)
        module.lift()
        module.line.to_host.delay_s = 0.0

        module.lay(WANG)

        assert await anext(fingers) == FingerUnknown()


@pytest.mark.parametrize("offset", range(12))
@virtual
async def test_a_bit_error_anywhere_in_an_answer_costs_no_read(offset: int) -> None:
    async with bench(touch=True) as (driver, module):
        await driver.check()
        module.line.to_host.flip(offset, 0x04)
        module.lay(LI)

        read = await anext(driver.fingers())

        assert isinstance(read, FingerMatched)


@pytest.mark.parametrize("offset", range(12))
@virtual
async def test_a_bit_error_anywhere_in_a_command_costs_no_read(offset: int) -> None:
    async with bench(touch=True) as (driver, module):
        await driver.check()
        module.line.to_device.flip(offset, 0x04)
        module.lay(LI)

        read = await anext(driver.fingers())

        assert isinstance(read, FingerMatched)


@virtual
async def test_single_bytes_are_as_good_as_blocks() -> None:
    async with bench() as (driver, module):
        module.line.to_host.piece = module.line.to_device.piece = 1

        await driver.write_template(9, template_for("zhou"))

        assert await driver.read_template(9) == template_for("zhou")


@virtual
async def test_a_dead_module_is_reported_once_and_found_again() -> None:
    loop = asyncio.get_running_loop()
    async with bench() as (driver, module):
        fingers = driver.fingers()
        assert await no_read(fingers, within=1)
        module.inject(DeviceFault.DEAD, times=None)

        with pytest.raises(DeviceSilent):
            await anext(fingers)
        assert await no_read(fingers, within=10)
        began = loop.time()
        with pytest.raises(DeviceSilent):
            await driver.check()
        assert loop.time() - began <= 1

        module.heal()
        await driver.check()
        module.lay(LI)
        assert isinstance(await anext(fingers), FingerMatched)


@virtual
async def test_a_module_that_always_babbles_is_silent_to_us() -> None:
    loop = asyncio.get_running_loop()
    async with bench() as (driver, module):
        module.line.to_host.delay_s = 0.01

        def babble() -> None:
            module.babble()
            loop.call_later(0.05, babble)

        babble()
        began = loop.time()
        with pytest.raises(DeviceSilent):
            await driver.check()

        assert loop.time() - began <= 1


@virtual
async def test_a_module_may_be_unplugged_and_come_back(tmp_path: Path) -> None:
    async with bench(link=tmp_path / "sensor") as (driver, module):
        fingers = driver.fingers()
        assert await no_read(fingers, within=1)

        module.line.cut()
        with pytest.raises(DeviceVanished, match="sensor"):
            await anext(fingers)
        with pytest.raises(DeviceVanished):
            await driver.check()
        assert await no_read(fingers, within=60)

        module.line.restore()
        module.lay(LI)
        async with asyncio.timeout(5):
            assert isinstance(await anext(fingers), FingerMatched)


@virtual
async def test_power_up_with_a_ready_byte_is_no_trouble() -> None:
    async with bench() as (driver, module):
        module.reset()
        await driver.check()
        module.reset()
        await asyncio.sleep(1)

        await driver.check()


@virtual
async def test_a_wrong_password_is_refused_in_words() -> None:
    async with bench(password=0xCAFE, told=0xBEEF) as (driver, _module):
        with pytest.raises(DeviceRefused, match="wrong password") as refusal:
            await driver.check()

        assert refusal.value.answer == Answer.WRONG_PASSWORD
        assert "BEEF" not in str(refusal.value).upper()


@virtual
async def test_a_flash_error_is_refused_in_words() -> None:
    async with bench() as (driver, module):
        module.inject(DeviceFault.FLASH_ERROR, on=Instruction.STORE)

        with pytest.raises(DeviceRefused, match="flash failed") as refusal:
            await driver.write_template(1, template_for("wang"))

        assert refusal.value.answer == Answer.FLASH_ERROR
        assert sorted(module.templates()) == [2]


@virtual
async def test_info_is_what_the_module_says() -> None:
    async with bench(capacity=300, packet_bytes=32) as (driver, _module):
        info = await driver.info()

        assert (info.capacity, info.packet_bytes, info.templates) == (300, 32, 1)
        assert (info.system_id, info.security) == (9, 3)


@pytest.mark.parametrize("packet_bytes", [32, 64, 128, 256])
@virtual
async def test_a_template_comes_back_as_it_was_written(packet_bytes: int) -> None:
    async with bench(packet_bytes=packet_bytes) as (driver, module):
        await driver.write_template(199, template_for("wang"))

        assert await driver.read_template(199) == template_for("wang")
        assert module.templates()[199] == template_for("wang")


@virtual
async def test_a_template_from_elsewhere_matches_here() -> None:
    async with bench() as (driver, module):
        await driver.write_template(7, template_for("wang", capture=99))
        module.lay(WANG)

        read = await anext(driver.fingers())

        assert isinstance(read, FingerMatched)
        assert read.slot == 7


@virtual
async def test_a_damaged_template_is_never_stored() -> None:
    async with bench() as (driver, module):
        await driver.check()
        module.line.to_device.flip(12 + 400)  # in the data packets

        await driver.write_template(7, template_for("wang"))

        assert module.templates()[7] == template_for("wang")


@pytest.mark.parametrize("slot", [-1, 200, 70_000])
@virtual
async def test_a_slot_outside_the_library_is_refused(slot: int) -> None:
    async with bench() as (driver, _module):
        with pytest.raises(DeviceRefused, match="outside"):
            await driver.delete(slot)
        with pytest.raises(DeviceRefused, match="outside"):
            await driver.read_template(slot)
        with pytest.raises(DeviceRefused, match="outside"):
            await driver.write_template(slot, template_for("x"))
        with pytest.raises(DeviceRefused, match="outside"):
            await driver.enrol(slot)


@virtual
async def test_an_empty_slot_has_no_template() -> None:
    async with bench() as (driver, _module):
        with pytest.raises(DeviceRefused, match="no readable template"):
            await driver.read_template(3)


@virtual
async def test_occupied_spans_every_page_of_the_index() -> None:
    async with bench(capacity=600) as (driver, module):
        for slot in (0, 255, 256, 511, 512, 599):
            module.store(slot, f"p{slot}")

        assert await driver.occupied() == {0, 2, 255, 256, 511, 512, 599}


@pytest.mark.parametrize("touch", [False, True])
@virtual
async def test_enrolling_takes_two_captures_and_reports_no_read(touch: bool) -> None:
    async with bench(touch=touch) as (driver, module):
        fingers = driver.fingers()
        reading = asyncio.ensure_future(anext(fingers))
        await asyncio.sleep(1)
        enrolling = asyncio.ensure_future(driver.enrol(10))
        for _ in range(2):
            await asyncio.sleep(2)
            module.lay(WANG)
            await asyncio.sleep(2)
            module.lift()
        await enrolling
        await asyncio.sleep(5)
        assert not reading.done()

        module.lay(WANG)
        read = await reading

        assert isinstance(read, FingerMatched)
        assert read.slot == 10


@virtual
async def test_enrolling_two_different_fingers_is_refused() -> None:
    async with bench() as (driver, module):
        enrolling = asyncio.ensure_future(driver.enrol(10))
        for finger in (WANG, LI):
            await asyncio.sleep(1)
            module.lay(finger)
            await asyncio.sleep(1)
            module.lift()

        with pytest.raises(DeviceRefused, match="same finger"):
            await enrolling
        assert sorted(module.templates()) == [2]


@virtual
async def test_enrolling_without_a_finger_ends_after_thirty_seconds() -> None:
    loop = asyncio.get_running_loop()
    async with bench() as (driver, _module):
        with pytest.raises(DeviceSilent, match="no finger"):
            await driver.enrol(10)

        assert loop.time() <= 30.5


@virtual
async def test_the_ring_shows_every_signal_differently() -> None:
    async with bench() as (driver, module):
        shown = set()
        for signal in Signal:
            await driver.glow(signal)
            shown.add(module.memory.light)

        assert len(shown) == len(Signal)


@virtual
async def test_a_module_without_a_ring_ignores_it() -> None:
    async with bench(has_ring=False) as (driver, module):
        await driver.glow(Signal.ALARM)
        asked = len(module.commands)
        await driver.glow(Signal.IDLE)

        assert len(module.commands) == asked


@virtual
async def test_cancelling_a_wait_loses_no_finger_and_no_step() -> None:
    async with bench() as (driver, module):
        fingers = driver.fingers()
        for pause in (0.001, 0.03, POLL, 0.21, 0.25):
            assert await no_read(fingers, within=pause)
        module.lay(LI)

        assert isinstance(await anext(fingers), FingerMatched)


@virtual
async def test_commands_and_polling_do_not_disturb_each_other() -> None:
    async with bench() as (driver, module):
        reading = asyncio.ensure_future(anext(driver.fingers()))

        for _ in range(20):
            await asyncio.gather(
                driver.check(), driver.info(), driver.glow(Signal.WAITING)
            )
        module.lay(LI)

        assert isinstance(await reading, FingerMatched)


@pytest.mark.parametrize("touch", [False, True])
@virtual
async def test_closing_ends_the_iterator_and_may_be_repeated(touch: bool) -> None:
    async with bench(touch=touch) as (driver, _module):
        reading = asyncio.ensure_future(anext(driver.fingers(), None))
        await asyncio.sleep(1)

        await driver.aclose()
        await driver.aclose()

        assert await reading is None
        with pytest.raises(DeviceVanished, match="closed"):
            await driver.check()
