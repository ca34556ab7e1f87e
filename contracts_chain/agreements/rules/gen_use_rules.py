"""Rules of the photovoltaic generation-use contract (reference §5.4).

Its fields are known from one county's practice and general knowledge: the pack marks
these rules 待核实. No rule asks for a paper that the province's profile does not list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.identity_codes import IdentityCodeError, normalised_cust_no
from contracts_chain.agreements.rules.finding import Violation
from contracts_chain.agreements.rules.ground import Ground, Violations
from contracts_chain.agreements.rules.reference_rules import list_reference_violations
from contracts_chain.agreements.rules.supply_technical import multipliers_are_products
from contracts_chain.agreements.terms.codes import IdType
from contracts_chain.agreements.terms.gen_use import FeedInMode, GenUseTerms, InvoiceBy
from contracts_chain.agreements.typed_json import decimal_text

__all__ = ["GEN_USE_CHECKS"]

_NOTHING: Final = frozenset({"无", "/"})


def papers_are_there(terms: GenUseTerms, _ground: Ground) -> Violations:
    """G-PRE-1: application, grid opinion, filing and acceptance before signing."""
    papers = (
        ("application", terms.application, "并网申请"),
        ("grid_opinion", terms.grid_opinion, "接入电网意见函"),
        ("filing", terms.filing, "项目备案"),
        ("acceptance", terms.acceptance, "并网验收意见单"),
    )
    for path, paper, zh in papers:
        if paper is None:
            yield Violation(path=path, en="attach this paper before signing", zh=f"签订前须具备{zh}")
        elif paper.dated > terms.sign_by:
            yield Violation(
                path=f"{path}.dated",
                en=f"dated {paper.dated}, after the last day for signing {terms.sign_by}",
                zh=f"{zh}日期 {paper.dated} 晚于签署截止日 {terms.sign_by}",
            )


def local_papers_are_configured(terms: GenUseTerms, ground: Ground) -> Violations:
    """G-DOC-1: no paper beyond the province's list, which is empty unless configured (C10)."""
    if len(terms.local_files) > len(ground.profile.gen_use_documents):
        yield Violation(
            path="local_files",
            en="the province's profile asks for no such papers; do not ask for them",
            zh="本省参数未配置地方另行要求的材料，不得要求项目业主提供",
        )


def accounts_are_linked(terms: GenUseTerms, ground: Ground) -> Violations:
    """G-ACC-1: a generation account, and the consumption account that uses the energy first."""
    try:
        normalised_cust_no(terms.gen_account_no, ground.profile.cust_no_prefix)
    except IdentityCodeError as problem:
        yield Violation(path="gen_account_no", en=problem.en, zh=problem.zh)
    if terms.cust_no == terms.gen_account_no:
        yield Violation(
            path="gen_account_no",
            en="generation and consumption have accounts of their own",
            zh="发电户号与用电户号不能相同",
        )
    if terms.mode is not FeedInMode.SELF_USE_SURPLUS:
        return
    if terms.cust_no is None:
        yield Violation(
            path="cust_no",
            en="energy used on the spot needs the linked consumption account",
            zh="自发自用的，须填写关联用电户号",
        )
    yield from list_reference_violations("related_contract_nos", terms.related_contract_nos)


def plant_adds_up(terms: GenUseTerms, _ground: Ground) -> Violations:
    """G-CAP-1: inverters are listed and together no stronger than the modules, both above zero."""
    total = sum((one.power_kw * one.quantity for one in terms.inverters), Decimal(0))
    found, most = decimal_text(total), decimal_text(terms.capacity_kwp)
    if not terms.inverters:
        yield Violation(path="inverters", en="list the inverters", zh="请填写逆变器")
    elif total > terms.capacity_kwp:
        yield Violation(
            path="inverters",
            en=f"inverters sum to {found} kW, modules to {most} kWp",
            zh=f"逆变器合计 {found} kW，超过装机容量 {most} kWp，请核对",
        )


def points_are_listed(terms: GenUseTerms, ground: Ground) -> Violations:
    """G-POC-1: at least one point, at a supply voltage, with a lockable break."""
    if not terms.points:
        yield Violation(path="points", en="list at least one point", zh="至少填写一个并网点")
    for index, point in enumerate(terms.points):
        if point.voltage_kv not in ground.figures.voltages_kv:
            shown = decimal_text(point.voltage_kv)
            yield Violation(
                path=f"points[{index}].voltage_kv",
                en=f"{shown} kV is no supply voltage",
                zh=f"并网电压 {shown} kV 不在标准电压之内",
            )
        if point.break_device in _NOTHING:
            yield Violation(
                path=f"points[{index}].break_device",
                en="name the lockable switch with a visible gap",
                zh=f"并网点 {point.no} 须写明可闭锁、具有明显断开点的开断设备",
            )


