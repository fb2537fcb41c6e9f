"""The words of lists that offices send: headers and values, in Chinese and English."""

from storage.tables import Role

UNIT_COLUMNS = {
    "area_code": ("地区代码", "行政区划代码"),
    "area_name": ("地区名称", "地区"),
    "area_level": ("地区级别",),
    "area_parent": ("上级地区代码",),
    "code": ("单位代码",),
    "name": ("单位名称", "单位"),
    "line": ("条线",),
    "parent": ("上级单位代码",),
}
INSTITUTION_COLUMNS = {
    "code": ("机构代码", "登记号"),
    "name": ("机构名称", "名称"),
    "type": ("机构类型", "类型", "类别"),
    "level": ("等级", "级别"),
    "ownership": ("性质", "经营性质"),
    "area_code": ("地区代码", "行政区划代码"),
    "unit_code": ("主管单位代码", "单位代码"),
    "address": ("地址",),
    "contact": ("联系人",),
    "phone": ("联系电话", "电话"),
    "latitude": ("纬度",),
    "longitude": ("经度",),
    "opened_on": ("开业日期",),
    "closed_on": ("停业日期", "注销日期"),
}
PEOPLE_COLUMNS = {
    "name": ("姓名",),
    "unit_code": ("单位代码",),
    "role": ("身份", "角色"),
    "campaign": ("专项行动", "专项行动代码"),
    "institution_code": ("机构代码",),
}

LEVEL_WORDS = {
    "region": "region",
    "city": "city",
    "county": "county",
    "自治区": "region",
    "省": "region",
    "市": "city",
    "州": "city",
    "县": "county",
    "区": "county",
    "县区": "county",
}
LINE_WORDS = {
    "health": "health",
    "insurance": "insurance",
    "tcm": "tcm",
    "other": "other",
    "卫健": "health",
    "卫生健康": "health",
    "医保": "insurance",
    "医疗保障": "insurance",
    "中医药": "tcm",
    "其他": "other",
}
TYPE_WORDS = {
    "综合医院": "general",
    "综合": "general",
    "专科医院": "specialty",
    "专科": "specialty",
    "中医类医院": "tcm",
    "中医类": "tcm",
    "中医": "tcm",
    "妇幼保健机构": "mch",
    "妇幼": "mch",
    "基层医疗机构": "primary",
    "社区卫生服务机构": "primary",
    "乡镇卫生院": "primary",
    "门诊部诊所": "clinic",
    "门诊部": "clinic",
    "诊所": "clinic",
    "医务室": "clinic",
    "体检中心": "checkup",
    "独立设置机构": "independent",
    **{
        word: word
        for word in (
            "general",
            "specialty",
            "tcm",
            "mch",
            "primary",
            "clinic",
            "checkup",
            "independent",
        )
    },
}
GRADE_WORDS = {
    "0": "0",
    "1": "1",
    "2": "2",
    "3": "3",
    "未定级": "0",
    "一级": "1",
    "二级": "2",
    "三级": "3",
    "一": "1",
    "二": "2",
    "三": "3",
}
OWNERSHIP_WORDS = {
    "public": "public",
    "private": "private",
    "公立": "public",
    "社会办": "private",
    "民营": "private",
}
ROLE_WORDS = {
    **{role.value: role.value for role in Role},
    "检查人": "inspector",
    "经办人": "officer",
    "审核人": "reviewer",
    "牵头部门": "organiser",
    "机构联络人": "liaison",
    "保密专员": "custodian",
}
