"""The Guangxi pack says what the document says, character by character.

The texts below are typed from the document's annexes, not taken from the pack.
"""

import io
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from pyxform.xls2xform import convert

from campaigns import engine
from campaigns.campaign import list_packs, load_pack, read_campaign
from campaigns.items import print_values, prompt
from campaigns.measures import contributions, inspection_facts
from campaigns.periods import next_push
from campaigns.workbook_xlsx import write_xlsx

PACK = load_pack("guangxi-2020")
GUANGXI, ISSUES = read_campaign(PACK)
FORM = GUANGXI.form
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 9, 7, 2, 0, tzinfo=UTC)

S1, S2, S3 = "是否存在违法违规行为情况", "受到行政处罚机构情况", "受到处理人员情况"

# item number, section, first level, second level
CHECKLIST = [
    ("1", S1, "医师出租、出借、转让《医师执业证书》（挂证）", ""),
    ("2", S1, "无证行医", ""),
    ("3", S1, "医疗机构买卖、转让、租借《医疗机构执业许可证》或《医师执业证书》", ""),
    ("4", S1, "超出登记范围开展诊疗活动", ""),
    ("5", S1, "使用非卫生技术人员从事医疗卫生技术工作", ""),
    ("6a", S1, "违规开展禁止类技术", "免疫细胞治疗"),
    ("6b", S1, "违规开展禁止类技术", "其他"),
    ("7", S1, "违规开展限制类技术", ""),
    ("8", S1, "违规开展干细胞临床研究和治疗", ""),
    ("9", S1, "制售假药", ""),
    ("10", S1, "出具虚假证明", ""),
    ("11", S1, "违规获取或开展角膜移植", ""),
    ("12", S1, "违规开展肝、肾、心、肺等大型器官移植", ""),
    ("13", S1, "未按要求公示药品、医用材料及医疗服务价格", ""),
    ("14", S1, "乱收费和不正当价格行为", ""),
    ("15", S1, "欺骗、强迫诊疗或消费，诱导医疗或过度医疗等违规行为", ""),
    ("16", S1, "其他违反医疗法律法规行为", ""),
    ("17", S1, "骗取医疗保险基金", ""),
    (
        "18",
        S1,
        "在网站、微信群、QQ群、微博、微信公众号等网络媒体发布违法医疗广告或虚假信息",
        "",
    ),
    ("19", S1, "医疗机构开展医疗美容项目未经过核准和备案", ""),
    ("20", S1, "负责实施医疗美容项目的主诊医师未具备规定的条件", ""),
    ("21", S1, "从事医疗美容护理工作的人员未具备规定的条件", ""),
    ("22", S1, "违规开展产前诊断", ""),
    ("23", S1, "违规开展人类辅助生殖", ""),
    ("24", S1, "违规开展“两非”行为", ""),
    ("25", S1, "违规开展计划生育手术", ""),
    ("26", S2, "吊销医疗机构执业许可证", ""),
    ("27", S2, "停业整顿", ""),
    ("28", S2, "罚款、没收", ""),
    ("29", S2, "其他行政处罚", ""),
    ("30a", S3, "吊销执业证书", "医师"),
    ("30b", S3, "吊销执业证书", "护士"),
    ("31a", S3, "暂停执业", "医师"),
    ("31b", S3, "暂停执业", "护士"),
    ("32a", S3, "移送司法机关", "医师"),
    ("32b", S3, "移送司法机关", "护士"),
    ("32c", S3, "移送司法机关", "其他人员"),
    ("33a", S3, "合计", "行政处罚"),
    ("33b", S3, "合计", "移送司法机关"),
]

P2, PO = "二级以上公立医疗机构", "其他类型公立医疗机构"
V2, VO = "二级以上社会办医疗机构", "其他社会办医疗机构"

TABLE_ONE = [
    (P2, "综合医院"),
    (P2, "专科医院"),
    (P2, "中医类医院"),
    (P2, "妇幼保健院"),
    (P2, "其他二级以上公立医疗机构"),
    (PO, "一级医院、社区卫生服务中心、中心卫生院、乡（镇）卫生院等"),
    (PO, "诊所、医务室、卫生站等"),
    (PO, "其他"),
    (V2, "综合医院"),
    (V2, "专科医院"),
    (V2, "中医类医院"),
    (V2, "其他二级以上社会办医疗机构"),
    (VO, "独立设置的体检中心"),
    (VO, "血液透析中心、医学检验实验室等其他独立设置的医疗机构"),
    (VO, "一级医院、门诊部、诊所等其他类型机构"),
]

