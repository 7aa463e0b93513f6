"""The other side of a message: a mail server and a web hook that listen on this machine and keep what comes."""

import contextlib
import json
import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mail as RFC 5321 says, or refuses every recipient while `is_full`."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Mail)
        self.mails: list[tuple[str, str, str]] = []  # to, subject, text
        self.is_full = False

    @property
    def port(self) -> int:
        return self.server_address[1]


class _Mail(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 town.example ESMTP")
        recipients: list[str] = []
        for line in iter(self.rfile.readline, b""):
            verb, _space, rest = line.decode().strip().partition(" ")
            match verb.upper():
                case "EHLO" | "HELO" | "MAIL" | "RSET" | "NOOP":
                    self._say("250 OK")
                case "RCPT" if self.server.is_full:
                    self._say("452 mailbox full")
                case "RCPT":
                    recipients.append(rest.partition(":")[2].strip(" <>"))
                    self._say("250 OK")
                case "DATA":
                    self._say("354 go on")
                    self._keep(recipients, self._content())
                    self._say("250 kept")
                case "QUIT":
                    self._say("221 bye")
                    return

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def _content(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _keep(self, recipients: list[str], content: bytes) -> None:
        mail = message_from_bytes(content, policy=policy.default)
        text = mail.get_body(("plain",)).get_content()
        self.server.mails += [(to, str(mail["Subject"]), text) for to in recipients]


class Hook(ThreadingHTTPServer):
    """Takes JSON by POST, or answers with `status` where that is no 200."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.posts: list[dict[str, Any]] = []
        self.status = 200

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.server_address[1]}/town"


class _Hook(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.status == 200:
            self.server.posts.append(content)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


@contextlib.contextmanager
def listening(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