def meters_fit_the_mode(terms: GenUseTerms, _ground: Ground) -> Violations:
    """G-MET-1: meters are listed; surplus needs one that counts both ways."""
    if not terms.meters:
        yield Violation(path="meters", en="list at least one meter", zh="至少填写一个计量点")
    if terms.mode is FeedInMode.SELF_USE_SURPLUS and not terms.two_way_meter:
        yield Violation(
            path="two_way_meter",
            en="surplus is fed in through a meter that counts both ways",
            zh="余电上网的，须装设双向计量的电能表",
        )


def islanding_is_prevented(terms: GenUseTerms, _ground: Ground) -> Violations:
    """G-ISL-1: the plant parts from a dead grid by itself, and the text says by what."""
    if not terms.anti_islanding:
        yield Violation(
            path="anti_islanding", en="the plant must prevent islanding", zh="项目须具备防孤岛保护"
        )
    if terms.anti_islanding_device in _NOTHING:
        yield Violation(path="anti_islanding_device", en="say by what device", zh="请写明防孤岛保护的配置")


def energy_is_paid_for(terms: GenUseTerms, ground: Ground) -> Violations:
    """G-PAY-1: a price basis, an account to pay to, a late fee that is no less than the customer's least."""
    if terms.price_basis in _NOTHING:
        yield Violation(path="price_basis", en="name the basis of the price", zh="请填写上网电价的执行依据")
    for name, zh in (("bank_name", "开户银行"), ("bank_acct", "账号"), ("acct_name", "户名")):
        if getattr(terms.owner, name) is None:
            yield Violation(
                path=f"owner.{name}",
                en="energy fed in is paid to an account of the owner",
                zh=f"上网电费支付至项目业主账户，请填写{zh}",
            )
    least = ground.figures.late_fee_min_permille
    if terms.late_pay_permille_per_day < least:
        found = decimal_text(terms.late_pay_permille_per_day)
        yield Violation(
            path="late_pay_permille_per_day",
            en=f"{found} permille a day, less than the {least} a customer pays at least",
            zh=f"供电人逾期付款违约金每日 {found}‰，低于用户逾期违约金的下限 {least}‰，有失公平",
        )


def invoices_have_their_issuer(terms: GenUseTerms, _ground: Ground) -> Violations:
    """G-INV-1: for a natural person the grid firm makes out the invoice; organisations do it themselves."""
    is_person = terms.owner.id_type is not IdType.USCC
    due = InvoiceBy.GRID_REVERSE if is_person else InvoiceBy.OWNER
    if terms.invoice_by is not due:
        who = "自然人" if is_person else "单位"
        yield Violation(
            path="invoice_by",
            en=f"the owner is {'a natural person' if is_person else 'an organisation'}: {due.value}",
            zh=f"项目业主为{who}，上网电费发票应{due.zh}",
        )


def roof_user_is_a_party(terms: GenUseTerms, _ground: Ground) -> Violations:
    """G-ROOF-1: whoever uses electricity under the roof signs too, unless that is the owner."""
    if terms.roof_is_owners and terms.roof_user is not None:
        yield Violation(
            path="roof_user",
            en="the roof is the owner's: no third party",
            zh="屋顶及用电户归项目业主的，不列场所用电人",
        )
    if not terms.roof_is_owners and terms.roof_user is None:
        yield Violation(
            path="roof_user",
            en="the roof is another's: that party signs too",
            zh="屋顶或者用电户不归项目业主的，场所用电人应作为第三方签订",
        )


def feed_in_follows_signing(terms: GenUseTerms, _ground: Ground) -> Violations:
    """G-SYNC-1: signed before the plant is connected (电网调度管理条例 art. 26)."""
    signed = terms.signed_on or terms.sign_by
    if terms.first_sync_date < signed:
        yield Violation(
            path="first_sync_date",
            en=f"first connection {terms.first_sync_date}, signing may last until {signed}",
            zh=f"首次并网日 {terms.first_sync_date} 早于签订（截止）日 {signed}，应先签合同后并网",
        )


GEN_USE_CHECKS: Final[Mapping[str, Callable[[GenUseTerms, Ground], Violations]]] = MappingProxyType(
    {
        "G-PRE-1": papers_are_there,
        "G-DOC-1": local_papers_are_configured,
        "G-ACC-1": accounts_are_linked,
        "G-CAP-1": plant_adds_up,
        "G-POC-1": points_are_listed,
        "G-MET-1": meters_fit_the_mode,
        "R-MET-3": multipliers_are_products,
        "G-ISL-1": islanding_is_prevented,
        "G-PAY-1": energy_is_paid_for,
        "G-INV-1": invoices_have_their_issuer,
        "G-ROOF-1": roof_user_is_a_party,
        "G-SYNC-1": feed_in_follows_signing,
    }
)
