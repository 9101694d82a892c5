"""A small OpenID Connect provider on this machine; a test says how it lies."""

import json
import time
from base64 import urlsafe_b64encode
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from website.oidc import configuration

CLIENT = "vuonxa"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _number(value: int) -> str:
    return urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8)).rstrip(b"=").decode()


class Provider:
    """Answers as the protocol wants; ``claims``, ``description`` and ``token`` override what it says."""

    def __init__(self):
        self.claims: dict = {}
        self.description: dict = {}
        self.token: dict = {}
        self.key, self.status, self.calls = KEY, {}, []
        self.nonce = ""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"

    def settings(self, **more) -> dict:
        """The site's settings that name this provider, read as an administrator's are."""
        entry = {"id": "so-y-te", "name": "Sở Y tế", "issuer": self.issuer, "client_id": CLIENT} | more
        return configuration.providers(json.dumps([entry | {"secret": "bí-mật"}]))

    def answer(self, path: str):
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": self.issuer + "/authorize",
                "token_endpoint": self.issuer + "/token",
                "jwks_uri": self.issuer + "/keys",
            } | self.description
        if path == "/keys":
            public = KEY.public_key().public_numbers()
            key = {"kty": "RSA", "kid": "1", "alg": "RS256", "use": "sig"}
            return {"keys": [key | {"n": _number(public.n), "e": _number(public.e)}]}
        return {"access_token": "kín", "token_type": "Bearer", "id_token": self.id_token()} | self.token

    def id_token(self) -> str:
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT, "sub": "lan-1", "iat": now, "exp": now + 300}
        said |= {"nonce": self.nonce, "email": "lan@syt.example.vn", "email_verified": True} | self.claims
        return jwt.encode(
            {name: value for name, value in said.items() if value is not None},
            self.key,
            algorithm="RS256",
            headers={"kid": "1"},
        )

    def _handler(self):
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                path = urlsplit(self.path).path
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                provider.calls.append(path)
                body = json.dumps(provider.answer(path)).encode()
                self.send_response(provider.status.get(path, 200))
                self.send_header("Content-Type", "application/json")
                self.send_header("Location", "http://127.0.0.1:9/")
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_args):
                pass

        return Handler

    def agree(self, url: str) -> dict:
        """Do what a person does who signs in at *url*: return what the browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        self.nonce = asked["nonce"]
        return {"state": asked["state"], "code": "mã"}


@contextmanager
def running():
    """A provider that answers until the block ends."""
    provider = Provider()
    thread = Thread(target=provider.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        provider.server.shutdown()
        provider.server.server_close()
        thread.join()