F1, F2, F3 = "发现、处理违法违规行为情况", "行政处罚机构情况", "处理人员情况"

TABLE_TWO = [
    (F1, "医师出租、出借、转让《医师执业证书》（挂证）", "", "起"),
    (F1, "无证行医", "", "起"),
    (F1, "医疗机构买卖、转让、租借《医疗机构执业许可证》或《医师执业证书》", "", "起"),
    (F1, "超出登记范围开展诊疗活动", "", "起"),
    (F1, "使用非卫生技术人员从事医疗卫生技术工作", "", "起"),
    (F1, "违规开展禁止类技术", "免疫细胞治疗", "起"),
    (F1, "违规开展禁止类技术", "其他", "起"),
    (F1, "违规开展限制类技术", "", "起"),
    (F1, "违规开展干细胞临床研究和治疗", "", "起"),
    (F1, "制售假药", "", "起"),
    (F1, "出具虚假证明", "", "起"),
    (F1, "违规获取或开展角膜移植", "", "起"),
    (F1, "违规开展肝、肾、心、肺等大型器官移植", "", "起"),
    (F1, "未按要求公示药品、医用材料及医疗服务价格", "", "起"),
    (F1, "乱收费和不正当价格行为", "", "起"),
    (F1, "欺骗、强迫诊疗或消费，诱导医疗或过度医疗等违规行为", "", "起"),
    (F1, "其他违反医疗法律法规行为", "", "起"),
    (F1, "骗取医疗保险基金", "", "起"),
    (F1, "清理违法广告", "", "条"),
    (F1, "关闭或整改网站、微信群、QQ群、微博、微信公众号等网络媒体", "", "个"),
    (F1, "医疗机构开展医疗美容项目未经过核准和备案", "", "起"),
    (F1, "负责实施医疗美容项目的主诊医师未具备规定的条件", "", "人"),
    (F1, "从事医疗美容护理工作的人员未具备规定的条件", "", "起"),
    (F1, "违规开展产前诊断", "", "起"),
    (F1, "违规开展人类辅助生殖", "", "起"),
    (F1, "违规开展“两非”行为", "", "起"),
    (F1, "违规开展计划生育手术", "", "起"),
    (F2, "吊销医疗机构执业许可证", "", "个"),
    (F2, "停业整顿", "", "个"),
    (F2, "罚款", "", "个"),
    (F2, "予以行政处罚的机构总数", "", "个"),
    (F2, "罚款总额度", "", "万元"),
    (F3, "吊销执业证书", "医师", "人"),
    (F3, "吊销执业证书", "护士", "人"),
    (F3, "暂停执业", "医师", "人"),
    (F3, "暂停执业", "护士", "人"),
    (F3, "移送司法机关", "医师", "人"),
    (F3, "移送司法机关", "护士", "人"),
    (F3, "移送司法机关", "其他人员", "人"),
    (F3, "合计", "行政处罚", "人"),
    (F3, "合计", "移送司法机关", "人"),
]

