# 文件
tables-page-footer = 第 {"{"}page{"}"} 页　共 {"{"}pages{"}"} 页
tables-missing-characters = 注：〓 代替字库中没有的字（{"{"}codes{"}"}），原字见电子表格。
tables-see-annex = （全文见续页）
tables-annex-title = 续页：备注全文
tables-continued = （续）
tables-photo-count = 照片 {"{"}count{"}"} 张
tables-colon = ：
tables-separator = 、
tables-sheet = { $table } { $period }
tables-file-name = { $area }_{ $tables }_{ $from }_{ $to }

# 手机图
tables-phone-title = { $tables } · { $period }
tables-phone-content = 内容
tables-phone-unit = 单位
tables-phone-nothing = 本期没有需要列出的数字
tables-phone-note = 只列不为零的项目，完整表见电子表格。

# 报告期
tables-days = { $from }—{ $to }
tables-day = { $month ->
    [m1] 1
    [m2] 2
    [m3] 3
    [m4] 4
    [m5] 5
    [m6] 6
    [m7] 7
    [m8] 8
    [m9] 9
    [m10] 10
    [m11] 11
   *[m12] 12
}.{ $day }
tables-period-week = 第 { $number } 周
tables-period-month = { $year } 年 { $month } 月
tables-period-to_date = 累计
tables-period-days = 所选日期
tables-title = { $period }（{ $days }）· { $area }
tables-sheet-week = 本周
tables-sheet-month = 本月
tables-sheet-to_date = 累计
tables-sheet-days = 本期

# 主要数字
tables-figure = { $label } <b>{ $value }</b>{ $unit }
tables-figure-note = { $figure }（{ $notes }）
tables-unit = { " " }{ $unit }
tables-unit-times = { " " }× { $unit }
tables-so-far = 累计 { $value }
tables-comma = ，
tables-unknown = —
tables-coverage = { $label } { $targets }（目标 { $goals }）
tables-coverage-target = { $name } <b>{ $percent }</b>
tables-percent = { $value }%
tables-top = { $label }：{ $rows }
tables-top-row = { $name } { $value }
tables-unplaced = ⚠️ 另有 { $count } 家机构按类别、等级、性质归不进表内任何一行，请核对机构信息。
tables-missed = 另有 { $count } 期未能按时发布（{ $days }），可发送 /table 查看。
tables-file-caption = { $tables } · { $days } · { $area }

# 按钮与卡片
tables-button-details = 明细
tables-button-latest = 最新数字
tables-button-picture = 图
tables-button-xlsx = xlsx
tables-button-pdf = PDF
tables-button-this_week = 本周
tables-button-last_week = 上周
tables-button-this_month = 本月
tables-button-to_date = 累计
tables-mark = ● { $label }
tables-group = <b>{ $group }</b>
tables-row = { $label } { $value }
tables-row-of = { $label } { $inspected }/{ $registered }
tables-legend = （已查/总数）
tables-all-zero = 本期各项均为 0。
tables-as-of = 数据截至 { $at }
tables-none = 现在没有正在进行的专项行动。
tables-queued = 正在生成，马上发到这里
tables-no-change = 发布之后没有新的提交或更正
tables-refreshed = 数字有更新，正在重新发布
tables-refused = 您没有查看统计表的权限。如有需要，请向本单位经办人索取邀请链接。
tables-refused-area = 您不在{ $area }专班，不能查看这里的数字。如需权限，请联系管理员。
tables-group-unbound = 本群还没有绑定单位。请牵头部门或经办人发送 /bind 绑定，然后再发 /table。
tables-details-title = <b>{ $table } · { $period }（{ $days }）· { $area }</b>
tables-details-ask = 点一行，看是哪些检查记录：
tables-details-none = 本期各项均为 0，没有记录。
tables-records-title = <b>{ $label }</b> { $value } { $unit }
tables-records-count = 共 { $count } 条记录
tables-record = { $day } { $name }（{ $code }）· { $kind } { $id }号 · { $amount }
tables-record-inspection = 检查
tables-back = ‹ 返回

# 进展
tables-status-title = <b>{ $campaign } · { $area }</b>
tables-status-stage = 阶段：{ $stage }（{ $days }）
tables-status-week = 本周（{ $days }）：已提交 { $submitted } 份，未完成 { $drafts } 份
tables-status-goals = 覆盖率（目标 { $goals }）
tables-status-area = { $area }　{ $targets }
tables-status-own = { $area }本级
tables-status-target = { $name } { $inspected }/{ $registered } { $percent }
tables-status-last = 上次发布：{ $at }
tables-status-next = 下次发布：{ $at }
tables-status-at = { $date } { $time }
tables-button-status = 进展
tables-button-tables = 统计表

# 拒绝与差错
table-unknown = 没有这张表。请发送 /table 重新选择，或核对表的编号。
tables-link-bad = 此链接不完整。请回到群里重新点“明细”。
