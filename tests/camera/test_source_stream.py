"""A stream over HTTP from a real local server: one that works, one that hangs, one that breaks off."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from camera.errors import CameraGone, NoCamera
from camera.events import CodesSeen, FrameProcessed, SourceFailed, SourceWorking
from camera.opencv import load_opencv
from camera.payload import Frame, Payload
from camera.settings import DECODERS, CameraSettings
from camera.sources import open_files, open_source
from camera.sources.opencv_capture import extract_host, open_stream
from tests.support.decoders import make_live_decoder

PART = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n"
"""One image of the stream, with a line that separates it from the one before."""


class Server(ThreadingHTTPServer):
    """Serves one badge as an endless MJPEG stream, like an IP camera."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, jpeg: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.jpeg = jpeg
        self.image_count = 1_000_000
        """How many images a connection sends before it breaks off, or hangs."""
        self.hangs = False
        self.served = 0
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        """The URL of the stream."""
        return f"http://127.0.0.1:{self.server_port}/video.mjpg"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a viewer that went away."""


class Handler(BaseHTTPRequestHandler):
    """Answers each request with the stream."""

    server: Server

    def do_GET(self) -> None:
        """Send image after image."""
        if self.server.image_count:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
        for _ in range(self.server.image_count):
            self.wfile.write(PART % (len(self.server.jpeg), self.server.jpeg))
            self.wfile.flush()
            self.server.served += 1
            time.sleep(0.02)
        if self.server.hangs:
            self.server.closing.wait(60.0)
        else:
            self.wfile.write(PART % (len(self.server.jpeg), self.server.jpeg[: len(self.server.jpeg) // 2]))
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server(draw: Callable[..., Frame]) -> Iterator[Server]:
    """A stream that shows the badge `ID-7`."""
    server = Server(load_opencv().imencode(".jpg", draw(b"ID-7"))[1].tobytes())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.image_count = 0
    server.closing.set()
    server.shutdown()
    server.server_close()
    thread.join(5.0)


@pytest.fixture
def short_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that sends nothing is noticed within a second."""
    monkeypatch.setattr("camera.sources.opencv_capture.STREAM_TIMEOUT_MS", 600)


def test_the_badge_in_a_stream_is_read(
    server: Server, run_loop: Callable[..., Any], capfd: pytest.CaptureFixture[str]
) -> None:
    """Through the real decoders. The screen names the stream by its host, and C code prints nothing."""
    running = run_loop(
        lambda: open_source(CameraSettings(source=server.url)), make_live_decoder(DECODERS, False), max_fps=30.0
    )
    running.wait_until(lambda: running.events_of(CodesSeen) and running.events_of(SourceWorking))
    running.loop.stop()
    running.wait_for_end()

    assert [(seen.payloads[0].text, seen.source_kind) for seen in running.events_of(CodesSeen)] == [("ID-7", "stream")]
    assert [working.source_name for working in running.events_of(SourceWorking)] == [
        f"stream from 127.0.0.1:{server.server_port}"
    ]
    assert capfd.readouterr().err == ""


def test_an_interrupted_stream_is_reported_and_reopened(
    server: Server, run_loop: Callable[..., Any], reopen_quickly: None, capfd: pytest.CaptureFixture[str]
) -> None:
    """In the middle of an image. The images before it count, and the badge in view is not counted twice."""
    server.image_count = 15
    running = run_loop(lambda: open_stream(server.url), make_live_decoder(DECODERS, False), rest_seconds=60.0)
    running.wait_until(lambda: len(running.events_of(SourceWorking)) >= 2)
    running.loop.stop()
    running.wait_for_end()

    host = f"127.0.0.1:{server.server_port}"
    assert {trouble.message for trouble in running.events_of(SourceFailed)} == {
        f"The stream from {host} was interrupted. The kiosk keeps retrying."
    }
    assert len(running.events_of(CodesSeen)) == 1
    assert capfd.readouterr().err == ""


def test_a_silent_stream_counts_as_interrupted(
    server: Server, short_timeout: None, capfd: pytest.CaptureFixture[str]
) -> None:
    """The connection stays open, and nothing arrives. The kiosk does not wait forever."""
    server.image_count, server.hangs = 15, True
    source = open_stream(server.url)
    assert source.is_live
    with pytest.raises(CameraGone, match=r"was interrupted\. The kiosk keeps retrying"):
        for _ in source.read_shots():
            pass
    source.close()
    source.close()

    assert capfd.readouterr().err == ""


def test_a_server_that_never_answers_times_out(
    server: Server, short_timeout: None, capfd: pytest.CaptureFixture[str]
) -> None:
    """It does not block the kiosk."""
    server.image_count, server.hangs = 0, True
    with pytest.raises(NoCamera, match=r"does not respond\. The kiosk keeps retrying"):
        open_stream(server.url)

    assert capfd.readouterr().err == ""