TASKS = [
    "开展违规使用医保基金自查自纠整改活动。组织各级各类医保定点医疗机构开展保障医保基金安全自查自纠专项活动，"
    "对照医保基金管理要求，全面纠正不规范使用医保基金行为。对违规使用资金的情况要立行立改，完善内控措施。"
    "对自查自纠后仍出现问题的医疗机构严肃追责。",
    "严厉打击医疗骗保行为。坚决查处医疗机构内外勾结欺诈骗保行为和违规使用医疗保障基金问题。"
    "重点整治虚构医疗服务、重复收费、串换项目收费等违规问题；通过虚假宣传、以体检等名目诱导参保人员住院的行为；"
    "留存、盗刷、冒用参保人员社会保障卡的行为；虚构医疗服务、伪造医疗文书或票据的行为；"
    "虚记、多记药品、诊疗项目、医用耗材、医疗服务设施费用的行为；串换药品、耗材、诊疗项目等恶意骗取医保基金的行为。"
    "对恶意骗取医保基金的机构依法依规严肃查处，解除医保服务协议。对违规违纪案件，要一案双查，"
    "追究违纪人员党纪政纪责任的同时，还要查清单位领导班子和领导干部应承担的责任，涉嫌犯罪的，移送司法机关。",
    "坚决查处不合理诊疗行为。重点加强对医务人员规范检查、规范治疗、合理用药等执业行为的监督检查，"
    "加强高值医用耗材、辅助性用药等领域的监管。查处超出登记范围开展诊疗活动、违反诊疗常规、诱导医疗和过度医疗等严重违规行为；"
    "严厉打击以虚假诊断、夸大病情或疗效、利用“医托”等方式，欺骗、诱使、强迫患者接受诊疗和消费等违法违规行为。",
    "严厉打击各类违法违规执业行为。依法严厉打击医师出租、出借、转让《医师执业证书》，"
    "医疗机构买卖、转让、租借《医疗机构执业许可证》或《医师执业证书》，使用非卫生技术人员从事医疗卫生技术工作，"
    "出具虚假证明文件、制售假药、以医疗名义推广销售所谓“保健”相关用品等违法违规行为。"
    "严厉查处治疗过程中随意增加项目，违规开展禁止类和限制类技术临床应用行为。"
    "依法依规严肃惩治非法获取和买卖器官、角膜等人体组织器官的行为。",
]

FORM_LINES = [
    ("attachment", "附件2"),
    ("title", "广西医疗卫生领域突出问题专项整治行动"),
    ("title", "工作检查表"),
    ("head", "医疗机构名称：{institution_name:14}"),
    ("head", "地址：{address:14}"),
    ("head", "联系人：{contact:8}"),
    ("head", "联系电话：{phone:8}"),
    ("head", "医疗机构类别："),
    (
        "head",
        "综合医院{box:general}  专科医院{box:specialty}  中医类医院{box:tcm}  "
        "妇幼保健院{box:mch}  社区卫生服务中心、中心卫生院、乡（镇）卫生院等{box:primary}  "
        "诊所、医务室、卫生站等{box:clinic}  独立设置的体检中心{box:checkup}  "
        "血液透析中心、医学检验实验室等其他独立设置的医疗机构{box:independent}",
    ),
    ("head", "等级（一级{box:1}二级{box:2}三级{box:3}未定级{box:0}）"),
    ("head", "性质（公立{box:public}  社会办医{box:private}）"),
    ("column", "项目"),
    ("column", "检查内容"),
    ("column", "检查结果"),
    ("column", "备注"),
    ("note", "注：此表供检查时使用。"),
    ("foot", "陪同检查人：{accompanied_by:10}"),
    ("foot", "检查人：{inspectors:10}"),
    (
        "foot",
        "检查时间：{inspected_on.year}年{inspected_on.month}月{inspected_on.day}日",
    ),
]

YES_NO = "有{box:yes} 无{box:no}"


def zh(labels):
    return labels.get("zh", "")


def test_pack__read__has_no_issue_at_all():
    assert ISSUES == []
    assert "guangxi-2020" in list_packs()
    assert GUANGXI.title("zh") == "2020年广西医疗卫生领域突出问题专项整治行动"


def test_pack__as_xlsx__converts_with_pyxform_without_a_warning():
    result = convert(io.BytesIO(write_xlsx(PACK)), file_type=".xlsx")
    assert result.warnings == []
    assert "<h:title>广西医疗卫生领域突出问题专项整治行动工作检查表</h:title>" in result.xform


def test_checklist__39_answers_of_33_items__are_worded_as_the_document():
    groups = {group.name: zh(group.labels) for group in FORM.groups}
    found = [(i.item_id, groups[i.group], zh(i.main), zh(i.sub)) for i in GUANGXI.items]
    assert found == CHECKLIST
    assert len(found) == 39
    assert len({item.rstrip("abc") for item, *_ in found}) == 33


def test_checklist__single_items__ask_with_the_documents_wording():
    for item in GUANGXI.items:
        expected = item.label(FORM, "zh")
        if item.head.part == "main":
            assert zh(item.head.labels) == expected
        else:
            assert zh(item.head.labels) == f"{expected}——抽查人数"
    assert GUANGXI.item_by_id["6a"].label(FORM, "zh") == "违规开展禁止类技术：免疫细胞治疗"


