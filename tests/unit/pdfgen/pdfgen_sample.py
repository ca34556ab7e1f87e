"""A supply contract and an invoice of invented parties, long enough to try every block."""

from __future__ import annotations

from datetime import UTC, datetime

from pdfgen.document import (
    Attachment,
    Block,
    Clause,
    Document,
    FieldTable,
    GridTable,
    Heading,
    PageBreak,
    Paragraph,
    PartyBlock,
    PartySlot,
)
from pdfgen.invoice_face import InvoiceFace, InvoiceFaceLine

CREATED = datetime(2026, 11, 20, 7, 32, 5, tzinfo=UTC)

_CHAPTERS: tuple[tuple[str, tuple[tuple[str, str, bool], ...]], ...] = (
    (
        "第一章　供电方式与用电容量",
        (
            (
                "用电地址与用电性质",
                (
                    "用电人在明州市镇海示例产业园区纬三路18号（以下称“用电地址”）用电，行业分类为黑色金属铸造（C3391），"
                    "用电分类为大工业用电。用电人不得擅自改变用电性质；确需改变的，应当提前15日向供电人书面申请，"
                    "经供电人受理并办结变更手续后方可实施。"
                ),
                False,
            ),
            (
                "供电电源",
                (
                    "供电人以两路35kV电源向用电人供电：第一路为主供电源，由110kV骆驼示例变电站35kV出线“示例3601线”供电；"
                    "第二路为备用电源，由110kV庄市示例变电站35kV出线“示例3702线”供电。两路电源不得并列运行，"
                    "用电人应当装设机械与电气双重闭锁装置，并保证其可靠动作。\n"
                    "主供电源停电时，用电人经供电人调度许可后，可以切换至备用电源；切换时间一般不超过30分钟。"
                ),
                False,
            ),
            (
                "受电设备与合同容量",
                (
                    "用电人受电变压器共2台，容量为2×6300 kVA，合计12 600 kVA，即本合同约定的用电容量。"
                    "未经供电人同意，用电人不得私自增容；私自增容的，除拆除私增容设备外，还应当补交基本电费并承担违约责任。"
                ),
                False,
            ),
            (
                "自备应急电源",
                (
                    "用电人配置柴油发电机组1台（400 kW，0.4kV），仅供消防、应急照明和中频炉冷却水泵使用，"
                    "与电网之间设有可靠的防倒送电闭锁。因用电人自备电源误并网造成人身伤亡或者设备损坏的，由用电人承担全部责任。"
                ),
                True,
            ),
        ),
    ),
    (
        "第二章　供电质量与供电可靠性",
        (
            (
                "电压偏差与频率",
                (
                    "在电力系统正常运行的条件下，供电人在供用电设施产权分界点提供的电能，其频率偏差不超过±0.2Hz；"
                    "35kV供电电压正、负偏差绝对值之和不超过标称电压的10%（参见GB/T 12325—2008）。"
                ),
                False,
            ),
            (
                "谐波与电能质量",
                (
                    "用电人的非线性负荷（中频感应电炉2台，单台额定功率2500 kW）注入公共连接点的谐波电流，"
                    "不得超过GB/T 14549—1993规定的允许值；超过的，用电人应当在书面通知之日起90日内完成治理。"
                    "治理期间及逾期未治理的，供电人可以依法中止供电，并不承担由此产生的损失。"
                ),
                True,
            ),
            (
                "计划检修与停电通知",
                (
                    "供电人因计划检修需要停电的，应当提前7日通知用电人或者公告；因临时检修需要停电的，应当提前24小时通知重要用户；"
                    "因发电、供电系统发生故障需要停电或者限电的，按照事先经批准的有序用电方案执行。"
                    "停电原因消除后，供电人应当在3日内恢复供电；不能在3日内恢复的，应当向用电人说明原因。"
                ),
                False,
            ),
        ),
    ),
    (
        "第三章　电价、计量与电费结算",
        (
            (
                "电价执行",
                (
                    "用电人执行大工业两部制电价，基本电费按合同最大需量计收，合同最大需量核定值为9 800 kW，"
                    "不低于用电容量的40%。电度电价按照价格主管部门批准的分时电价政策执行；"
                    "合同有效期内遇电价调整的，自文件规定的执行日起按新的标准执行，双方不再另行签订补充协议。"
                ),
                False,
            ),
            (
                "功率因数调整电费",
                (
                    "用电人功率因数考核标准为0.90。月平均功率因数高于或者低于0.90的，供电人按照《功率因数调整电费办法》"
                    "减收或者增收相应电费（“力调电费”）。"
                ),
                False,
            ),
            (
                "电费违约金",
                (
                    "用电人应当于每月25日前结清当月电费。逾期未交的，自逾期之日起至交纳日止，当年欠费部分每日按欠费总额的2‰（千分之二）、"
                    "跨年度欠费部分每日按欠费总额的3‰（千分之三）支付电费违约金；电费违约金收取总额按日累加计收，总额不足1元者按1元收取。"
                ),
                True,
            ),
            (
                "欠费中止供电",
                (
                    "用电人自逾期之日起计算超过30日，经供电人书面催交仍未交付电费的，供电人可以按照国家规定的程序中止供电："
                    "（一）停电前三至七日内，将停电通知书送达用电人；（二）停电前30分钟，将停电时间再通知用电人一次，"
                    "方可在通知规定时间实施停电。用电人结清电费及违约金后，供电人应当在24小时内恢复供电。"
                ),
                True,
            ),
        ),
    ),
    (
        "第四章　电子签署、存证与争议解决",
        (
            (
                "电子签署的效力",
                (
                    "双方同意以电子方式订立本合同，并确认：以各自可靠的电子签名（包括经依法设立的电子认证服务机构认证的数字证书，"
                    "以及电子印章）签署的数据电文，与手写签名、盖章的书面文本具有同等法律效力。"
                    "本合同自双方法定代表人或者授权代表签名并加盖合同专用章之时成立。"
                ),
                False,
            ),
            (
                "存证方式",
                (
                    "本合同每一步有证据意义的行为（审定、发出、签名、盖章、履行变更）的文件指纹，由存证系统写入只增不改的日志，"
                    "其检查点锚定于由四方共同运行的许可链。任何一方可以凭证据包，在不依赖存证系统的情况下离线核验。"
                ),
                False,
            ),
            (
                "责任限制",
                (
                    "因不可抗力、用电人自身过错或者第三人责任造成停电的，供电人不承担赔偿责任；"
                    "供电人依约应当承担责任的，赔偿额以用电人在停电时间内可能用电量的电度电费的五倍（单一制电价为四倍）为限。"
                ),
                True,
            ),
            (
                "争议解决",
                (
                    "双方在履行中发生争议，应当协商解决；协商不成的，可以提请电力管理部门调解，或者拨打12398能源监管热线投诉；"
                    "也可以依法向用电地址所在地有管辖权的人民法院提起诉讼。诉讼期间，不影响本合同其他条款的继续履行。"
                ),
                False,
            ),
        ),
    ),
)


