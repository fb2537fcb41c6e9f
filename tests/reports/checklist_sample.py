"""Guangxi's checklist form (附件2), blank and filled with made-up answers."""

from collections.abc import Mapping
from dataclasses import replace

from reports.checklist import FormRow, FormSection, FormSheet, parse_print
from reports.model import Field, Segment, Text

YES_NO = "有{box:yes} 无{box:no}"
SAMPLE = "抽查 {n} 人，\n违法违规 {m} 人"
PERSONS = "有{box:yes} 无{box:no}，{n} 人"
SAMPLE_RULE = "每家抽查20人。不足者，全查"

CONDUCT = (
    ("1", "医师出租、出借、转让《医师执业证书》（挂证）"),
    ("2", "无证行医"),
    ("3", "医疗机构买卖、转让、租借《医疗机构执业许可证》或《医师执业证书》"),
    ("4", "超出登记范围开展诊疗活动"),
    ("5", "使用非卫生技术人员从事医疗卫生技术工作"),
    ("6a", "违规开展禁止类技术|免疫细胞治疗"),
    ("6b", "违规开展禁止类技术|其他"),
    ("7", "违规开展限制类技术"),
    ("8", "违规开展干细胞临床研究和治疗"),
    ("9", "制售假药"),
    ("10", "出具虚假证明"),
    ("11", "违规获取或开展角膜移植"),
    ("12", "违规开展肝、肾、心、肺等大型器官移植"),
    ("13", "未按要求公示药品、医用材料及医疗服务价格"),
    ("14", "乱收费和不正当价格行为"),
    ("15", "欺骗、强迫诊疗或消费，诱导医疗或过度医疗等违规行为"),
    ("16", "其他违反医疗法律法规行为"),
    ("17", "骗取医疗保险基金"),
    ("18", "在网站、微信群、QQ群、微博、微信公众号等网络媒体发布违法医疗广告或虚假信息"),
    ("19", "医疗机构开展医疗美容项目未经过核准和备案"),
    ("20", "负责实施医疗美容项目的主诊医师未具备规定的条件"),
    ("21", "从事医疗美容护理工作的人员未具备规定的条件"),
    ("22", "违规开展产前诊断"),
    ("23", "违规开展人类辅助生殖"),
    ("24", "违规开展“两非”行为"),
    ("25", "违规开展计划生育手术"),
)
PENALTIES = (
    ("26", "吊销医疗机构执业许可证"),
    ("27", "停业整顿"),
    ("28", "罚款、没收"),
    ("29", "其他行政处罚"),
)
PERSONS_HANDLED = (
    ("30a", "吊销执业证书|医师"),
    ("30b", "吊销执业证书|护士"),
    ("31a", "暂停执业|医师"),
    ("31b", "暂停执业|护士"),
    ("32a", "移送司法机关|医师"),
    ("32b", "移送司法机关|护士"),
    ("32c", "移送司法机关|其他人员"),
    ("33a", "合计|行政处罚"),
    ("33b", "合计|移送司法机关"),
)

TYPES = (
    "综合医院{box:type=general}　专科医院{box:type=specialty}　中医类医院{box:type=tcm}　"
    "妇幼保健院{box:type=mch}　"
    "社区卫生服务中心、中心卫生院、乡（镇）卫生院等{box:type=primary}　"
    "诊所、医务室、卫生站等{box:type=clinic}　独立设置的体检中心{box:type=checkup}　"
    "血液透析中心、医学检验实验室等其他独立设置的医疗机构{box:type=independent}　"
    "等级（一级{box:level=1} 二级{box:level=2} 三级{box:level=3} 未定级{box:level=0}）　"
    "性质（公立{box:ownership=public} 社会办{box:ownership=private}）"
)

FILLED_HEAD = {
    "name": "柳州市示范医院",
    "address": "柳州市城中区示范路1号",
    "contact": "示例联系人",
    "phone": "0000-0000000",
    "type": "general",
    "level": "2",
    "ownership": "public",
}
FILLED: Mapping[str, Mapping[str, str]] = {
    "1": {"n": "20", "m": "0"},
    "2": {"n": "20", "m": "0"},
    "4": {"main": "yes"},
    "5": {"n": "20", "m": "1"},
    "14": {"main": "yes"},
    "28": {"main": "yes", "fine": "1.20", "confiscated": "超声设备1台"},
    "30b": {"main": "yes", "n": "2"},
    "33a": {"main": "yes", "n": "2"},
}
REMARKS = {
    "4": "二楼开设未登记的医疗美容科，现场有诊疗记录",
    "14": "重复收取静脉输液费 17 人次",
}
PHOTOS = {"4": 2, "14": 1}


def checklist(
    *,
    filled: bool = False,
    remarks: Mapping[str, str] | None = None,
) -> FormSheet:
    notes = REMARKS if remarks is None and filled else (remarks or {})
    head = FILLED_HEAD if filled else {}

    def row(number: str, label: str) -> FormRow:
        plain = number.rstrip("abc")
        main, _, sub = label.partition("|")
        return FormRow(
            label=f"{plain}.{main}",
            sublabel=sub,
            result=_result(number, filled),
            instruction=SAMPLE_RULE if number == "1" else "",
            remark=notes.get(number, ""),
            photo_count=PHOTOS.get(number, 0) if filled else 0,
        )

    sections = (
        ("是否存在违法违规行为情况", CONDUCT),
        ("受到行政处罚机构情况", PENALTIES),
        ("受到处理人员情况", PERSONS_HANDLED),
    )
    sheet = FormSheet(
        title="广西医疗卫生领域突出问题专项整治行动\n工作检查表",
        attachment="附件2",
        head=(
            (
                Field("医疗机构名称：", head.get("name", ""), share=1.1, underline=True),
                Field("地址：", head.get("address", ""), share=1, underline=True),
            ),
            (
                Field("联系人：", head.get("contact", ""), share=1.1, underline=True),
                Field("联系电话：", head.get("phone", ""), share=1, underline=True),
            ),
            (Field("医疗机构类别：", parse_print(TYPES, head)),),
        ),
        sections=tuple(
            FormSection(name, tuple(row(*item) for item in items)) for name, items in sections
        ),
        notes=("注：此表供检查时使用。",),
        sign_off=(
            (Field("陪同检查人："), Field("检查人：")),
            (Field("检查时间：", "2020年11月12日" if filled else _DATE),),
        ),
    )
    return replace(sheet, reference="编号 LZ-2020-0012　第 2 版") if filled else sheet


_DATE: tuple[Segment, ...] = (Text("　　　年　　月　　日"),)


def _result(number: str, filled: bool) -> tuple[Segment, ...]:
    values = FILLED.get(number, {"main": "no"}) if filled else {}
    if number in {"1", "2", "5"}:
        return parse_print(SAMPLE, values)
    if number == "28":
        template = YES_NO + "，罚款 {fine} 万元，没收 {confiscated:4}"
    else:
        template = PERSONS if number[:2] in {"30", "31", "32", "33"} else YES_NO
    return parse_print(template, values, main=values.get("main", ""))