def test_checklist__results__are_printed_as_the_document():
    printed = {item.item_id: zh(item.print) for item in GUANGXI.items}
    assert {printed.pop(i) for i in ("1", "2", "5")} == {
        "抽查 {i01_n} 人，违法违规 {i01_m} 人",
        "抽查 {i02_n} 人，违法违规 {i02_m} 人",
        "抽查 {i05_n} 人，违法违规 {i05_m} 人",
    }
    assert printed.pop("28") == YES_NO + "，罚款 {i28_fine} 万元，没收 {i28_confiscated}"
    for item in ("30a", "30b", "31a", "31b", "32a", "32b", "32c", "33a", "33b"):
        assert printed.pop(item) == f"{YES_NO}，{{i{item}_n}} 人"
    assert set(printed.values()) == {YES_NO}
    notes = {item.item_id: zh(item.note) for item in GUANGXI.items if item.note}
    assert notes == {"1": "每家抽查20人。不足者，全查"}


def test_checklist__around_the_form__is_the_document():
    assert [(line.place, zh(line.template)) for line in GUANGXI.form_lines] == FORM_LINES
    mains = {line.main for line in GUANGXI.form_lines if "{box:" in zh(line.template)}
    assert mains == {"type", "level", "ownership"}


def test_checklist__every_item__has_a_remark_and_photos_on_request():
    for item in GUANGXI.items:
        stem = item.head.name.removesuffix("_n") if item.head.part == "sampled" else item.head.name
        remark, photo = item.part("remark"), item.part("photo")
        assert (remark.name, remark.type, remark.on_request) == (f"{stem}_remark", "text", True)
        assert (photo.name, photo.type, photo.on_request) == (f"{stem}_photo", "image", True)
        assert prompt(FORM, photo, "zh") == "照片"


def test_checklist__clean__is_no_or_20_and_0_and_never_a_total():
    modes = {item.item_id: item.mode for item in GUANGXI.items}
    assert [i for i, mode in modes.items() if mode == "ask"] == ["1", "2", "5"]
    assert [i for i, mode in modes.items() if mode == "computed"] == ["33a", "33b"]
    for item in GUANGXI.items:
        if item.mode == "ask":
            assert list(item.clean.values()) == ["20", "0"]
        elif item.mode == "toggle":
            assert item.clean == {item.head.name: "no"}


def test_buttons__short_words__are_short_and_different():
    for language, most in (("zh", 6), ("en", 16)):
        short = [item.short[language] for item in GUANGXI.items]
        assert len(set(short)) == 39
        assert max(map(len, short)) <= most


def test_stages__dates_and_kinds__are_the_plans():
    assert [(zh(s.labels), s.starts_on, s.ends_on, s.kinds[0]) for s in GUANGXI.stages] == [
        ("自查自纠阶段", date(2020, 9, 1), date(2020, 10, 31), "self"),
        ("集中整治阶段", date(2020, 11, 1), date(2020, 11, 30), "joint"),
        ("总结阶段", date(2020, 12, 1), date(2020, 12, 31), "spot"),
    ]
    assert GUANGXI.stage_on(date(2020, 11, 30)).stage_id == "joint"
    assert GUANGXI.stage_on(date(2021, 1, 1)) is None
    counting = [kind.kind_id for kind in GUANGXI.kinds if kind.counts]
    assert counting == ["joint", "spot", "covert", "cross"]
    assert [zh(k.labels) for k in GUANGXI.kinds if not k.counts] == ["自查", "复查"]


def test_tasks__wording_and_units__are_annex_one():
    assert [zh(task.texts) for task in GUANGXI.tasks] == TASKS
    assert all(zh(t.texts).startswith(zh(t.labels) + "。") for t in GUANGXI.tasks)
    leads = [task.lead[0].criteria for task in GUANGXI.tasks]
    insurance, health = (
        {"level": "region", "line": "insurance"},
        {"level": "region", "line": "health"},
    )
    tcm = {"level": "region", "line": "tcm"}
    assert leads == [insurance, insurance, health, health]
    assert [[c.criteria for c in task.cooperating] for task in GUANGXI.tasks] == [
        [health, tcm],
        [health, tcm],
        [insurance, tcm],
        [insurance, tcm],
    ]
    assert zh(GUANGXI.tasks_title) == "{year}年广西医疗卫生领域突出问题专项整治行动方案任务分工"


