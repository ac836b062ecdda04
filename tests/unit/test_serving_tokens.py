"""Signed tokens: what is verified, which rights the claims give, and every way to be refused."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from serving.identity import Caller, Identity
from serving.jwks import FileKeys, Keys
from serving.oidc import ClaimNames, TokenRules
from serving.problems import Problem
from serving.tokens import Tokens
from triage.desk.actor import Actor
from triage.errors import UnusableFile

RSA = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
WEAK = rsa.generate_private_key(65537, 1024)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()
RULES = TokenRules("https://id.example", "triage", "jwks.json")


class FromNow(int):
    """Seconds from the moment of signing: a test that waits its turn must not grow old."""


CLAIMS = {
    "iss": "https://id.example",
    "aud": "triage",
    "sub": "li",
    "nbf": FromNow(-10),
    "exp": FromNow(600),
    "roles": ["dispatcher"],
}


def jwk(public: str, kid: str | None, **more: str) -> dict[str, str]:
    document: dict[str, str] = json.loads(public) | more
    return document if kid is None else document | {"kid": kid}


JWKS = {
    "keys": [
        jwk(RSAAlgorithm.to_jwk(RSA.public_key()), "rsa", use="sig"),
        jwk(RSAAlgorithm.to_jwk(WEAK.public_key()), "weak"),
        jwk(RSAAlgorithm.to_jwk(OTHER.public_key()), "encryption", use="enc"),
        jwk(ECAlgorithm.to_jwk(EC.public_key()), "ec"),
        jwk(OKPAlgorithm.to_jwk(ED.public_key()), "ed"),
        {"kty": "oct", "k": base64.urlsafe_b64encode(b"s" * 32).decode(), "kid": "secret"},
    ]
}


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(JWKS), "utf-8")
    return FileKeys(path)


def signed(
    claims: Mapping[str, object] = CLAIMS,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey = RSA,
    *,
    alg: str = "RS256",
    kid: str | None = "rsa",
) -> str:
    headers = {} if kid is None else {"kid": kid}
    now = int(time.time())
    told = {k: now + v if isinstance(v, FromNow) else v for k, v in claims.items()}
    return jwt.encode(told, key, algorithm=alg, headers=headers)


def caller(keys: FileKeys, token: str, rules: TokenRules = RULES) -> Caller:
    return Tokens(rules, keys).caller_of(token.encode())


def refused(keys: FileKeys, token: str, rules: TokenRules = RULES) -> tuple[str, str]:
    with pytest.raises(Problem) as caught:
        caller(keys, token, rules)
    assert caught.value.status == 401
    assert dict(caught.value.headers)[b"www-authenticate"].startswith(b"Bearer")
    return caught.value.code, caught.value.detail


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("key", "alg", "kid"), [(RSA, "RS256", "rsa"), (EC, "ES256", "ec"), (ED, "EdDSA", "ed")]
)
def test_a_token_of_the_issuer_is_a_caller(
    keys: FileKeys, key: rsa.RSAPrivateKey, alg: str, kid: str
) -> None:
    found = caller(keys, signed(key=key, alg=alg, kid=kid))
    everywhere: frozenset[str] = frozenset()
    actor = Actor("oidc:li", frozenset({"dispatcher"}), everywhere, everywhere)
    assert found == Caller(actor, None)


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"exp": FromNow(-61)}, "token_expired", "已过期"),
        ({"exp": None}, "token_invalid", "缺少声明 exp"),
        ({"nbf": FromNow(120)}, "token_invalid", "还没有生效"),
        ({"nbf": None}, "token_invalid", "缺少声明 nbf"),
        ({"iss": "https://evil.example"}, "token_invalid", "签发方不对"),
        ({"iss": None}, "token_invalid", "缺少声明 iss"),
        ({"aud": "another"}, "token_invalid", "不是给本服务的"),
        ({"aud": ["another", "third"]}, "token_invalid", "不是给本服务的"),
        ({"aud": None}, "token_invalid", "缺少声明 aud"),
        ({"sub": None}, "token_invalid", "声明 sub"),
        ({"sub": "x" * 129}, "token_invalid", "声明 sub"),
        ({"roles": 5}, "token_invalid", "声明 roles 应为字符串的列表"),
        ({"units": [1]}, "token_invalid", "声明 units 应为字符串的列表"),
        ({"regions": []}, "token_invalid", "声明 regions 是空的"),
        ({"roles": ["handler"]}, "token_invalid", "handler 须写明承办单位"),
    ],
)
def test_a_claim_that_does_not_fit_is_named(
    keys: FileKeys, change: dict[str, object], code: str, words: str
) -> None:
    claims = {name: value for name, value in (CLAIMS | change).items() if value is not None}
    assert refused(keys, signed(claims))[0] == code
    assert words in refused(keys, signed(claims))[1]


def test_a_minute_of_skew_is_forgiven(keys: FileKeys) -> None:
    claims = CLAIMS | {"exp": FromNow(-30), "nbf": FromNow(30)}
    assert caller(keys, signed(claims)).actor.id == "oidc:li"


def test_no_algorithm_is_no_signature(keys: FileKeys) -> None:
    for name in ("none", "None", "NONE"):
        token = f"{part({'alg': name, 'kid': 'rsa'})}.{part(CLAIMS)}."
        assert refused(keys, token)[0] == "token_invalid"
    bare = signed().rpartition(".")[0] + "."
    assert refused(keys, bare)[0] == "token_invalid"


def test_a_public_key_is_no_shared_secret(keys: FileKeys) -> None:
    public = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    body = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{part(CLAIMS)}"
    mac = hmac.new(public, body.encode(), hashlib.sha256).digest()
    token = f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    assert refused(keys, token) == (
        "token_invalid",
        "登录令牌不能用：算法应为 RS256、ES256、EdDSA 之一；请重新登录",
    )


def test_a_shared_secret_among_the_keys_is_passed_over(keys: FileKeys) -> None:
    token = jwt.encode(CLAIMS, b"s" * 32, algorithm="HS256", headers={"kid": "secret"})
    assert refused(keys, token)[0] == "token_invalid"
    assert set(keys.keys) == {"rsa", "weak", "ec", "ed"}


def test_the_algorithm_is_the_key_s_not_the_token_s(keys: FileKeys) -> None:
    assert "算法与公钥不符" in refused(keys, signed(kid="ec"))[1]
    assert refused(keys, signed(alg="RS512"))[0] == "token_invalid"


def test_another_key_s_signature_is_none(keys: FileKeys) -> None:
    assert "签名" in refused(keys, signed(key=OTHER))[1]
    assert "kid" in refused(keys, signed(key=OTHER, kid="unknown"))[1]
    assert "kid" in refused(keys, signed(key=OTHER, kid="encryption"))[1]
    assert "kid" in refused(keys, signed(kid=None))[1]  # of several keys one must be named


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")  # its own signing
def test_a_short_key_is_refused(keys: FileKeys) -> None:
    assert refused(keys, signed(key=WEAK, kid="weak"))[0] == "token_invalid"


def test_a_changed_token_is_refused(keys: FileKeys) -> None:
    head, _, signature = signed().split(".")
    forged = part(CLAIMS | {"roles": ["administrator"]})
    assert refused(keys, f"{head}.{forged}.{signature}")[0] == "token_invalid"


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b.c", "x" * 20_000, f"{part([])}.e30.e30", f"{part({'alg': 5})}.e30.e30",
     base64.urlsafe_b64encode(b"[" * 9000).decode() + ".e30.e30",
     f"{part({'alg': 'RS256', 'kid': ['rsa']})}.e30.e30"],
)  # fmt: skip
def test_what_is_no_token_is_refused(keys: FileKeys, token: str) -> None:
    assert refused(keys, token)[0] == "token_invalid"


def test_bytes_that_are_no_text_are_refused(keys: FileKeys) -> None:
    with pytest.raises(Problem) as caught:
        Tokens(RULES, keys).caller_of(b"\xff\xfe.\xff.\xff")
    assert caught.value.code == "token_invalid"


def test_claims_and_roles_are_named_as_the_issuer_names_them(keys: FileKeys) -> None:
    names = ClaimNames("email", "realm_access.roles", "org.units", "https://x.example/regions")
    rules = replace(RULES, claims=names, role_names={"12345-经办": "handler", "组长": "supervisor"})
    claims = CLAIMS | {
        "email": "li@example",
        "realm_access": {"roles": ["12345-经办", "administrator", "offline_access"]},
        "org": {"units": "URBAN_MGMT POLICE"},
        "https://x.example/regions": ["500103"],
    }
    actor = caller(keys, signed(claims), rules).actor
    # "administrator" is no name of the issuer's, so it gives nothing.
    units = frozenset({"URBAN_MGMT", "POLICE"})
    assert actor == Actor("oidc:li@example", frozenset({"handler"}), units, frozenset({"500103"}))


def test_unknown_roles_give_nothing(keys: FileKeys) -> None:
    assert caller(keys, signed(CLAIMS | {"roles": ["boss"]})).actor.roles == set()


def test_before_the_keys_are_had_nobody_is_judged() -> None:
    class Empty:
        keys: Keys | None = None

        async def poll(self) -> None:
            """Never get any."""

    with pytest.raises(Problem) as caught:
        Tokens(RULES, Empty()).caller_of(signed().encode())
    assert (caught.value.status, caught.value.code) == (503, "not_ready")


def test_new_keys_are_taken_over_and_a_damaged_file_is_not(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(JWKS), "utf-8")
    keys = FileKeys(path)
    path.write_text("{", "utf-8")
    asyncio.run(keys.poll())
    assert "rsa" in keys.keys
    path.write_text(json.dumps({"keys": JWKS["keys"][3:4]}), "utf-8")
    asyncio.run(keys.poll())
    assert list(keys.keys) == ["ec"]
    assert refused(keys, signed())[0] == "token_invalid"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"keys": []}', json.dumps({"keys": JWKS["keys"][5:]})]
)
def test_a_file_without_a_usable_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(text, "utf-8")
    with pytest.raises(UnusableFile):
        FileKeys(path)


def test_keys_and_tokens_are_told_apart_by_their_beginning(keys: FileKeys) -> None:
    class NoKeys:
        def caller_of(self, secret: bytes) -> Caller:
            raise Problem("key_invalid", "没有")

    identity = Identity(NoKeys(), Tokens(RULES, keys))
    for secret, code in (("ctk_x", "key_invalid"), ("x", "token_invalid")):
        with pytest.raises(Problem) as caught:
            identity.caller([(b"authorization", f"Bearer {secret}".encode())], is_public=False)
        assert caught.value.code == code
