button-old = 此按钮已失效。请发送 /menu 打开最新页面。
button-unknown = 无法识别此按钮。请发送 /menu 打开最新页面。
link-bad = 此链接不完整。请回到群里重新点“绑定单位”。
date-bad = 日期不正确。请按 2026-09-01 的样式输入。

name-bad = 请输入真实姓名，一行文字，不超过 { $max } 个字。
membership-missing = 此身份已结束。请发送 /menu 查看当前身份，或联系本单位经办人。
request-nobody = 系统还没有设置管理员。请联系本单位经办人索取邀请链接。
invite-not-yours = 邀请人员限牵头部门和经办人。如需权限，请联系本单位经办人或管理员。
invite-not-there = 您不能邀请人员加入“{ $unit }”。请选择本辖区、本条线的单位，或联系管理员。

unit-unknown = 没有代码为 { $code } 的单位。请核对单位代码，或先导入单位。
area-unknown = 没有代码为 { $code } 的地区。请核对地区代码，或先导入单位。
area-without-unit = “{ $area }”还没有登记主管单位，不能登记机构。请联系管理员导入单位。
selector-bad = 无法识别选择条件“{ $selector }”。请写成 level=city line=health 的形式。

institution-unknown = 没有找到这家机构。请重新查找，或登记新机构。
institution-elsewhere = 该机构在{ $area }，不在您的检查范围内。请选择本辖区的机构。
institution-name-bad = 请输入机构全称：4 至 { $max } 个字，一行文字。
institution-facts-bad = 机构类型、等级或性质不正确。请点按钮重新选择。
institution-address-bad = 地址过长。请在 { $max } 个字以内重新输入。

bind-nobody = 绑定工作群限牵头部门、经办人和管理员。请让他们点群里的“绑定单位”。
bind-not-yours = 您不是{ $unit }的经办人或牵头部门，不能绑定或更改。请联系该单位经办人。
bind-no-units = 还没有可绑定的单位。请管理员先导入单位。
bind-taken = 本群已由{ $unit }绑定。请该单位经办人先解除绑定，再重新操作。
group-left = 我已不在这个群里。请先把我重新加入该群，再绑定。

pack-unknown = 没有名为 { $pack } 的方案。请用 campaign list 查看可用方案。
campaign-unknown = 没有代码为 { $code } 的专项行动。请用 campaign list 查看。
campaign-code-bad = 代码“{ $code }”不能使用。请用 2 至 40 个字母、数字或连字符。
campaign-already-open = 专项行动 { $code } 已经开启。如需再开一期，请换开始日期或代码。
campaign-broken = 方案 { $pack } 有 { $count } 处错误，不能开启。请先按提示改正工作簿。
campaign-version-missing = 找不到此专项行动的方案版本。请联系管理员。
campaign-version-broken = 此专项行动的方案已不能读取（{ $count } 处错误）。请联系管理员。
campaign-not-yours = 开启专项行动限牵头部门和管理员。请联系他们办理。
opening-no-start = 方案没有开始日期，不能推算各阶段。请先补上日期。
opening-out-of-range = 开始日期超出范围。请换一个日期。
workbook-not-found = 文件夹 { $name } 里没有工作簿。请核对路径。

import-too-big = 文件超过 { $limit } MB。请拆成几个文件分别导入。
import-format = { $name } 不是 .xlsx 或 .csv 文件。请另存为其中一种格式。
import-broken = 工作簿无法读取（{ $code }）。请在 Excel 或 WPS 中另存为 .xlsx 后重试。
import-encoding = 文件不是文本表格。请另存为 UTF-8 编码的 .csv，或直接用 .xlsx。
import-no-rows = 文件里没有数据行。请从第 2 行起填写。
import-no-column = 缺少“{ $column }”列。请在第 1 行补上该列标题。
import-empty = 不能为空，请填写
import-choice = “{ $value }”无法识别，可填：{ $allowed }
import-day = “{ $value }”不是日期，请写成 2026-09-01
import-degrees = “{ $value }”不是经纬度，请写成小数，绝对值不超过 { $limit }
import-half-place = 纬度和经度要么都填，要么都不填
import-closed-early = 停业日期早于开业日期，请核对
import-long = 超过 { $limit } 个字，请缩短
import-code = “{ $value }”不能作代码，请用不超过 32 位的字母、数字、连字符
import-twice = 代码 { $value } 在文件中重复，已取第一行，请核对
import-no-area = 没有代码为 { $code } 的地区，请先导入或补上该地区的行
import-area-parent = 上级地区不符：自治区不填上级，市、县填更高一级地区的代码
import-area-moved = 地区 { $code } 已有数据，不能改换上级，请核对代码
import-no-unit = 没有代码为 { $code } 的单位，请先导入该单位
import-no-supervisor = 该地区及其上级没有卫健条线的单位，请填写主管单位代码
import-no-campaign = 没有代码为 { $code } 的专项行动，请先开启或留空
import-no-institution = 没有代码为 { $code } 的机构，请先导入该机构
import-person-name = 请填写真实姓名，不超过 40 个字

demo-not-empty = 此系统已有专项行动，不能再装入演示数据。请换一个空的 DATA_DIR。
demo-broken = 演示数据 { $name } 第 { $row } 行有误。请重新安装程序。
demo-answer = 演示数据的 { $name } 填写有误。请重新安装程序。