def test_selector__unit__is_chosen_when_it_meets_everything():
    selector = GUANGXI.tasks[0].lead[0]
    assert selector.matches({"level": "region", "line": "insurance", "code": "GX-YB"})
    assert not selector.matches({"level": "city", "line": "insurance"})
    assert not selector.matches({"level": "region"})


def test_table_one__rows_and_columns__are_annex_three():
    table = GUANGXI.table_by_id["table1"]
    assert [(zh(row.group), zh(row.label)) for row in table.rows] == TABLE_ONE
    assert [zh(column.label) for column in table.columns] == ["辖区内总数", "检查数量"]
    assert zh(table.group_header) == "机构类型"
    assert zh(table.attachment) == "附件3"
    assert zh(table.title) == "广西医疗卫生领域突出问题专项整治行动\n工作量化统计表一"


def test_table_two__rows_and_columns__are_annex_four():
    table = GUANGXI.table_by_id["table2"]
    found = [(zh(r.group), zh(r.label), zh(r.sub), zh(r.unit)) for r in table.rows]
    assert found == TABLE_TWO
    assert len(found) == 41
    assert [zh(column.label) for column in table.columns] == [P2, PO, V2, VO]
    headers = (table.group_header, table.content_header, table.amount_header, table.unit_header)
    assert [zh(header) for header in headers] == ["项目", "检查内容", "数量", "单位"]
    assert zh(table.attachment) == "附件4"
    assert zh(table.title) == "广西医疗卫生领域突出问题专项整治行动工作量化统计表二"
    assert zh(table.sign_off).split("\n") == ["填表人：", "联系电话：", "填表日期：", "审核人："]


@pytest.mark.parametrize(
    ("first", "last", "line"),
    [
        (date(2020, 9, 1), date(2020, 11, 30), "柳州市  2020年9月-11月"),
        (date(2020, 9, 1), date(2020, 9, 30), "柳州市  2020年9月-9月"),
        (date(2020, 11, 16), date(2020, 11, 22), "柳州市  2020年11月16日-2020年11月22日"),
        (date(2020, 12, 1), date(2021, 1, 31), "柳州市  2020年12月1日-2021年1月31日"),
    ],
)
def test_tables__period_line__is_the_documents(first, last, line):
    for table in GUANGXI.tables:
        assert table.period_text("zh", "柳州市", first, last) == line


def test_languages__every_text__has_chinese_and_english():
    for sheet in PACK.sheets.values():
        for row in sheet.rows:
            for column in sheet.header:
                if column.endswith("::中文 (zh)"):
                    english = column.replace("中文 (zh)", "English (en)")
                    assert bool(row.text(column)) == bool(row.text(english)), (sheet.name, row)


def test_push__weekly__is_monday_nine_o_clock_with_both_tables():
    (push,) = GUANGXI.pushes
    assert (push.period, push.beside, push.days_off) == ("last_week", "to_date", "silent")
    assert push.tables == ("table1", "table2")
    assert push.at == time(9)
    due = next_push(push.recurrence, push.at, GUANGXI.zone, NOW)
    assert due == datetime(2026, 9, 14, 1, 0, tzinfo=UTC)


# --- the form at work ---------------------------------------------------------------------------

PRELOADS = {
    "institution.name": "示范医院",
    "institution.type": "general",
    "institution.level": "2",
    "institution.ownership": "public",
    "inspection.inspectors": "检查组",
    "inspection.date": "2026-09-07",
}


def walk(**answers):
    state = engine.start(FORM, now=NOW, zone=ZONE, preloads=PRELOADS)
    for name, value in answers.items():
        step = engine.answer(FORM, state, name, value, now=NOW, zone=ZONE)
        assert step.issues == (), (name, value)
        state = step.state
    return state


def refusal(state, name, value):
    step = engine.answer(FORM, state, name, value, now=NOW, zone=ZONE)
    assert step.state.answers == state.answers
    return [issue.code for issue in step.issues]


CLEAN = {name: value for item in GUANGXI.items for name, value in item.clean.items()}


def test_form__clean_visit__is_complete_with_totals_of_none():
    state = walk(**CLEAN)
    assert engine.missing(FORM, state) == ()
    assert engine.next_question(FORM, state) is None
    submission = engine.submit(FORM, state)
    assert submission.issues == ()
    assert (submission.values["i33a"], submission.values["i33a_n"]) == ("no", "0")
    assert (submission.values["i33b"], submission.values["i33b_n"]) == ("no", "0")
    assert "i28_fine" not in submission.values


