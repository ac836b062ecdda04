"""Signed tokens (JWT, RFC 7519; OpenID Connect): verified by PyJWT, then claims become rights.

Takes only the allow-listed asymmetric algorithms, bound to the key and not to the token's word.
What sign-in looks like and who the issuer is are not known here.

References
----------
RFC 8725 (JSON Web Token Best Current Practices): algorithm, issuer, audience, one key one use.
"""

from __future__ import annotations

from collections.abc import Mapping

import jwt

from serving.identity import CHALLENGE, Caller, actor_with
from serving.jwks import ALGORITHMS, SigningKeys
from serving.oidc import TokenRules
from serving.problems import Problem
from serving.regions import Spread, as_named
from serving.rights import ROLES, Rights, UnfitRights

SKEW_SECONDS = 60
REQUIRED = ("exp", "nbf", "iss", "aud")
MAX_TOKEN_BYTES = 16 * 1024
ID_PREFIX = "oidc:"
"""Before the subject in the ledger: no key can have such a name."""
MAX_ID = 128 - len(ID_PREFIX)


class Tokens:
    """Credentials from tokens of one issuer."""

    def __init__(self, rules: TokenRules, keys: SigningKeys, *, spread: Spread = as_named) -> None:
        self._rules = rules
        self._keys = keys
        self._spread = spread

    def caller_of(self, secret: bytes) -> Caller:
        """Return the bearer of a token.

        Raises
        ------
        Problem
            token_invalid, token_expired; not_ready before the issuer's keys have been had.
        """
        claims = self._verified(secret)
        names = self._rules.claims
        subject = _claim(claims, names.id)
        if not isinstance(subject, str) or not 0 < len(subject) <= MAX_ID:
            raise _invalid(f"声明 {names.id} 应为 1–{MAX_ID} 个字符")
        try:
            rights = Rights(
                roles=self._roles(_words(claims, names.roles)),
                units=_scope(claims, names.units),
                regions=_scope(claims, names.regions),
            )
        except UnfitRights as error:
            raise _invalid(error.message) from None
        return Caller(actor_with(ID_PREFIX + subject, rights, self._spread))

    def _verified(self, secret: bytes) -> Mapping[str, object]:
        key = self._key(secret)
        try:
            claims: dict[str, object] = jwt.decode(
                secret,
                key,
                algorithms=ALGORITHMS,
                issuer=self._rules.issuer,
                audience=self._rules.audience,
                leeway=SKEW_SECONDS,
                options={"require": list(REQUIRED), "enforce_minimum_key_length": True},
            )
        except jwt.ExpiredSignatureError:
            raise Problem(
                "token_expired", "登录令牌已过期；请重新登录", headers=CHALLENGE
            ) from None
        except jwt.MissingRequiredClaimError as error:
            raise _invalid(f"缺少声明 {error.claim}") from None
        except jwt.PyJWTError as error:
            raise _invalid(_REASONS.get(type(error), "签名或格式不对")) from None
        return claims

    def _key(self, secret: bytes) -> jwt.PyJWK:
        keys = self._keys.keys
        if keys is None:
            raise Problem(
                "not_ready",
                "还没有取到签发方的公钥；请稍后重试",
                headers=((b"retry-after", b"10"),),
            )
        if len(secret) > MAX_TOKEN_BYTES:
            raise _invalid("过长")
        try:
            header = jwt.get_unverified_header(secret)
        except (jwt.PyJWTError, ValueError, RecursionError):  # deep JSON is a stranger's
            raise _invalid("不是 JWT") from None
        if header.get("alg") not in ALGORITHMS:
            raise _invalid(f"算法应为 {'、'.join(ALGORITHMS)} 之一")
        kid = header.get("kid")
        key = keys.get(kid) if isinstance(kid, str) else next(iter(keys.values()), None)
        if key is None or (kid is None and len(keys) > 1):
            raise _invalid("签名所用的公钥（kid）不认识")
        return key

    def _roles(self, names: frozenset[str]) -> frozenset[str]:
        known = self._rules.role_names or dict.fromkeys(ROLES)
        return frozenset(known[name] or name for name in names if name in known)


_REASONS: Mapping[type[jwt.PyJWTError], str] = {
    jwt.InvalidAudienceError: "不是给本服务的（aud）",
    jwt.InvalidIssuerError: "签发方不对（iss）",
    jwt.ImmatureSignatureError: "还没有生效（nbf 或 iat）",
    jwt.InvalidAlgorithmError: "算法与公钥不符",
}


def _claim(claims: Mapping[str, object], name: str) -> object:
    """Return a claim; a name with dots steps into objects where no claim is called so."""
    if name in claims:
        return claims[name]
    value: object = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _words(claims: Mapping[str, object], name: str) -> frozenset[str]:
    """Return a claim that is a list of words, or words with blanks between; none where absent."""
    value = _claim(claims, name)
    if value is None:
        return frozenset()
    words = value.split() if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise _invalid(f"声明 {name} 应为字符串的列表")
    return frozenset(words)


def _scope(claims: Mapping[str, object], name: str) -> frozenset[str]:
    """Return units or regions; an empty list is refused, since none at all would mean all."""
    words = _words(claims, name)
    if not words and _claim(claims, name) is not None:
        raise _invalid(f"声明 {name} 是空的；不限范围请不要带这个声明")
    return words


def _invalid(reason: str) -> Problem:
    return Problem("token_invalid", f"登录令牌不能用：{reason}；请重新登录", headers=CHALLENGE)
