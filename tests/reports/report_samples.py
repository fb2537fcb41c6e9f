"""Guangxi's two statistics tables as a city would send them, with made-up figures."""

from decimal import Decimal

from reports.model import Align, Cell, Column, Field, Grid, Role

CAMPAIGN = "广西医疗卫生领域突出问题专项整治行动"

ONE = (
    (
        "二级以上公立医疗机构",
        ("综合医院", "专科医院", "中医类医院", "妇幼保健院", "其他二级以上公立医疗机构"),
    ),
    (
        "其他类型公立医疗机构",
        (
            "一级医院、社区卫生服务中心、中心卫生院、乡（镇）卫生院等",
            "诊所、医务室、卫生站等",
            "其他",
        ),
    ),
    (
        "二级以上社会办医疗机构",
        ("综合医院", "专科医院", "中医类医院", "其他二级以上社会办医疗机构"),
    ),
    (
        "其他社会办医疗机构",
        (
            "独立设置的体检中心",
            "血液透析中心、医学检验实验室等其他独立设置的医疗机构",
            "一级医院、门诊部、诊所等其他类型机构",
        ),
    ),
)

CATEGORIES = (
    "二级以上\n公立医疗\n机构",
    "其他类型\n公立医疗\n机构",
    "二级以上\n社会办医疗\n机构",
    "其他社会办\n医疗机构",
)

# group -> (label, sub-label, unit)
TWO = (
    (
        "发现、处理违法违规行为情况",
        (
            ("医师出租、出借、转让《医师执业证书》（挂证）", "", "起"),
            ("无证行医", "", "起"),
            ("医疗机构买卖、转让、租借《医疗机构执业许可证》或《医师执业证书》", "", "起"),
            ("超出登记范围开展诊疗活动", "", "起"),
            ("使用非卫生技术人员从事医疗卫生技术工作", "", "起"),
            ("违规开展禁止类技术", "免疫细胞治疗", "起"),
            ("违规开展禁止类技术", "其他", "起"),
            ("违规开展限制类技术", "", "起"),
            ("违规开展干细胞临床研究和治疗", "", "起"),
            ("制售假药", "", "起"),
            ("出具虚假证明", "", "起"),
            ("违规获取或开展角膜移植", "", "起"),
            ("违规开展肝、肾、心、肺等大型器官移植", "", "起"),
            ("未按要求公示药品、医用材料及医疗服务价格", "", "起"),
            ("乱收费和不正当价格行为", "", "起"),
            ("欺骗、强迫诊疗或消费，诱导医疗或过度医疗等违规行为", "", "起"),
            ("其他违反医疗法律法规行为", "", "起"),
            ("骗取医疗保险基金", "", "起"),
            ("清理违法广告", "", "条"),
            ("关闭或整改网站、微信群、QQ群、微博、微信公众号等网络媒体", "", "个"),
            ("医疗机构开展医疗美容项目未经过核准和备案", "", "起"),
            ("负责实施医疗美容项目的主诊医师未具备规定的条件", "", "人"),
            ("从事医疗美容护理工作的人员未具备规定的条件", "", "起"),
            ("违规开展产前诊断", "", "起"),
            ("违规开展人类辅助生殖", "", "起"),
            ("违规开展“两非”行为", "", "起"),
            ("违规开展计划生育手术", "", "起"),
        ),
    ),
    (
        "行政处罚机构情况",
        (
            ("吊销医疗机构执业许可证", "", "个"),
            ("停业整顿", "", "个"),
            ("罚款", "", "个"),
            ("予以行政处罚的机构总数", "", "个"),
            ("罚款总额度", "", "万元"),
        ),
    ),
    (
        "处理人员情况",
        (
            ("吊销执业证书", "医师", "人"),
            ("吊销执业证书", "护士", "人"),
            ("暂停执业", "医师", "人"),
            ("暂停执业", "护士", "人"),
            ("移送司法机关", "医师", "人"),
            ("移送司法机关", "护士", "人"),
            ("移送司法机关", "其他人员", "人"),
            ("合计", "行政处罚", "人"),
            ("合计", "移送司法机关", "人"),
        ),
    ),
)

SIGN_OFF = (
    (
        Field("填表人：", share=0.9),
        Field("联系电话：", share=1.1),
        Field("填表日期：", "2020年11月30日", share=1.5),
        Field("审核人：", share=1.0),
    ),
)
HEAD = ((Field(content="柳州市"), Field(content="2020年9月—11月", align=Align.RIGHT)),)


def table_one() -> Grid:
    cells = [
        Cell(0, 0, "机构类型", colspan=2, role=Role.HEADER),
        Cell(0, 2, "辖区内总数", role=Role.HEADER),
        Cell(0, 3, "检查数量", role=Role.HEADER),
    ]
    row = 1
    for group, labels in ONE:
        cells.append(Cell(row, 0, group, rowspan=len(labels), role=Role.GROUP))
        for label in labels:
            cells += [
                Cell(row, 1, label, role=Role.LABEL),
                Cell(row, 2, 3 * row + 1, number_format="#,##0"),
                Cell(row, 3, None if row == 8 else 2 * row, number_format="#,##0"),
            ]
            row += 1
    return Grid(
        title=f"{CAMPAIGN}\n工作量化统计表一",
        attachment="附件3",
        sheet_name="表一",
        columns=(Column(29), Column(39), Column(13), Column(13)),
        cells=tuple(cells),
        label_columns=2,
        head=HEAD,
        sign_off=SIGN_OFF,
        text_size=12,
        row_padding=8.5,
        one_page=True,
    )


def table_two() -> Grid:
    cells = [
        Cell(0, 0, "项目", rowspan=2, role=Role.HEADER),
        Cell(0, 1, "检查内容", rowspan=2, colspan=2, role=Role.HEADER),
        Cell(0, 3, "数量", colspan=4, role=Role.HEADER),
        Cell(0, 7, "单位", rowspan=2, role=Role.HEADER),
    ]
    cells += [Cell(1, 3 + index, name, role=Role.HEADER) for index, name in enumerate(CATEGORIES)]
    row = 2
    for group, lines in TWO:
        cells.append(Cell(row, 0, group, rowspan=len(lines), role=Role.GROUP))
        for index, (label, sub, unit) in enumerate(lines):
            if not sub:
                cells.append(Cell(row, 1, label, colspan=2, role=Role.LABEL))
            else:
                if index == 0 or lines[index - 1][0] != label:
                    height = sum(1 for other in lines if other[0] == label)
                    cells.append(Cell(row, 1, label, rowspan=height, role=Role.LABEL))
                cells.append(Cell(row, 2, sub, role=Role.LABEL))
            cells += [_figure(row, column, unit) for column in range(4)]
            cells.append(Cell(row, 7, unit))
            row += 1
    return Grid(
        title=f"{CAMPAIGN}工作量化统计表二",
        attachment="附件4",
        sheet_name="表二",
        columns=tuple(Column(width) for width in (8, 28, 14, 11, 11, 11, 11, 6)),
        cells=tuple(cells),
        header_rows=2,
        label_columns=3,
        unit_column=7,
        head=HEAD,
        sign_off=SIGN_OFF,
        text_size=9.5,
        title_size=16,
        row_padding=2.6,
        one_page=True,
    )


def _figure(row: int, column: int, unit: str) -> Cell:
    if unit == "万元":
        return Cell(row, 3 + column, Decimal("1.20") * column, number_format="0.00")
    value = (row * 7 + column * 3) % 11
    return Cell(row, 3 + column, value if value < 6 else 0)
