# 检查：卡片、按钮、提示

inspection-head = 检查 · { $place }
inspection-kinds = （{ $kinds }）
value-files = { $count } 个文件
value-photos = { $count } 张

# 标点
pair = { $name }：{ $value }
list-comma = 、
clause-comma = ，

go-back = ‹ 上一项
go-remark = 备注
go-photo = 照片
go-contents = 目录
go-on = 继续 ›
go-skip = 跳过 ›
go-clear = 清除
go-continue = 继续检查 ›
go-review = 提交前核对
go-share = 邀请同行人
go-later = 先放下
go-each = 逐项填写
go-submit = 提交
go-drop = 作废
go-drop-yes = 确认作废
go-drop-no = ‹ 返回
go-papers = 重新发送检查表
go-correct = 更正
go-correct-drop = ‹ 不改了
go-begin-section = ▶ 开始：只点有问题的
go-begin-each = 开始：逐项检查
go-other-institution = 换一家机构

option-sample-clean = 抽查 { $count } 人 · 无违法违规
option-sample-found = 抽查 { $count } 人 · 有违法违规
option-today = 今天 { $day }
option-yesterday = 昨天 { $day }
option-before = 前天 { $day }

ask-integer = 点选，或直接输入数字
ask-sample = 点选，或直接输入：20/1 ＝ 抽查 20 人，违法违规 1 人；不足 20 人的写实际人数
ask-decimal = 请输入数字，例如 0.2
ask-text = 请输入文字
ask-date = 点选，或输入日期，例如 2026-11-16
ask-image = 请发送照片，可一次发多张。发完点“继续”
ask-file = 请发送文件。发完点“继续”
ask-geopoint = 请发送位置，或输入“纬度 经度”
ask-select-multiple = 可多选，选好点“继续”

section-ask = 本部分 { $count } 问：只点有问题的，再确认其余。
section-marked = 已选：{ $items }
section-confirm = 其余 { $count } 问已逐项检查，未发现问题 ✓
section-confirm-all = { $count } 问已逐项检查，均未发现问题 ✓

contents-legend = ✓ 未发现　● 有问题　◐ 未填完　○ 未检查。点编号可直接跳到该项。

review-title = 提交前核对
review-figures =
    { $kind } · { $day }
    已检查 { $checked } / { $total } 项，有情况 <b>{ $found }</b> 项
review-confirmed = 其中 { $confirmed } 项由“已逐项检查，未发现问题”一并确认
review-missing = <b>还缺 { $count } 项</b>，点按钮直接去填：
review-ready = 各项已填齐，可以提交。
review-gone = 有 { $count } 个答案因前面改动不再适用，已保留，不会提交。
drop-ask = 确认作废 { $place } 的这次检查？已填 { $done } / { $total } 项。
drop-done = 这次检查已作废

done-title = 检查已提交 · 编号 { $number }
done-corrected = 检查已更正 { $times } 次 · 编号 { $number }
done-sign = 检查表已发到下方。请打印签字，再把签字后的照片发给我，会存入这次检查。
done-signed = 已存签字照片 { $count } 张 ✓
done-correct = 填错了？点“更正”，或输入：改第 4 项。

correct-title = 更正检查记录（原记录保留）
correct-choose = 请选择要更正的项，或直接输入，例如：4 无
correct-change = 第 { $item } 项 { $what }：{ $before } → <b>{ $after }</b>
correct-why = 请输入更正原因（必填），发送后立即生效。

pick-campaign = 请选择专项行动：
setup-text =
    { $campaign }
    <b>{ $institution }</b>
    { $address }

    检查方式：<b>{ $kind }</b>　{ $day }
    检查人：{ $inspector }
list-drafts = 未完成的检查，点一下接着填：
list-drafts-none = 没有未完成的检查。
list-mine = 最近提交的检查：
list-mine-none = 还没有提交过检查。

