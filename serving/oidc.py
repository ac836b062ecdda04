"""What tokens are taken: from which issuer, for whom, and which claims give which rights.

The names of claims and of the issuer's roles come from one TOML file, so that a city's sign-in
service need not be changed. Nothing is verified here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from serving.address import is_loopback
from serving.rights import ROLES
from triage.errors import TriageError, UnusableFile

_CLAIMS = ("id", "roles", "units", "regions")


class OidcRefusal(TriageError):
    """Settings of tokens that cannot be served with."""

    code = "oidc_refused"


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """Where the rights stand in a token; a dot steps into an object: `realm_access.roles`."""

    id: str = "sub"
    roles: str = "roles"
    units: str = "units"
    regions: str = "regions"


@dataclass(frozen=True, slots=True)
class TokenRules:
    """One issuer. `keys` is a file (JWKS), or an address where one was given.

    `role_names` maps the issuer's roles to ours; empty where it uses ours. Roles that it does not
    know give nothing.
    """

    issuer: str
    audience: str
    keys: str
    claims: ClaimNames = field(default_factory=ClaimNames)
    role_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_remote(self) -> bool:
        """Whether the keys are asked for over the network."""
        return "://" in self.keys

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> TokenRules:
        """Return the rules of `dataclasses.asdict`."""
        claims = values["claims"]
        assert isinstance(claims, dict)
        return cls(**{**values, "claims": ClaimNames(**claims)})  # type: ignore[arg-type]  # its own dump


def token_rules(issuer: str, audience: str, keys: str, names: Path | None = None) -> TokenRules:
    """Return checked rules.

    Parameters
    ----------
    keys
        A JWKS file, or an https address.
    names
        A TOML file with the tables `claims` and `roles`; None for our own names.

    Raises
    ------
    OidcRefusal
        Something is missing, or the address is not https.
    UnusableFile
        The TOML file is not one, or names what is not known.
    """
    for option, value in (("issuer", issuer), ("audience", audience), ("keys", keys)):
        if not value:
            raise OidcRefusal(f"--auth oidc 需要 --oidc-{option}")
    if "://" in keys:
        address = urlsplit(keys)
        local = is_loopback(address.hostname or "")
        if address.scheme != "https" and not (address.scheme == "http" and local):
            raise OidcRefusal(f"--oidc-keys 的地址 {keys} 应以 https:// 开头；或给出 JWKS 文件")
    claims, roles = _names(names) if names else (ClaimNames(), {})
    return TokenRules(issuer, audience, keys, claims, roles)


def _names(path: Path) -> tuple[ClaimNames, Mapping[str, str]]:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UnusableFile(f"无法读取 {path}（{error.strerror}）；请检查 --oidc-names") from error
    except ValueError as error:
        raise UnusableFile(f"{path} 不是 UTF-8 的 TOML 文件：{error}") from error
    claims, roles = (_words(path, document.pop(name, {}), name) for name in ("claims", "roles"))
    wrong = [*document, *(claims.keys() - set(_CLAIMS)), *(set(roles.values()) - ROLES.keys())]
    if wrong:
        raise UnusableFile(
            f"{path} 中的 {wrong[0]!r} 不认识；可用：[claims] 的 {'、'.join(_CLAIMS)}，"
            f"[roles] 的值 {'、'.join(ROLES)}"
        )
    return ClaimNames(**claims), roles


def _words(path: Path, table: object, name: str) -> dict[str, str]:
    if not isinstance(table, dict):
        raise UnusableFile(f"{path} 的 {name} 应为一节 [{name}]")
    for key, value in table.items():
        if not isinstance(value, str):
            raise UnusableFile(f"{path} 的 [{name}] {key} 应为字符串，收到 {value!r}")
    return table