def test_form__prefilled_head__is_never_asked():
    state = walk()
    assert engine.next_question(FORM, state) == "i01_n"


def test_form__totals__add_what_was_found_and_are_blank_before():
    assert engine.submit(FORM, walk()).values.get("i33a_n", "") == ""
    found = {"i30a": "yes", "i30a_n": "2", "i31b": "yes", "i31b_n": "1"}
    state = walk(**(CLEAN | found | {"i32c": "yes", "i32c_n": "4"}))
    values = engine.submit(FORM, state).values
    assert (values["i33a"], values["i33a_n"]) == ("yes", "3")
    assert (values["i33b"], values["i33b_n"]) == ("yes", "4")


@pytest.mark.parametrize(
    ("before", "name", "value"),
    [
        ({"i01_n": "20"}, "i01_m", "21"),
        ({}, "i01_n", "-1"),
        ({}, "i01_n", "10000"),
        ({"i20": "yes"}, "i20_n", "0"),
        ({"i30b": "yes"}, "i30b_n", "0"),
        ({"i28": "yes"}, "i28_fine", "-0.1"),
        ({"i28": "yes"}, "i28_fine", "0.125"),
        ({}, "inspected_on", "2026-09-08"),
        ({"i28": "yes"}, "decided_on", "2026-09-06"),
    ],
)
def test_form__impossible_answer__is_refused_by_its_constraint(before, name, value):
    assert refusal(walk(**before), name, value) == ["constraint"]


@pytest.mark.parametrize("fine", ["0", "0.2", "0.20", "0.200", "12345678.9"])
def test_form__fine__takes_two_decimals(fine):
    assert walk(i28="yes", i28_fine=fine).answers["i28_fine"]


def test_form__confiscation__is_needed_only_without_a_fine():
    fined = walk(**(CLEAN | {"i28": "yes", "i28_fine": "0.20"}))
    assert engine.missing(FORM, fined) == ()
    only_goods = walk(**(CLEAN | {"i28": "yes", "i28_fine": "0"}))
    assert engine.missing(FORM, only_goods) == ("i28_confiscated",)


def test_form__day_of_decision__is_relevant_only_after_a_penalty():
    assert refusal(walk(**CLEAN), "decided_on", "2026-09-07") == ["not_relevant"]
    state = walk(**(CLEAN | {"i29": "yes", "decided_on": "2026-09-07"}))
    assert engine.submit(FORM, state).values["decided_on"] == "2026-09-07"


def test_form__submitted_answers__reach_the_tables_row_by_row():
    found = {
        "i01_m": "2",
        "i06b": "yes",
        "i18": "yes",
        "i18_ads": "3",
        "i18_media": "0",
        "i20": "yes",
        "i20_n": "1",
        "i28": "yes",
        "i28_fine": "0.20",
        "i32c": "yes",
        "i32c_n": "4",
    }
    state = walk(**(CLEAN | found))
    # Taken back: the persons typed before are kept aside and must not be counted.
    state = engine.answer(FORM, state, "i20", "no", now=NOW, zone=ZONE).state
    values = engine.submit(FORM, state).values
    facts = inspection_facts(
        GUANGXI, values, kind="spot", inspected_on=date(2020, 1, 1), category="public2_general"
    )
    entries = contributions(GUANGXI, values, facts)
    assert {entry.counted_on for entry in entries} == {date(2026, 9, 7)}
    assert [(entry.measure, entry.category, str(entry.amount)) for entry in entries] == [
        ("inspected", "public2_general", "1"),
        ("i01", "public2", "2"),
        ("i06b", "public2", "1"),
        ("i18_ads", "public2", "3"),
        ("i28", "public2", "1"),
        ("punished", "public2", "1"),
        ("fine_total", "public2", "0.20"),
        ("i32c", "public2", "4"),
    ]


def test_print_values__dates__come_apart_for_the_printed_line():
    values = print_values(FORM, {"inspected_on": "2026-09-07", "i04": "yes"})
    assert values["inspected_on.year"] == "2026"
    assert values["inspected_on.month"] == "9"
    assert values["inspected_on.day"] == "7"
    assert values["i04"] == "yes"
    assert "decided_on.year" not in values