def sample_contract(chapters: int = 8, mark: str = "TEST 样张") -> Document:
    """A contract of ``chapters`` chapters, the four texts above in turn."""
    blocks: list[Block] = [
        Heading(level=1, text="高压供用电合同"),
        Paragraph(
            text="为了明确供电人和用电人在电力供应与使用中的权利和义务，安全、经济、合理、有序地供电和用电，"
            "根据《中华人民共和国民法典》《中华人民共和国电力法》《电力供应与使用条例》和《供电营业规则》等有关规定，"
            "经双方协商一致，订立本合同，共同信守，严格履行。"
        ),
        FieldTable(title="用电人基本情况", rows=_FACTS),
        GridTable(
            title="受电变压器",
            header=("序号", "型号", "容量（kVA）", "电压等级", "用途", "投运日期"),
            rows=tuple(
                (str(n), "SZ20-6300/35", "6 300", "35/10.5 kV", "生产用电", "2026-12-01") for n in range(1, 3)
            ),
            widths=(0.6, 1.5, 1, 1.2, 1.2, 1.2),
        ),
    ]
    number = 1
    for chapter in range(chapters):
        title, clauses = _CHAPTERS[chapter % len(_CHAPTERS)]
        blocks.append(Heading(level=1, text=title))
        for name, text, conspicuous in clauses:
            blocks.append(
                Clause(number=f"第{_han(number)}条", title=name, text=text, conspicuous=conspicuous)
            )
            number += 1
        if chapter == 1:
            blocks.append(_metering_table())
    blocks += [
        Heading(level=2, text="其他约定"),
        Clause(number="12.3", title="送达", text="双方确认的电子送达地址为本合同首部所列地址。"),
        Clause(number="12.4", title="", text="本合同一式两份，电子文本以文件指纹一致者为准。"),
        Paragraph(text="注：本文为样张，所载单位、人员、编号均为虚构，不产生任何权利义务。", note=True),
        PageBreak(),
        Heading(level=1, text="签署页"),
        Paragraph(text="以下无正文，为《高压供用电合同》签署页。"),
        party_block("供电人（甲方）", "浙东电网有限公司明州供电公司（示例）", "Supplier"),
        party_block("用电人（乙方）", "明州示例精密铸造有限公司", "Consumer"),
    ]
    return Document(
        title="高压供用电合同",
        number="MZGD-YX-GY-2026-000123",
        qr_text="https://example.invalid/q/MZGD-YX-GY-2026-000123-7f3a92c1",
        subtitle="供电人：浙东电网有限公司明州供电公司（示例）\n用电人：明州示例精密铸造有限公司",
        cover=(
            ("供电人", "浙东电网有限公司明州供电公司（示例）"),
            ("用电人", "明州示例精密铸造有限公司"),
            ("签订地点", "浙江省明州市"),
            ("模板版本", "HV_SUPPLY 2026.1"),
            ("有效期限", "自双方签署之日起三年"),
            ("备注", ""),
        ),
        footnote="不早于区块 0x7f3a92c17f3a92c17f3a92c17f3a92c17f3a92c17f3a92c17f3a92c17f3a92c1",
        mark=mark,
        created_utc=CREATED,
        blocks=tuple(blocks),
        attachments=(
            Attachment(
                name="terms.json",
                media_type="application/json",
                relationship="Source",
                description="合同条款数据",
                content=b'{"schema":1}',
            ),
        ),
    )


