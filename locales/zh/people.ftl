# 角色
role-organiser = 牵头部门
role-officer = 经办人
role-reviewer = 审核人
role-inspector = 检查人
role-liaison = 机构联络人
role-custodian = 保密专员

# 通过链接加入
join-title = 加入专项整治
join-name = 姓名：{ $name }
join-unit = 单位：{ $unit }
join-role = 身份：{ $role }
join-campaign = 专项行动：{ $campaign }
join-campaign-any = 专项行动：本单位全部
join-ask = 请核对。确认后即可使用。
join-yes = 确认加入
join-wrong-name = 姓名不对
join-no = 不加入
join-type-name = 请输入您的姓名。
join-done = 已加入
join-already = 您已用此链接加入过，无需重复加入
join-declined = 未加入；链接仍然有效
join-reopen = 此按钮已失效，请重新点开邀请链接。

invite-open = 此邀请仍可使用，请重新点开链接。
invite-unknown = 此邀请链接无效或已更换。如需加入，请点“申请”。
invite-used = 此邀请链接已被使用，每条链接限用一次。如需加入，请点“申请”。
invite-expired = 此邀请链接已过期，有效期为 7 天。如需加入，请点“申请”。
request-button = 申请
request-sent = { $count ->
    [one] 申请已转交管理员，批准后您会收到新的链接。
   *[other] 申请已转交 { $count } 位管理人员，批准后您会收到新的链接。
}

# 邀请
invite-title = 邀请人员
invite-ask-role = 邀请的人担任什么身份？
invite-ask-unit = 加入哪个单位？可输入名称的一部分查找。
invite-no-unit = 没有找到“{ $part }”，请换个词再试。
invite-no-units = 还没有可邀请的单位，请先导入单位。
invite-ask-name = 请输入被邀请人的姓名。
invite-for = { $unit } · { $role }
invite-campaign-any = 不限专项行动
invite-made = 给 { $name } 的邀请已生成，见上一条消息，请转发给本人。
invite-made-hint = 链接 7 天内有效，限用一次。发错了就点“换新链接”，旧链接立即作废。
invite-renew = 换新链接
invite-more = 再邀请一位
invite-message = { $name }，您好：请点开链接加入“{ $unit }”（{ $role }）。7 天内有效，限本人使用一次。
invite-renewed = 旧链接已作废

# 推送
push-joined = ✅ { $name } 已加入 { $unit }，身份：{ $role }。
push-access-request = { $person } 申请加入。{ $was }
push-access-was = 原邀请：{ $name } · { $unit } · { $role }。
push-access-new = 没有附带邀请。
push-access-unnamed = 一位用户
push-access-reissue = 换新链接
push-access-invite = 新建邀请
