"""Code lists of the terms (reference §3.3–3.5, §4.4): stable code, Chinese word.

Where a province or a later reform may widen a list (tariff codes, industry classes),
the field is text and the rule pack judges it; only closed lists are enums.
"""

from __future__ import annotations

from enum import Enum
from typing import Self

__all__ = [
    "AgreementKind",
    "BackupTransfer",
    "BasicFeeChangeKind",
    "BasicFeeMode",
    "Channel",
    "Coded",
    "DemarcationOwner",
    "DispatchLevel",
    "DisputeForum",
    "DutySide",
    "ElecCategory",
    "EntryKind",
    "IdType",
    "ImportanceLevel",
    "InvoiceKind",
    "JurisdictionMode",
    "LineKind",
    "LoadClass",
    "LoadTrait",
    "LossMode",
    "MarketAttr",
    "MeterMode",
    "PaymentMode",
    "PfStandard",
    "RelayCalculator",
    "Renewal",
    "SettleCycle",
    "Shifts",
    "SourceCount",
    "SourceRole",
    "StationType",
    "TariffSystem",
    "TransformerState",
]


class Coded(Enum):
    """A code for machines with its Chinese word; the value is the code."""

    _value_: str
    zh: str

    def __new__(cls, code: str, zh: str) -> Self:
        """Take the code as value, keep the word beside it."""
        member = object.__new__(cls)
        member._value_ = code
        member.zh = zh
        return member


class AgreementKind(Coded):
    """Contract classes this service drafts (reference §3.1)."""

    HV_SUPPLY = ("HV_SUPPLY", "高压供用电合同")
    LV_NONRES_SUPPLY = ("LV_NONRES_SUPPLY", "低压非居民供用电合同")
    LV_RES_SUPPLY = ("LV_RES_SUPPLY", "居民供用电合同")
    TEMP_SUPPLY = ("TEMP_SUPPLY", "临时供用电合同")
    WHOLESALE_SUPPLY = ("WHOLESALE_SUPPLY", "趸购电合同")
    ENTRUSTED_RELAY_SUPPLY = ("ENTRUSTED_RELAY_SUPPLY", "委托转供电协议")
    MARKET_RETAIL_SUPPLY = ("MARKET_RETAIL_SUPPLY", "市场化零售供用电合同")
    FEE_SETTLEMENT = ("FEE_SETTLEMENT", "电费结算协议")
    GEN_USE = ("GEN_USE", "分布式光伏发用电合同")
    GROUP_FRAMEWORK = ("GROUP_FRAMEWORK", "集团户供用电框架协议")
    GRID_DISPATCH = ("GRID_DISPATCH", "并网调度协议")
    SERVICE_COMPACT = ("SERVICE_COMPACT", "服务契约")
    SUPPLEMENT = ("SUPPLEMENT", "补充协议")
    TERMINATION = ("TERMINATION", "合同终止协议")


class IdType(Coded):
    """Kind of identity document."""

    USCC = ("USCC", "统一社会信用代码")
    RESIDENT_ID = ("RESIDENT_ID", "居民身份证")
    OTHER = ("OTHER", "其他证件")


class Channel(Coded):
    """Where the application came in (reference I2, I3, I12)."""

    WSGW_APP = ("WSGW_APP", "网上国网")
    ZLB = ("ZLB", "浙里办")
    WECHAT_OA = ("WECHAT_OA", "微信公众号")
    BUSINESS_HALL = ("BUSINESS_HALL", "营业厅")
    GOV_PORTAL = ("GOV_PORTAL", "政务服务网")
    MOBILE_TERMINAL = ("MOBILE_TERMINAL", "移动作业终端")


