# Roles
role-organiser = organiser
role-officer = officer
role-reviewer = reviewer
role-inspector = inspector
role-liaison = institution liaison
role-custodian = custodian

# Joining by link
join-title = Join the campaign
join-name = Name: { $name }
join-unit = Unit: { $unit }
join-role = Role: { $role }
join-campaign = Campaign: { $campaign }
join-campaign-any = Campaign: all of this unit
join-ask = Please check. You can start once you confirm.
join-yes = Confirm and join
join-wrong-name = Wrong name
join-no = Do not join
join-type-name = Please type your name.
join-done = You have joined
join-already = You have already joined with this link; nothing more to do
join-declined = Not joined; the link still works
join-reopen = This button no longer works. Please open the invite link again.

invite-open = This invite can still be used. Please open the link again.
invite-unknown = This invite link is not valid or was replaced. To join, press “Ask for access”.
invite-used = This invite link has been used; each works once. To join, press “Ask for access”.
invite-expired = This invite link has expired after 7 days. To join, press “Ask for access”.
request-button = Ask for access
request-sent = { $count ->
    [one] Your request has gone to the admin. Once it is approved you will receive a new link.
   *[other] Your request has gone to { $count } people in charge. Once it is approved you will receive a new link.
}

# Inviting
invite-title = Invite somebody
invite-ask-role = What will this person be?
invite-ask-unit = Which unit? You can type part of its name.
invite-no-unit = Nothing found for “{ $part }”. Please try another word.
invite-no-units = There is no unit to invite into yet. Please import the units first.
invite-ask-name = Please type the name of the person you invite.
invite-for = { $unit } · { $role }
invite-campaign-any = Any campaign
invite-made = The invite for { $name } is in the message above. Please forward it to them.
invite-made-hint = The link works once, within 7 days. Sent it to the wrong person? Press “New link”: the old one stops working at once.
invite-renew = New link
invite-more = Invite another
invite-message = Hello { $name }, please open the link to join “{ $unit }” ({ $role }). It works once, within 7 days, for you only.
invite-renewed = The old link no longer works

# Pushes
push-joined = ✅ { $name } has joined { $unit } as { $role }.
push-access-request = { $person } asks for access. { $was }
push-access-was = Earlier invite: { $name } · { $unit } · { $role }.
push-access-new = There was no invite.
push-access-unnamed = Somebody
push-access-reissue = New link
push-access-invite = New invite
