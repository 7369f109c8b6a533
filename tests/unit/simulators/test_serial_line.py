"""The line under every simulated serial device: pace, faults, and no lost moment."""

import asyncio
import os
import time
import tty
from pathlib import Path

import pytest

from simulators.clock import VirtualLoop
from simulators.serial_faults import SerialFaults
from simulators.serial_line import SerialLine, in_flight
from tests.virtual import virtual


class Host:
    """The far end, opened as anyone would open a UART."""

    def __init__(self, path: str) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.fd)
        self.heard: list[tuple[float, bytes]] = []
        self.loop = asyncio.get_running_loop()
        self.loop.add_reader(self.fd, self._read)

    def _read(self) -> None:
        self.heard.append((self.loop.time(), os.read(self.fd, 4096)))

    @property
    def bytes(self) -> bytes:
        return b"".join(data for _, data in self.heard)

    def close(self) -> None:
        self.loop.remove_reader(self.fd)
        os.close(self.fd)


@virtual
async def test_bytes_arrive_at_the_pace_of_the_line() -> None:
    line, loop = SerialLine(baud=9600), asyncio.get_running_loop()
    host = Host(line.path)

    line.send(bytes(96))
    await asyncio.sleep(10)

    assert host.bytes == bytes(96)
    assert [round(at, 4) for at, _ in host.heard] == [
        round(n * 16 * 10 / 9600, 4) for n in range(1, 7)
    ]
    assert loop.time() == 10
    host.close()
    line.close()


@virtual
async def test_bytes_from_the_host_have_the_same_pace() -> None:
    line, loop = SerialLine(baud=9600), asyncio.get_running_loop()
    heard: list[tuple[float, bytes]] = []
    line.attach(lambda data: heard.append((loop.time(), data)))
    host = Host(line.path)

    os.write(host.fd, bytes(48))
    os.write(host.fd, b"end")
    await asyncio.sleep(1)

    assert b"".join(data for _, data in heard) == bytes(48) + b"end"
    assert heard[-1][0] == pytest.approx(51 * 10 / 9600)
    host.close()
    line.close()


@virtual
async def test_no_byte_is_ever_overtaken_by_the_clock() -> None:
    """Written by the host in the last microsecond before a timer, 3,000 times."""
    line, loop = SerialLine(baud=57_600), asyncio.get_running_loop()
    line.attach(line.send)  # an echo
    host = Host(line.path)

    for n in range(3_000):
        sent_at = loop.time()
        os.write(host.fd, bytes([n & 0xFF]))
        await asyncio.sleep(0.001)
        at, data = host.heard.pop()
        assert data == bytes([n & 0xFF])
        assert at - sent_at < 0.000_36  # two bytes at this pace are 347 µs

    host.close()
    line.close()


@virtual
async def test_what_the_host_sent_is_in_flight_until_the_line_reads_it() -> None:
    line = SerialLine()
    host = Host(line.path)
    assert not in_flight()

    os.write(host.fd, b"x")
    assert in_flight()
    await asyncio.sleep(0.001)

    assert not in_flight()
    assert line.bytes_from_host == 1
    host.close()
    line.close()


@virtual
async def test_faults_hit_exactly_the_bytes_they_name() -> None:
    line = SerialLine()
    host = Host(line.path)
    line.to_host.flip(1, 0x0F)
    line.to_host.flip(5, 0xF0)
    line.send(b"\x00\x00\x00")
    line.send(b"\x00\x00\x00")
    await asyncio.sleep(1)
    line.to_host.drop = 4
    line.send(b"abc")
    line.send(b"def")
    await asyncio.sleep(1)

    assert host.bytes == b"\x00\x0f\x00\x00\x00\xf0" + b"ef"
    host.close()
    line.close()


@virtual
async def test_a_cut_line_hangs_up_and_costs_the_processor_nothing() -> None:
    from hardware.drivers.serial_port import SerialPort

    line = SerialLine()
    port = SerialPort(line.path, baud=57_600)
    reading = asyncio.ensure_future(port.read())
    await asyncio.sleep(0)

    line.cut()
    await asyncio.wait([reading])
    assert reading.exception() is not None
    began = time.process_time()
    await asyncio.sleep(3600)

    assert time.process_time() - began < 1
    await port.aclose()
    line.close()


@virtual
async def test_a_link_follows_the_line_through_a_cut(tmp_path: Path) -> None:
    link = tmp_path / "tty"
    line = SerialLine(link=link)
    assert link.is_symlink()
    assert line.path == str(link)

    line.cut()
    assert not link.is_symlink()
    line.restore()
    host = Host(str(link))
    line.send(b"again")
    await asyncio.sleep(1)

    assert host.bytes == b"again"
    host.close()
    line.close()
    line.close()


@virtual
async def test_a_host_that_never_reads_loses_bytes_and_stops_nobody() -> None:
    line = SerialLine(baud=921_600)
    fd = os.open(line.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    line.send(bytes(100_000))
    await asyncio.sleep(10)

    assert line.bytes_lost > 0
    os.close(fd)
    line.close()


@virtual
async def test_the_loop_watches_a_line_without_being_told() -> None:
    line, loop = SerialLine(), asyncio.get_running_loop()
    other = SerialLine()

    assert isinstance(loop, VirtualLoop)
    assert loop.in_flight.count(in_flight) == 1
    other.close()
    line.close()


def test_faults_count_bytes_across_writes() -> None:
    faults = SerialFaults(drop=2)
    faults.flip(4, 0x01)

    assert faults.apply(b"abc") == b"c"
    assert faults.apply(b"abc") == b"acc"
    assert faults.apply(b"abc") == b"abc"