class ElecCategory(Coded):
    """用电类别 (SG186 codes, reference §3.5)."""

    LARGE_INDUSTRY = ("100", "大工业用电")
    FERTILISER = ("101", "大工业中小化肥")
    LARGE_INDUSTRY_PREFERENTIAL = ("102", "大工业其它优待")
    RESIDENT = ("200", "居民生活")
    RURAL_RESIDENT = ("201", "乡村居民")
    URBAN_RESIDENT = ("202", "城镇居民")
    SCHOOL = ("203", "中小学教学")
    AGRICULTURE = ("300", "农业生产")
    IRRIGATION = ("301", "农业排灌")
    GENERAL_BUSINESS = ("400", "一般工商业")
    NON_RESIDENT_LIGHTING = ("401", "非居民照明")
    NON_INDUSTRIAL = ("402", "非工业")
    ORDINARY_INDUSTRY = ("403", "普通工业")
    ORDINARY_FERTILISER = ("404", "普通工业中小化肥")
    COMMERCE = ("405", "商业")
    WHOLESALE = ("500", "趸售")


class LoadClass(Coded):
    """负荷性质."""

    I = ("I", "一类")  # noqa: E741  # the trade's own numeral
    II = ("II", "二类")
    III = ("III", "三类")


class ImportanceLevel(Coded):
    """重要性等级."""

    SPECIAL = ("SPECIAL", "特级重要电力用户")
    L1 = ("L1", "一级重要电力用户")
    L2 = ("L2", "二级重要电力用户")
    NORMAL = ("NORMAL", "普通电力用户")


class LoadTrait(Coded):
    """负荷特性."""

    IMPACT = ("IMPACT", "冲击负荷")
    HARMONIC = ("HARMONIC", "谐波负荷")
    ASYMMETRIC = ("ASYMMETRIC", "非对称负荷")


class Shifts(Coded):
    """生产班次."""

    ONE = ("ONE", "一班制")
    TWO = ("TWO", "二班制")
    THREE = ("THREE", "三班制")
    CONTINUOUS = ("CONTINUOUS", "连续生产")


class TransformerState(Coded):
    """运行状态 of a receiving transformer."""

    RUN = ("RUN", "运行")
    HOT_STANDBY = ("HOT_STANDBY", "热备用")
    COLD_STANDBY = ("COLD_STANDBY", "冷备用")
    STOPPED = ("STOPPED", "停用")


class SourceCount(Coded):
    """电源数目."""

    SINGLE = ("SINGLE", "单电源")
    DUAL = ("DUAL", "双电源")
    MULTI = ("MULTI", "多电源")
    DUAL_DUAL = ("DUAL_DUAL", "双回路双电源")


class SourceRole(Coded):
    """电源性质."""

    MAIN = ("MAIN", "主供")
    STANDBY = ("STANDBY", "备用")
    SECURITY = ("SECURITY", "保安")


class LineKind(Coded):
    """线路性质."""

    DEDICATED = ("DEDICATED", "专线")
    PUBLIC = ("PUBLIC", "公用线路")


class EntryKind(Coded):
    """进线方式."""

    OVERHEAD = ("OVERHEAD", "架空")
    CABLE = ("CABLE", "电缆")
    MIXED = ("MIXED", "架空与电缆混合")


class DemarcationOwner(Coded):
    """Which side owns the demarcation point itself."""

    SUPPLIER = ("SUPPLIER", "供电人")
    CONSUMER = ("CONSUMER", "用电人")


class MeterMode(Coded):
    """计量方式."""

    HV_HV = ("HV_HV", "高供高计")
    HV_LV = ("HV_LV", "高供低计")
    LV_LV = ("LV_LV", "低供低计")


class LossMode(Coded):
    """Whether transformer loss is added to the metered energy (R-MET-2)."""

    CHARGED = ("CHARGED", "计收变压器损耗")
    NOT_CHARGED = ("NOT_CHARGED", "不计收变压器损耗")


class TariffSystem(Coded):
    """电价制式."""

    SINGLE_PART = ("SINGLE_PART", "单一制")
    TWO_PART = ("TWO_PART", "两部制")


class BasicFeeMode(Coded):
    """基本电费计收方式."""

    BY_CAPACITY = ("BY_CAPACITY", "按变压器容量")
    BY_CONTRACT_DEMAND = ("BY_CONTRACT_DEMAND", "按合同最大需量")
    BY_ACTUAL_DEMAND = ("BY_ACTUAL_DEMAND", "按实际最大需量")