def party_block(role: str, name: str, prefix: str) -> PartyBlock:
    """A party with a hand and a seal."""
    return PartyBlock(
        role=role,
        facts=(
            ("名称", name),
            ("统一社会信用代码", "91330200MA0000000X"),
            ("住所", "浙江省明州市镇海区示例产业园区纬三路18号示例大厦A座1201室"),
            ("法定代表人", "王小明"),
            ("联系电话", ""),
            ("开户银行及账号", "示例银行明州分行 3300 0000 0000 0000 000"),
        ),
        slots=(
            PartySlot(name=f"{prefix}Person", kind="person", label="法定代表人或授权代表（签字）"),
            PartySlot(name=f"{prefix}Seal", kind="seal", label="（合同专用章）"),
        ),
    )


def sample_invoice(mark: str = "SPECIMEN 样张") -> InvoiceFace:
    """One line as on a real power bill, invented parties."""
    return InvoiceFace(
        title="电子发票（增值税专用发票）",
        number="99002026112000000017",
        issue_date="2026年11月20日",
        buyer_name="明州示例精密铸造有限公司",
        buyer_tax_id="91330200MA0000000X",
        seller_name="浙东电网有限公司明州供电公司（示例）",
        seller_tax_id="91330200MA0000001Y",
        lines=(
            InvoiceFaceLine(
                name="*供电*售电（大工业用电，含基本电费、力调电费）",
                spec="35kV",
                unit="千瓦时",
                quantity="81705",
                price="0.6139336638",
                amount="50161.45",
                rate="13%",
                tax="6520.99",
            ),
        ),
        total_amount="50161.45",
        total_tax="6520.99",
        total_with_tax="56682.44",
        capitals="伍万陆仟陆佰捌拾贰圆肆角肆分",
        remark=(
            "合同编号：MZGD-YX-GY-2026-000123；户号：3300000012345；账期：2026年10月",
            "样张，不得作为记账凭证",
        ),
        drawer="李开票",
        qr_text="01,31,,99002026112000000017,56682.44,20261120,,0000",
        mark=mark,
        created_utc=CREATED,
        attachments=(
            Attachment(
                name="invoice.xml",
                media_type="application/xml",
                relationship="Source",
                description="数电票原件",
                content=b"<EInvoice/>",
            ),
        ),
        metadata={"InvoiceNumber": "99002026112000000017", "TotalTaxAm": "6520.99"},
    )


_FACTS = (
    ("户号", "3300000012345"),
    ("户名", "明州示例精密铸造有限公司"),
    ("用电地址", "浙江省明州市镇海区示例产业园区纬三路18号"),
    ("统一社会信用代码", "91330200MA0000000X"),
    ("供电电压", "交流35kV"),
    ("用电容量", "12 600 kVA"),
    ("电源性质", "双电源"),
    ("重要性等级", "二级重要用户"),
    ("电价类别", "大工业两部制"),
    ("供电质量特殊要求", ""),
    (
        "产权分界点",
        "示例3601线28号杆（终端塔）跳线引下搭接点，以及示例3702线15号杆跳线引下搭接点；搭接点电源侧属供电人，负荷侧属用电人。",
    ),
    ("合同文件指纹", "7f3a92c17f3a92c17f3a92c17f3a92c17f3a92c17f3a92c17f3a92c17f3a92c1"),
)


def _metering_table() -> GridTable:
    rows = tuple(
        (
            f"{n:02d}",
            "35kV进线柜" if n % 2 else "10kV出线柜",
            "高供高计",
            "35000/100",
            "150/5",
            "10 500",
            "0.2S",
            "用于基本电费和电度电费计算；计量装置由供电人安装并加封" if n % 3 == 0 else "主计量",
        )
        for n in range(1, 31)
    )
    return GridTable(
        title="计量点一览",
        header=("编号", "安装位置", "计量方式", "电压互感器变比", "电流互感器变比", "倍率", "准确度", "说明"),
        rows=rows,
        widths=(0.6, 1.2, 1.1, 1.2, 1.1, 0.9, 0.8, 2),
    )


def _han(number: int) -> str:
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    if not tens:
        return digits[ones]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
