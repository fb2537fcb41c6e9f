groups-title = 工作群
groups-none = 机器人还不在任何工作群里。
groups-hint = 先把机器人加入工作群，再在这里绑定单位。
groups-add = 加入工作群
groups-choice = { $title } · { $state }
groups-unbound = 未绑定

group-hello = 我是专项检查助手。绑定单位后，每周一 9:00 在本群发布上周统计表。
group-hello-bind = 请牵头部门或经办人点“绑定单位”，在私聊中确认。
group-bound-to = 本群已绑定：{ $unit }（{ $purposes }）
group-commands = /table 统计表 · /status 进度。个人事项请在私聊中办理。
group-ask-pin = 请群管理员给我“置顶消息”权限，以便置顶当期统计表。
group-bind = 绑定单位
group-private = 打开私聊
group-topic = 换话题：在目标话题里发送 /bind。

purpose-tables = 统计表
purpose-reminders = 提醒
purposes-separator = 、

bind-title = 绑定工作群：{ $title }
bind-ask-unit = 绑定到哪个单位？可输入名称的一部分查找。
bind-no-unit = 没有找到“{ $part }”，请换个词再试。
bind-ask-purposes = { $unit }：本群接收什么？点选后确认。
bind-topic = 消息发到您发送 /bind 的那个话题。
bind-now = 目前绑定：{ $unit }（{ $purposes }）
bind-ok = 确认绑定
bind-release = 解除绑定
bind-done = 已绑定，群里已通知
bind-released = 已解除绑定
bind-moved = 本群的消息改发到此话题。
bind-moved-general = 本群的消息改发到主话题。
bind-pick-one = 请至少选一项；不再接收请点“解除绑定”

push-group-added = 我已加入工作群“{ $title }”。要把它绑定到您的单位吗？绑定后每周一 9:00 发布上周统计表。
push-group-bound = ✅ 本群已绑定：{ $unit }（{ $purposes }）。每周一 9:00 在这里发布上周统计表。
push-group-removed = 我已被移出工作群“{ $title }”，{ $unit } 的统计表不会再发到那里。绑定仍保留：把我重新加入即可恢复。