notice-saved = 已存 ✓ { $count } 项
notice-photos = { $item } 号项 照片 { $count } 张已存 ✓
notice-photos-here = 照片 { $count } 张已存 ✓
notice-line = ⚠️ { $text }
notice-converted = 第 { $item } 项：{ $typed } 已按 { $value } 记录
notice-side-saved = 第 { $item } 项备注已存 ✓
notice-too-big = ⚠️ 文件超过 20 MB，已登记但未能保存原件，请发一段短些的。
notice-edited = ⚠️ 修改已发出的消息不会改动答案。请重新发送，例如：4 无
notice-signed = 签字照片已存 ✓
notice-corrected = 已更正 ✓ 原记录保留，统计表已按新结果计算。
notice-correct-how = 要更正，请输入：改第 4 项；或直接输入：4 无
notice-photo-where = 请先打开一次检查，再发送照片。
notice-resumed = 这家机构有一次未完成的检查，接着填。
notice-joined = 您已加入这次检查。
notice-refused-does-not-fit = ⚠️ 第 { $item } 项没有“{ $text }”这一栏，未记录，其余已存。
notice-refused-contradicts = ⚠️ 第 { $item } 项：“{ $text }”与所选结果不符，未记录，其余已存。
notice-refused-not-understood = ⚠️ 第 { $item } 项：没看懂“{ $text }”，请按 4 有 或 1 20/1 的格式输入。
notice-refused-unknown-item = ⚠️ 没有第 { $item } 项，请核对编号。
notice-refused-which-item = ⚠️ 第 { $item } 项分几小项，请写明，例如 6a、6b。
notice-refused-computed = ⚠️ 第 { $item } 项由系统合计，不用填写。
notice-refused-no-item = ⚠️ 没看到项号：“{ $text }”。请在前面加上编号，例如 4 有。

answer-refused = { $where }：{ $why }
answer-refused-item = 第 { $item } 项：{ $why }
answer-refused-part = 第 { $item } 项 { $part }：{ $why }
answer-not-a-number = 请输入数字。
answer-out-of-range = 数字过大或过小，请核对后重新输入。
answer-constraint = 这个数不符合要求，请核对后重新输入。
answer-required = 请先回答这一项。
answer-not-a-choice = 请从给出的选项中选择。
answer-bad-date = 请输入日期，例如 2026-11-16。
answer-too-long = 文字过长，请控制在 4096 字以内。
answer-read-only = 这一项由系统计算，不用填写。
answer-not-relevant = 按现有答案，这一项不用填写。
answer-not-a-file = 请发送照片或文件。
answer-too-many-files = 文件过多，最多 { $most } 个。

toast-newer = 这一项刚由{ $name }填为“{ $value }”，未改动。如需修改，请再点一次。
toast-section-changed = 同行人刚改过这一部分，请看清后再确认。
toast-confirmed = 已确认 { $count } 项未发现问题
toast-not-asked = 按现有答案，这一项不用填写
toast-missing = 还缺 { $count } 项，请先补齐
toast-submitted = 已提交 ✓
toast-papers = 检查表马上发到下方
toast-shared = 链接已发到下方，请转发给同行人
toast-stray-gone = 这条已归项

share-text =
    请把这条链接转发给同单位的同行人，对方点开即可共同填写这次检查：
    { $link }
papers-caption = 请打印签字，再把签字后的照片发回来。

stray-ask =
    <b>未归项 { $count } 条</b>：不能确定属于哪一项，还没有记入。
    { $said }
    请选它属于哪一项：
stray-said = “{ $text }”
stray-photo = 〔照片〕
stray-item = 算第 { $item }
stray-drop = 不用了
stray-none = 未归项都已处理 ✓

inspection-role = 您还不是检查人，不能开展检查。请向本单位经办人要邀请链接。
inspection-missing = 没有找到这次检查，请发送 /menu 重新打开。
inspection-not-yours = 这次检查不属于您的单位，不能打开。如需参与，请联系检查人。
inspection-submitted = 这次检查已提交；如需改动，请用“更正”。
inspection-draft = 这次检查还没有提交，直接修改即可。
inspection-cancelled = 这次检查已作废，请发送 /menu 重新开始。
inspection-revision = 检查已有新的内容，请看最新页面。
kind-unknown = 没有这种检查方式，请重新选择。
campaign-closed = 这个专项行动已结束，请发送 /menu 选择其他行动。
no-open-campaign = 目前没有进行中的专项行动，请联系牵头部门。
reason-missing = 请写明更正原因。
correction-incomplete = 更正后还有 { $count } 项没填齐，请先补齐。

paper-reference = 编号 { $number }　第 { $version } 版
paper-sheet = 检查表
paper-file = 检查表-{ $number }-{ $day }-第{ $version }版

answer-bad-place = 请发送位置，或输入“纬度 经度”，例如 24.33 109.42
answer-not-whole = 请输入整数。
answer-too-precise = 小数位过多，请核对后重新输入。
answer-unknown = 没有这一项，请发送 /menu 重新打开。
