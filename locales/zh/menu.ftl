menu-welcome =
    <b>医疗机构专项检查助手</b>
    供卫生健康、医保等单位的工作人员开展专项整治检查、汇总统计表使用。
    使用前需要本单位发给您的邀请链接：点开链接并确认即可。还没有链接，请联系本单位经办人。
menu-admin = 系统管理员
menu-acting = { $unit } · { $role }
menu-campaign = { $title }
menu-choose = 请点下面的按钮，或发送 /help
menu-no-units = 下一步：导入地区和单位（命令行 import units）。
menu-no-campaign = 下一步：开启专项行动。
menu-wait-campaign = 目前没有进行中的专项行动，开启后即可使用。
cancel-done = 已退出。没有提交的检查都已保存
cancel-nothing = 没有需要取消的操作

go-menu = 菜单
nav-back = ‹ 返回
go-start = 开始检查
go-drafts = 未完成（{ $count }）
go-mine = 我的检查
go-tables = 统计表
go-status = 状态
go-invite = 邀请人员
go-groups = 工作群
go-campaign = 专项行动
go-switch = 切换单位
go-language = 语言 Language
go-help = 帮助
go-prev = ‹ 上一页
go-next = 下一页 ›

switch-ask = 您以哪个单位、哪种身份工作？
switch-choice = { $mark }{ $unit } · { $role }

language-own-name = 中文
language-ask = 请选择语言 / Choose a language
language-done = 已切换为中文

help-title = 使用帮助
help-nobody = 点开本单位发给您的邀请链接并确认，即可使用。链接过期或已被使用，可在提示下点“申请”。
help-inspector =
    <b>检查</b>：/menu → 开始检查 → 输入机构名称、拼音首字母，或发送位置。在输入框写“@{ $bot } 人民”也能查找机构。
    逐项作答，或一次写一行：<code>4 有</code>、<code>1 20/1</code>、<code>28 有 罚0.2</code>。照片直接发送，会存到当前项。随时可离开，答案都已保存。
help-office = <b>统计表</b>：/table 查看和下载，/status 查看进度。绑定的工作群每周一 9:00 收到上周统计表。
help-organiser = <b>管理</b>：/invite 邀请人员；把机器人加入工作群，再发送 /bind 绑定单位。
help-everybody = /menu 菜单 · /cancel 退出当前操作 · /language 语言 · /help 帮助

campaign-title = 专项行动
campaign-running = 进行中：{ $title }（{ $code }，{ $from } 起）
campaign-none = 还没有开启任何专项行动。
campaign-pick = 选择要开启的方案：
campaign-no-pack = 没有其他可开启的方案。
campaign-ask-date = { $title }
    从哪一天开始？请输入日期，例如 2026-09-01。各阶段日期会随之顺延。
campaign-check = <b>{ $title }</b>
    { $from } 至 { $to }
campaign-stage = { $label }：{ $from } 至 { $to }
campaign-unresolved = 以下任务在登记的单位中找不到承担单位：
campaign-unresolved-line = { $task }：{ $selector }
campaign-open = 确认开启
campaign-other-date = 改日期
campaign-opened = 专项行动已开启
