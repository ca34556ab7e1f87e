"""Commands about keys and seals, and whom the activation process believes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

__all__ = ["add_key_commands"]


def add_key_commands(app: typer.Typer) -> None:
    """Add ``rotate-kek``, ``activation-set``, ``hall-key``, ``hall-sign`` and ``seal``."""
    app.command("rotate-kek")(_rotate_kek)
    app.command("activation-set")(_activation_set)
    app.command("hall-key")(_hall_key)
    app.command("hall-sign")(_hall_sign)
    app.command("seal")(_seal)


def _rotate_kek(
    directory: Annotated[Path, typer.Option(help="everything sealed below it / 密钥目录")],
    old: Annotated[str, typer.Option(help="file:PATH, env:NAME or pkcs11:URI / 原密钥")],
    new: Annotated[str, typer.Option(help="the same of the new key / 新密钥")],
) -> None:
    """更换密钥加密密钥。 Seal a directory's keys under another key-encryption key."""
    from api.kek_command import rotate_kek

    raise typer.Exit(rotate_kek(directory, old, new))


def _activation_set(
    name: Annotated[str, typer.Argument(help="member of activation.json, or MEMBER.KEY / 配置项")],
    value: Annotated[Optional[str], typer.Argument(help="text, or JSON where no text stands / 值")] = None,  # noqa: UP045 - typer reads it
    remove: Annotated[bool, typer.Option("--remove", help="take MEMBER.KEY away / 删除该项")] = False,
    directory: Annotated[Optional[Path], typer.Option(help="its directory / 签署激活服务的目录")] = None,  # noqa: UP045 - typer reads it
) -> None:
    """更改签署激活服务的一项配置。 Change one setting of the stopped activation process, as its owner."""
    from api.activation_configure import configure_activation
    from api.house_signing import activation_directory
    from api.settings import Settings

    if (value is None) is not remove:
        raise typer.BadParameter("VALUE or --remove is due / 请给出值，或使用 --remove")
    place = activation_directory(Settings()) if directory is None else directory
    raise typer.Exit(configure_activation(place, name, value))


def _hall_key(file: Annotated[Path, typer.Argument(help="where the private key goes / 私钥文件")]) -> None:
    """生成营业厅核验员密钥，输出公钥。 A hall clerk's key; prints the public half for the configuration."""
    from api.hall_key import make_hall_key

    typer.echo(make_hall_key(file))


def _hall_sign(
    claims: Annotated[Path, typer.Argument(help="claims shown by the review page / 核验页给出的声明文件")],
    key: Annotated[Path, typer.Option(help="the clerk's key file / 核验员私钥文件")],
    clerk: Annotated[str, typer.Option(help="the clerk's name in the configuration / 核验员名称")],
) -> None:
    """核验员签署身份核验声明。 Sign the claims of an identity review; prints the line to paste."""
    from api.hall_key import sign_claims_file

    typer.echo(sign_claims_file(claims, key, clerk))


def _seal(
    file: Annotated[Path, typer.Argument(help="SESeal or SES_Signature, DER / 电子印章或签章文件")],
    trust: Annotated[Optional[Path], typer.Option(help="trust bundle directory / 信任包目录")] = None,  # noqa: UP045 - typer reads it
    content: Annotated[Optional[Path], typer.Option(help="what was sealed / 被签章的原文")] = None,  # noqa: UP045 - typer reads it
    crl: Annotated[Optional[list[Path]], typer.Option(help="revocation list, DER / 吊销列表")] = None,  # noqa: UP045 - typer reads it
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable / 输出 JSON")] = False,
) -> None:
    """核验国标电子印章或签章。 Verify an e-seal or seal signature (GB/T 38540): exit 0, 10, 20, 30."""
    from api.seal_command import seal_file

    raise typer.Exit(seal_file(file, trust, content, tuple(crl or ()), as_json=as_json))