class BasicFeeChangeKind(Coded):
    """What a basic-fee application changes (R-DEM-4)."""

    MODE = ("MODE", "变更基本电费计收方式")
    DEMAND = ("DEMAND", "变更合同最大需量核定值")


class PfStandard(Coded):
    """功率因数考核标准."""

    P90 = ("0.90", "0.90")
    P85 = ("0.85", "0.85")
    P80 = ("0.80", "0.80")
    NONE = ("NONE", "不考核")


class MarketAttr(Coded):
    """市场化属性."""

    NON_MARKET = ("NON_MARKET", "非市场化")
    AGENT_PURCHASE = ("AGENT_PURCHASE", "电网企业代理购电")
    RETAIL = ("RETAIL", "售电公司零售")
    WHOLESALE = ("WHOLESALE", "批发市场直接交易")


class SettleCycle(Coded):
    """结算周期."""

    MONTHLY = ("MONTHLY", "按月")
    BIMONTHLY = ("BIMONTHLY", "按双月")


class PaymentMode(Coded):
    """付费方式."""

    POSTPAID = ("POSTPAID", "后付费")
    PREPAID = ("PREPAID", "预付费")
    INSTALMENTS = ("INSTALMENTS", "分次结算")
    LOAD_CONTROL = ("LOAD_CONTROL", "费控")


class InvoiceKind(Coded):
    """票种."""

    SPECIAL = ("SPECIAL", "增值税专用发票")
    ORDINARY = ("ORDINARY", "增值税普通发票")


class BackupTransfer(Coded):
    """投切方式 of a backup source."""

    MANUAL = ("MANUAL", "手动切换")
    AUTOMATIC = ("AUTOMATIC", "自动切换")


class Renewal(Coded):
    """续期方式."""

    NO_OBJECTION = ("NO_OBJECTION", "期满前任何一方均未提出异议的，按原条件续期一次")
    NEW_CONTRACT = ("NEW_CONTRACT", "期满另行签订")


class DisputeForum(Coded):
    """争议解决: exactly one of the two."""

    LITIGATE = ("LITIGATE", "诉讼")
    ARBITRATE = ("ARBITRATE", "仲裁")


class DispatchLevel(Coded):
    """调度级别 (电网调度管理条例 art. 10)."""

    NATIONAL = ("NATIONAL", "国家调度机构")
    REGIONAL = ("REGIONAL", "跨省、自治区、直辖市调度机构")
    PROVINCIAL = ("PROVINCIAL", "省级调度机构")
    PREFECTURE = ("PREFECTURE", "省辖市级调度机构")
    COUNTY = ("COUNTY", "县级调度机构")


class StationType(Coded):
    """电源类型; selects the template (reference §4.4 ``gen_type``)."""

    CUSTOMER_SUBSTATION = ("CUSTOMER_SUBSTATION", "用户变电站")
    THERMAL = ("THERMAL", "火电厂")
    HYDRO = ("HYDRO", "水电站")
    GAS = ("GAS", "燃机电厂")
    NUCLEAR = ("NUCLEAR", "核电站")
    WIND = ("WIND", "风电场")
    PV = ("PV", "光伏电站")
    CSP = ("CSP", "光热电站")
    STORAGE = ("STORAGE", "电化学储能电站")


class JurisdictionMode(Coded):
    """调度管辖方式."""

    DIRECT = ("DIRECT", "直接调度")
    PERMISSION = ("PERMISSION", "调度许可")
    OWN = ("OWN", "运行单位自行管理")


class RelayCalculator(Coded):
    """Who calculates the grid-interface relay settings (reference C17)."""

    DISPATCH_CENTRE = ("DISPATCH_CENTRE", "电力调度机构")
    DESIGNER = ("DESIGNER", "用户委托的设计单位")
    STATION = ("STATION", "电站运行单位")


class DutySide(Coded):
    """Which side a duty person belongs to."""

    GRID = ("GRID", "电网")
    CUSTOMER = ("CUSTOMER", "用户")
    STATION = ("STATION", "电站")