def test_a_slow_decoder_does_not_fall_behind_a_stream(server: Server, run_loop: Callable[..., Any]) -> None:
    """Images that arrive meanwhile are dropped: an IP camera shows now, not a minute ago."""

    def decode_slowly(frame: Frame) -> list[Payload]:
        time.sleep(0.3)
        return []

    running = run_loop(lambda: open_stream(server.url), decode_slowly)
    running.wait_until(lambda: running.events_of(FrameProcessed))
    served, processed = server.served, len(running.events_of(FrameProcessed))
    running.wait_until(lambda: server.served >= served + 60)

    assert len(running.events_of(FrameProcessed)) - processed < 30


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_missing_server_is_reported(scheme: str, capfd: pytest.CaptureFixture[str]) -> None:
    """By the host, without the user and the password."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(NoCamera) as caught:
        open_files([f"{scheme}://staff:s3cret@127.0.0.1:{port}/live?key=s3cret"])

    assert str(caught.value) == f"The stream from 127.0.0.1:{port} does not respond. The kiosk keeps retrying."
    assert capfd.readouterr().err == ""


def test_a_web_page_is_not_a_stream(server: Server, short_timeout: None, capfd: pytest.CaptureFixture[str]) -> None:
    """Such as the login page of a camera, or of the venue's WiFi."""
    server.jpeg = b"<html>Please sign in</html>" * 50
    server.image_count = 3
    with pytest.raises(CameraGone):
        for _ in open_stream(server.url).read_shots():
            pass

    assert capfd.readouterr().err == ""


def test_damaged_images_in_a_stream_are_skipped(
    server: Server, run_loop: Callable[..., Any], capfd: pytest.CaptureFixture[str]
) -> None:
    """A weak WiFi loses a packet now and then. The next image may be whole, and C code prints nothing."""
    whole = server.jpeg
    running = run_loop(lambda: open_stream(server.url), make_live_decoder(DECODERS, False))
    running.wait_until(lambda: running.events_of(FrameProcessed))
    server.jpeg = whole[:1500] + b"\xff\xd3garbage" + whole[1600:]
    served = server.served
    running.wait_until(lambda: server.served > served + 10)
    server.jpeg = whole
    processed = len(running.events_of(FrameProcessed))
    running.wait_until(lambda: len(running.events_of(FrameProcessed)) > processed + 10)
    running.loop.stop()
    running.wait_for_end()

    assert not running.events_of(SourceFailed)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("rtsp://cam.local/live", "cam.local"),
        ("rtsp://cam.local:8554/live?user=me", "cam.local:8554"),
        ("http://staff:secret@10.0.0.7:81/", "10.0.0.7:81"),
        ("http://staff:s@cret@10.0.0.7", "10.0.0.7"),
        ("rtsp://staff:sec/ret@10.0.0.7/live", "the network"),
        ("rtsp://10.0.0.7?token=x@secret", "10.0.0.7"),
        ("rtsp://[fe80::1]:554/live", "[fe80::1]:554"),
        ("rtsp://", "the network"),
        ("http://a\x1b[31m/", "the network"),
    ],
)
def test_a_stream_is_named_by_its_host_only(url: str, host: str) -> None:
    """No password gets onto the screen, however the address is written."""
    assert extract_host(url) == host


PART_FORMATS = {
    "a length for each image": PART,
    "no length": b"--frame\r\nContent-Type: image/jpeg\r\n\r\n%.0d%s\r\n",
    "small letters, only line feeds": b"--frame\ncontent-type: image/jpeg\ncontent-length: %d\n\n%s\n",
    "its own headers": b"\r\n--frame\r\nX-Time: 1\r\nContent-Length: %d\r\nContent-Type: image/jpeg\r\n\r\n%s",
}


@pytest.mark.parametrize("part_format", PART_FORMATS)
def test_streams_of_several_cameras_are_read(part_format: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cameras differ in the headers of each image."""
    monkeypatch.setattr("tests.camera.test_source_stream.PART", PART_FORMATS[part_format])
    source = open_stream(server.url)
    shots = source.read_shots()

    shapes = [next(shots).frame.shape for _ in range(3)]
    source.close()

    assert shapes == [(480, 640, 3)] * 3


def test_an_image_that_is_too_large_is_refused_before_decoding(server: Server) -> None:
    """Decoding one of 10,000 x 10,000 pixels takes half a gigabyte, so every image is checked, not only the first."""
    whole = server.jpeg
    at = whole.index(b"\xff\xc0")
    huge = whole[: at + 5] + (10_000).to_bytes(2) * 2 + whole[at + 9 :]
    source = open_stream(server.url)
    shots = source.read_shots()
    server.jpeg = huge

    with pytest.raises(CameraGone, match=r"sends images of over 20 megapixels\. Choose a smaller image size"):
        for shot in shots:
            assert shot.frame.shape == (480, 640, 3)

    source.close()
